from __future__ import annotations

from pathlib import Path

import pytest

from ldm_nodes.cli.arguments import parse
from ldm_nodes.cli.model_paths import extra_folders, read_model_paths
from ldm_nodes.cli.serve import access_of, empty, retention_of, run
from ldm_nodes.cli.serve_options import OPTIONS, BadConfiguration, forget_tokens, layered
from ldm_nodes.jobs.retention import Retention
from ldm_nodes.settings import ExtraFolder, Folders


def test_what_is_typed_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ldm_nodes.toml").write_text('port = 1\nlisten = "localhost"\ntoken = "from-file"')
    for name, value in {"PORT": "2", "TOKEN": "from-environment", "OTHER": "x"}.items():
        monkeypatch.setenv(f"LDM_NODES_{name}", value)
    arguments = parse(["serve", "--base-dir", str(tmp_path), "--port", "3"])
    assert (arguments.port, arguments.token, arguments.listen) == (3, "from-environment", "localhost")


def test_options_that_come_many_times_are_lists_in_the_file_and_between_commas_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "options.toml"
    path.write_text('models_dir = ["/a", "/b"]\n[user]\nanna = "one"\nbert = "two"')
    monkeypatch.setenv("LDM_NODES_ALLOW_HOST", "x.test,y.test")
    monkeypatch.setenv("LDM_NODES_CONFIG", str(path))
    arguments = parse(["serve"])
    assert arguments.models_dirs == [Path("/a"), Path("/b")]
    assert arguments.users == ["anna=one", "bert=two"]
    assert arguments.hosts == ["x.test", "y.test"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("port = ", "not TOML"),
        ("ports = 1", "no option 'ports'"),
        ("port = [1]", "takes a text"),
        ("port = true", "takes a"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "ldm_nodes.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=complaint):
        layered(["--base-dir", str(tmp_path)], {})


@pytest.mark.parametrize(("text", "allowed"), [("true", True), ("false", False), ("1", True)])
def test_flags_are_true_or_false(tmp_path: Path, text: str, allowed: bool) -> None:
    (tmp_path / "ldm_nodes.toml").write_text(f"allow_downloads = {text}")
    assert parse(["serve", "--base-dir", str(tmp_path)]).allow_downloads is allowed


def test_tokens_do_not_stay_in_the_environment() -> None:
    environment = {"LDM_NODES_TOKEN": "x", "LDM_NODES_USER": "anna=y", "LDM_NODES_PORT": "1", "PATH": "z"}
    assert "--token=x" in layered([], environment)
    forget_tokens(environment)
    assert environment == {"LDM_NODES_PORT": "1", "PATH": "z"}


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="cannot be read"):
        layered(["--config", str(tmp_path / "nothing.toml")], {})


def test_every_option_is_one_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["serve", "--help"])
    offered = {
        word.strip("[],").lstrip("-") for word in capsys.readouterr().out.split() if word.strip("[,").startswith("--")
    }
    assert offered - {"help", "json"} == OPTIONS


@pytest.mark.parametrize(
    "users",
    [
        ["default=x"],
        ["Default=x"],
        ["con=x"],
        ["anna=x", "bert=x"],
        ["anna=x", "Anna=y"],
        ["änna=x"],
        ["anna/b=x"],
        ["anna="],
    ],
)
def test_names_of_users_are_names_of_folders_on_every_system(users: list[str]) -> None:
    with pytest.raises(BadConfiguration, match="--user"):
        access_of(parse(["serve", *(f"--user={user}" for user in users)]))


def test_what_is_kept_and_how_much_may_be_sent_are_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert retention_of(parse(["serve", "--base-dir", str(tmp_path)])) == Retention()
    (tmp_path / "ldm_nodes.toml").write_text('keep-days = 30\nkeep-size = "512M"\nupload-quota = "10G"')
    monkeypatch.setenv("LDM_NODES_KEEP_EVENTS", "7")
    arguments = parse(["serve", "--base-dir", str(tmp_path), "--keep-jobs", "5"])
    assert retention_of(arguments) == Retention(jobs=5, days=30, size=512 << 20, events=7)
    assert (arguments.upload_quota, arguments.userdata_quota) == (10 << 30, 1 << 30)


@pytest.mark.parametrize(
    "wrong", ["--keep-jobs=-1", "--keep-jobs=x", "--keep-days=nan", "--keep-days=-1", "--upload-quota=lots"]
)
def test_limits_are_numbers(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["serve", wrong])
    assert "expected" in (told := capsys.readouterr().err) or "whole number" in told


def test_who_may_come_in_follows_from_the_options() -> None:
    access = access_of(parse(["serve", "--public-url", "https://Pictures.Example/ldm/", "--user", "anna=secret"]))
    assert access.hosts == {"pictures.example"}
    assert access.origins == {"https://pictures.example"}
    assert access.tokens == {"secret": "anna"}
    assert not access.addresses
    for wrong in (["--public-url", "pictures.example"], ["--user", "anna"], ["--user", "../x=secret"]):
        with pytest.raises(BadConfiguration):
            access_of(parse(["serve", *wrong]))


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given in (["--tls-certfile", str(tmp_path / "no.pem")], ["--tls-keyfile", str(tmp_path / "no.pem")]):
        assert run(parse(["serve", "--base-dir", str(tmp_path / "base"), *given])) == 2
        assert "--tls-certfile" in capsys.readouterr().err
    assert not (tmp_path / "base").exists()


def test_model_paths_are_read_in_comfyuis_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS", str(tmp_path / "big"))
    path = tmp_path / "extra_model_paths.yaml"
    path.write_text(
        "one:\n  base_path: $MODELS\n  is_default: true\n  checkpoints: ckpt\n  loras: |\n    lora1\n    lora2\n"
        "two:\n  clip: encoders\n  custom_nodes: packs\nthree:\n"
    )
    assert read_model_paths(path) == [
        ExtraFolder("checkpoints", tmp_path / "big" / "ckpt", first=True),
        ExtraFolder("loras", tmp_path / "big" / "lora1", first=True),
        ExtraFolder("loras", tmp_path / "big" / "lora2", first=True),
        ExtraFolder("text_encoders", tmp_path / "encoders"),
        ExtraFolder("custom_nodes", tmp_path / "packs"),
    ]
    assert extra_folders(tmp_path, [], []) == tuple(read_model_paths(path))


def test_models_are_found_in_extra_folders(tmp_path: Path) -> None:
    for name in ("models/loras/a.safetensors", "first/a.safetensors", "last/a.safetensors", "last/b.safetensors"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    extra = (ExtraFolder("loras", tmp_path / "last"), ExtraFolder("loras", tmp_path / "first", first=True))
    folders = Folders(tmp_path, tmp_path / "output", tmp_path / "input", tmp_path / "temp", extra=extra)
    assert folders.names("loras") == ("a.safetensors", "b.safetensors")
    assert folders.find("loras", "a.safetensors").read_text() == "first/a.safetensors"
    assert folders.find("loras", "b.safetensors").read_text() == "last/b.safetensors"


def test_only_what_is_in_the_folder_of_temporary_files_is_deleted(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    temp = tmp_path / "temp"
    (temp / "folder").mkdir(parents=True)
    (temp / "folder" / "file").write_text("")
    (temp / "link").symlink_to(outside)
    empty(temp)
    assert list(temp.iterdir()) == []
    assert (outside / "kept").exists()
    empty(tmp_path / "nowhere")
