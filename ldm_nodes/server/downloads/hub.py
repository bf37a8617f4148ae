"""The hub: which files a repository has, how large they are, what they hash to, and where they are fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .errors import Broken, Refused
from .gate import Gate
from .source import HubFile, Remote, parse_url
from .target import SAFE_SUFFIXES

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

LISTED = 8


@dataclass(frozen=True)
class Hub:
    """Asks the hub by its own library, which is loaded when it is needed, and fetches nothing by it.

    Attributes:
        endpoint: its address; empty for the library's: the public hub, or `HF_ENDPOINT`.
    """

    endpoint: str = ""

    def locate(self, source: HubFile, gate: Gate, patience: float) -> Remote:
        """Find a file as it is now: by the commit that its revision is at, which nobody can change.

        Args:
            source: which file.
            gate: decides whether the hub may be reached.
            patience: seconds to wait for an answer.

        Raises:
            Refused: when there is no such file, or it is not for everyone.
            Broken: when the hub cannot be reached.
        """
        from huggingface_hub import constants, get_token, hf_hub_url

        endpoint = (self.endpoint or constants.ENDPOINT).rstrip("/")
        gate.check(parse_url(endpoint))
        gate.resolve(parse_url(endpoint))
        info = _ask(endpoint, source, patience)
        files = {file.rfilename: file for file in info.siblings or ()}
        name = source.file or _only(source.repo, files)
        if name not in files:
            raise Refused(f"{source.repo} has no file {name[:80]!r}. {_listed(files)}")
        url = hf_hub_url(source.repo, name, revision=info.sha, endpoint=endpoint)
        token = get_token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Remote(parse_url(url), PurePosixPath(name).name, *_known(files[name]), headers)


def _ask(endpoint: str, source: HubFile, patience: float) -> ModelInfo:
    from huggingface_hub import HfApi, errors

    api = HfApi(endpoint=endpoint, library_name="ldm_nodes")
    # What the library's HTTP client raises is among the bases of its own error, whichever client it is built on.
    kinds = [kind for kind in errors.HfHubHTTPError.__mro__ if issubclass(kind, Exception) and kind is not Exception]
    failures: tuple[type[Exception], ...] = (*kinds, ValueError)
    try:
        return api.model_info(source.repo, revision=source.revision or None, files_metadata=True, timeout=patience)
    except errors.GatedRepoError as error:
        raise Refused(f"{source.repo} is not for everyone: accept its licence on the hub and sign in there.") from error
    except errors.RepositoryNotFoundError as error:
        raise Refused(f"The hub has no repository {source.repo}, or shows it only to those who signed in.") from error
    except errors.RevisionNotFoundError as error:
        raise Refused(f"{source.repo} has no revision {source.revision!r}.") from error
    except errors.HFValidationError as error:
        raise Refused(f"{source.repo!r} cannot be a repository: {' '.join(str(error).split())}") from error
    except failures as error:
        raise Broken(f"The hub cannot be asked for {source.repo} ({type(error).__name__}).") from error


def _only(repo: str, files: Mapping[str, RepoSibling]) -> str:
    """Return the one file that a repository can mean."""
    found = [name for name in files if PurePosixPath(name).suffix.lower() in SAFE_SUFFIXES]
    if len(found) == 1:
        return found[0]
    raise Refused(f"Say which file of {repo} is meant, as in {repo}:FILE. {_listed(found or files)}")


def _listed(names: Mapping[str, RepoSibling] | list[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - LISTED} more" if len(found) > LISTED else ""
    return f"It has {', '.join(found[:LISTED])}{more}." if found else "It is empty."


def _known(file: RepoSibling) -> tuple[str, int | None]:
    """Return the hash and the size of a file, as far as the hub keeps them: the hash only of large ones."""
    return (file.lfs.sha256.lower(), file.lfs.size) if file.lfs else ("", file.size)
