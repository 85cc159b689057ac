"""Names that a format cannot hold, mangled so that they can be read back.

A mangled file says so in its head; only then does a reader turn names back, so that a foreign file's names are
never touched. A character that cannot stand is written ``{hex}``; where no name of the file has parentheses,
brackets are written as parentheses, which every solver reads: ``x[a,b]`` becomes ``x(a,b)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEAD = "Names: {hex} stands for a character"
HEAD_BRACKETS = "Names: () stand for []"

_ESCAPE = re.compile(r"\{(#?[0-9a-f]*)\}")
_SWAP = str.maketrans("[]", "()")
_SWAP_BACK = str.maketrans("()", "[]")


@dataclass(frozen=True, slots=True)
class Mangled:
    """Names as written, one for one, and the lines of the head that say how to read them back."""

    columns: list[str]
    rows: list[str]
    head: list[str]


def mangle(
    columns: Sequence[str], rows: Sequence[str], *, bad: re.Pattern[str], refused: Callable[[str], bool]
) -> Mangled:
    """Return names that the format can hold.

    ``bad`` matches one character that cannot stand in a name; ``refused`` says that a name of good characters
    cannot stand, in which case its first character is escaped.
    """
    every = [*columns, *rows]
    text = "\n".join(every)
    brackets = ("[" in text or "]" in text) and "(" not in text and ")" not in text
    swapped = [name.translate(_SWAP) for name in every] if brackets else every
    escaping = re.compile(rf"(?:{bad.pattern})|[{{}}]")
    used: set[tuple[bool, str]] = set()
    made: list[str] = []
    escaped = False
    for k, name in enumerate(swapped):
        written = escaping.sub(_escape, name) if escaping.search(name) else name
        if not written:
            written = "{}"
        elif refused(written):
            written = _escape_text(written[0]) + written[1:]
        kind = k < len(columns)
        base, count = written, 0
        while (kind, written) in used:
            count += 1
            written = f"{base}{{#{count:x}}}"
        used.add((kind, written))
        escaped = escaped or written != name
        made.append(written)
    head = [HEAD] if escaped else []
    if brackets:
        head.append(HEAD_BRACKETS)
    return Mangled(made[: len(columns)], made[len(columns) :], head)


def unmangler(comments: Sequence[str]) -> Callable[[str], str] | None:
    """Return what turns a written name back, given a file's leading comments; None where nothing was mangled."""
    said = {comment.strip() for comment in comments}
    escaped, brackets = HEAD in said, HEAD_BRACKETS in said
    if not (escaped or brackets):
        return None

    def original(name: str) -> str:
        if brackets:
            name = name.translate(_SWAP_BACK)
        return _ESCAPE.sub(_unescape, name) if escaped and "{" in name else name

    return original


def _escape(match: re.Match[str]) -> str:
    return _escape_text(match.group())


def _escape_text(text: str) -> str:
    return "".join(f"{{{ord(c):x}}}" for c in text)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    return "" if not code or code.startswith("#") else chr(int(code, 16))
