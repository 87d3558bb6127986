"""What PostgreSQL's tools say of a data directory, read from their English words."""

import re

SHUT_DOWN = frozenset(["shut down", "shut down in recovery"])

_DIVERGED = re.compile(r"servers diverged at WAL location ([0-9A-F]+/[0-9A-F]+)")


def shut_down(control: str) -> bool:
    """Whether the server was shut down cleanly; ``control`` is what pg_controldata wrote."""
    return _value(control, "Database cluster state") in SHUT_DOWN


def last_position(control: str) -> int | None:
    """The last position, in bytes, that a cleanly shut down server knows of; None: it does not say."""
    words = [_value(control, key) for key in ("Latest checkpoint location", "Minimum recovery ending location")]
    return max((_bytes(word) for word in words if word), default=None)


def beyond_fork(control: str, said: str) -> int | None:
    """Bytes of WAL that a server had beyond the point where it and its source parted; None: not known.

    Its own records of a crash recovery count as well: some hundred bytes.

    Args:
        control: What pg_controldata wrote of it before the rewind.
        said: What pg_rewind wrote.
    """
    last, fork = last_position(control), _DIVERGED.search(said)
    if fork is None:
        return 0 if "no rewind required" in said else None
    return None if last is None else max(last - _bytes(fork[1]), 0)


def _value(control: str, key: str) -> str | None:
    for line in control.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None


def _bytes(lsn: str) -> int:
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)
