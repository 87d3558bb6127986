"""The lines of PostgreSQL's log that tell a reader something: promoted, demoted, replication lost, refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chaoskit.clock import NS

MOST_LINES = 40
"""Kinds of lines of one node; a server in trouble repeats itself."""
LINE = re.compile(
    r"^((?P<got>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*)Z )?"
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) \w+ \[\d+\] "
    r"(?P<process>.+?) \S{5} (?P<level>[A-Z]+):  (?P<text>.*)$"
)  # as log_line_prefix = '%m [%p] %b %e ' writes it, in UTC; before it when a container engine got it, if one did
TELLING = re.compile(
    "received promote request|selected new timeline|ready to accept connections|not properly shut down"
    "|entering standby mode|received (fast|smart|immediate) shutdown|database system is shut down"
    "|started streaming WAL|restarted WAL streaming|replication terminated|could not receive data from WAL stream"
    "|could not connect to the primary|terminating wal(receiver|sender)|on standby connection"
    "|too many clients|remaining connection slots|canceling wait for synchronous replication|conflict with recovery"
    "|No space left|could not (write|extend|fsync)|out of memory|was terminated by signal|crash of another server"
)
SECRET = re.compile(r"(password\s*=\s*)('[^']*'|\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One kind of line.

    Attributes:
        wall_ns: When it was first written, in ns since 1970; by the clock of the engine that got it, where one did,
            for the server's own may be wrong.
        text: What it says, without time and pid.
        times: How often it, or another that differs by figures alone, was written.
    """

    wall_ns: int
    text: str
    times: int


def telling(log: str, since_ns: int, until_ns: int) -> tuple[LogLine, ...]:
    """The lines worth seeing of a log, by first appearance; times in ns since 1970."""
    kinds: dict[str, LogLine] = {}
    for wall_ns, text in _lines(log):
        if since_ns <= wall_ns <= until_ns:
            kind = re.sub(r"[\dA-F]+", "#", text)
            held = kinds.get(kind)
            first_ns, first, times = (wall_ns, text, 0) if held is None else (held.wall_ns, held.text, held.times)
            kinds[kind] = LogLine(wall_ns=first_ns, text=first, times=times + 1)
    return tuple(kinds.values())[:MOST_LINES]


def _lines(log: str) -> Iterator[tuple[int, str]]:
    for line in log.splitlines():
        found = LINE.match(line)
        if found is not None and (TELLING.search(found["text"]) or found["level"] == "PANIC"):
            text = SECRET.sub(r"\1…", found["text"])
            if (wall_ns := _wall_ns(found["got"] or found["at"])) is not None:
                yield wall_ns, f"{found['process']}: {text}"


def _wall_ns(stamp: str) -> int | None:
    """None: digits that are no time, so it was not the server that wrote them."""
    second, _, fraction = stamp.partition(".")
    try:
        at = datetime.fromisoformat(second).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(at.timestamp()) * NS + int(fraction[:9].ljust(9, "0"))
