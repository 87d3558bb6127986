"""Markdown that other people's text cannot break out of, and that fits where it must."""

import re
from collections.abc import Iterator, Sequence

from chaoskit.report.figures import printable

MOST_BYTES = 1 << 20  # a job summary that is longer is thrown away whole
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#!&@])")


def plain(text: str) -> str:
    """``text`` on one line, each character as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split())).replace("\\@", "&#64;").replace("\\&", "&amp;")


def code(text: str) -> str:
    """``text`` as code on one line; where it holds a backtick, as plain text."""
    short = " ".join(printable(text).split())
    return f"`{short}`" if short and "`" not in short and "|" not in short else plain(short)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; the cells are Markdown already."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def fenced(text: str, language: str = "") -> Iterator[str]:
    """Yield ``text`` as a block that it cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from (printable(line) for line in text.splitlines())
    yield fence


def document(lines: Sequence[str], *, most_bytes: int = MOST_BYTES) -> str:
    """Join lines; what does not fit is cut off at a line, and the last line says how much that was."""
    whole = "\n".join(lines) + "\n"
    if len(whole.encode()) <= most_bytes:
        return whole
    kept: list[str] = []
    left = most_bytes - 200  # for the last line
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            break
        kept.append(line)
    cut = f"**Cut here:** {len(lines) - len(kept)} of {len(lines)} lines did not fit into {most_bytes:,} bytes."
    return "\n".join([*kept, "", cut]) + "\n"
