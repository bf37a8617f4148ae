"""Nodes that look for patterns in texts, within a time limit."""

from __future__ import annotations

import re
from typing import Annotated

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Int, String
from ..engine.spec import node
from .bounded_regex import BadPattern, ask
from .runtime import Runtime

Text = Annotated[str, String(multiline=True)]
Flag = Annotated[bool, Boolean()]
OptionalFlag = Annotated[bool, Boolean(optional=True)]
MODES = ("First Match", "All Matches", "First Group", "All Groups")


def _flags(case_insensitive: bool, multiline: bool, dotall: bool) -> int:
    chosen = ((case_insensitive, re.IGNORECASE), (multiline, re.MULTILINE), (dotall, re.DOTALL))
    return sum(int(flag) for on, flag in chosen if on)


@node("RegexMatch", category="utils/string", display_name="Regex Match", outputs=("matches",))
def regex_match(
    string: Text,
    regex_pattern: Text,
    case_insensitive: Flag = True,
    multiline: Flag = False,
    dotall: Flag = False,
    *,
    context: Context[Runtime],
) -> bool:
    """Tell whether a pattern is found in a text; what is no pattern is found nowhere.

    Args:
        string: the text.
        regex_pattern: a regular expression of Python.
        case_insensitive: large and small letters are the same.
        multiline: ^ and $ mean the ends of lines.
        dotall: a dot may be the end of a line.
    """
    flags = _flags(case_insensitive, multiline, dotall)
    try:
        return bool(ask("match", pattern=regex_pattern, flags=flags, text=string))
    except BadPattern as error:
        context.notice(_no_pattern(regex_pattern, error))
        return False


@node("RegexExtract", category="utils/string", display_name="Regex Extract")
def regex_extract(
    string: Text,
    regex_pattern: Text,
    mode: Annotated[str, Choice(MODES)] = "First Match",
    case_insensitive: Flag = True,
    multiline: Flag = False,
    dotall: Flag = False,
    group_index: Annotated[int, Int(min=0, max=100)] = 1,
    *,
    context: Context[Runtime],
) -> str:
    """Take what a pattern finds out of a text, one find a line; what is no pattern finds nothing.

    Args:
        string: the text.
        regex_pattern: a regular expression of Python.
        mode: the first find or all of them, whole or one group of each.
        case_insensitive: large and small letters are the same.
        multiline: ^ and $ mean the ends of lines.
        dotall: a dot may be the end of a line.
        group_index: which group; 0 is the whole find.
    """
    flags = _flags(case_insensitive, multiline, dotall)
    try:
        return str(ask("extract", pattern=regex_pattern, flags=flags, text=string, mode=mode, group=group_index))
    except BadPattern as error:
        context.notice(_no_pattern(regex_pattern, error))
        return ""


@node("RegexReplace", category="utils/string", display_name="Regex Replace")
def regex_replace(
    string: Text,
    regex_pattern: Text,
    replace: Text,
    case_insensitive: OptionalFlag = True,
    multiline: OptionalFlag = False,
    dotall: OptionalFlag = False,
    count: Annotated[int, Int(optional=True, min=0, max=100)] = 0,
) -> str:
    """Replace what a pattern finds in a text.

    Args:
        string: the text.
        regex_pattern: a regular expression of Python.
        replace: what comes in its place; a backslash and a number stand for a group.
        case_insensitive: large and small letters are the same.
        multiline: ^ and $ mean the ends of lines.
        dotall: a dot may be the end of a line.
        count: how many finds are replaced; 0 is all.
    """
    flags = _flags(case_insensitive, multiline, dotall)
    try:
        return str(ask("replace", pattern=regex_pattern, flags=flags, text=string, replace=replace, count=count))
    except BadPattern as error:
        expected = "a regular expression, and a replacement that names its groups"
        raise InputError(
            "regex_pattern", received=f"{regex_pattern[:80]!r} with {replace[:80]!r} ({error})", expected=expected
        ) from error


def _no_pattern(pattern: str, error: BadPattern) -> str:
    return f"{pattern[:80]!r} is no regular expression ({error}), so nothing was found."
