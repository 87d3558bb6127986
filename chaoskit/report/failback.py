"""What became of deposed primaries, as rows: for how long redundancy was missing, and what their rebuild undid."""

from dataclasses import dataclass

from chaoskit.report.figures import NOTHING, instant, seconds, size
from chaoskit.report.reading import Row, number, rows, text


@dataclass(frozen=True, slots=True, kw_only=True)
class FailbackRow:
    """One deposed primary; ``bad``: it was not a replica again while the load ran."""

    node: str
    deposed: str
    redundancy: str
    how: str
    rebuild: str
    diverged: str
    why: str
    bad: bool


def failback_rows(result: Row) -> tuple[FailbackRow, ...]:
    """Every deposed primary, in the order of the result."""
    return tuple(_row(row) for row in rows(result, "failback"))


def _row(row: Row) -> FailbackRow:
    missing_s = number(row, "redundancy_s")
    return FailbackRow(
        node=text(row, "node"),
        deposed=instant(number(row, "from_s")),
        redundancy="not restored" if missing_s is None else seconds(missing_s),
        how=text(row, "how") or NOTHING,
        rebuild=seconds(number(row, "took_s")),
        diverged=size(number(row, "bytes")),
        why=text(row, "why"),
        bad=missing_s is None,
    )
