"""How long each region was out: recovery times, outages, downtime."""

from dataclasses import dataclass

from chaoskit.report.figures import NOTHING, count, instant, interval, percent, seconds
from chaoskit.report.reading import Row, number, rows, text
from chaoskit.report.words import where

MOST_OUTAGES = 300  # rows; a flapping link can make thousands, and result.json has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class RtoCell:
    """One stream's recovery time; ``censored``: it had none when the run ended."""

    observed: str
    censored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RtoRow:
    """From the onset of a cause to the last recovery from it, one cell per connection of the table."""

    region: str
    operation: str
    cause: str
    cells: tuple[RtoCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RtoTable:
    """Recovery times side by side. ``excluded`` names the regions left out because their clients were lost."""

    connections: tuple[str, ...]
    rows: tuple[RtoRow, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRow:
    """One outage of one stream; its end is known to lie in an interval."""

    where: str
    cause: str
    begin: str
    end: str
    failed_probes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DowntimeRow:
    """The sum of a stream's outages, and the share of its probes that were answered."""

    region: str
    operation: str
    connection: str
    downtime: str
    availability: str
    probes: str
    excluded: bool  # its clients were lost with the region: what was measured ends there


def rto_table(result: Row) -> RtoTable:
    """Every recovery time, in the order of the result."""
    found = rows(result, "rto")
    kept = [row for row in found if not row.get("excluded")]
    connections = tuple(dict.fromkeys(text(row, "connection") for row in kept))
    groups: dict[tuple[str, str, str, int], dict[str, RtoCell]] = {}
    for row in kept:
        connection, nth = text(row, "connection"), 0
        key = text(row, "region"), text(row, "operation"), f"{text(row, 'cause')} of {text(row, 'step')}"
        while connection in groups.get((*key, nth), {}):
            nth += 1  # a failback can strike several times
        streams = groups.setdefault((*key, nth), {})
        streams[connection] = RtoCell(observed=_observed(row), censored=bool(row.get("censored")))
    absent = RtoCell(observed=NOTHING, censored=False)
    return RtoTable(
        connections=connections,
        rows=tuple(
            RtoRow(
                region=region,
                operation=operation,
                cause=cause,
                cells=tuple(streams.get(connection, absent) for connection in connections),
            )
            for (region, operation, cause, _), streams in groups.items()
        ),
        excluded=tuple(dict.fromkeys(text(row, "region") for row in found if row.get("excluded"))),
    )


def _observed(row: Row) -> str:
    if row.get("censored"):
        return f"not recovered, out for {seconds(number(row, 'lo_s'))} when the run ended"
    if overtaken := text(row, "overtaken"):
        return "cannot be told, out" + (" already" if overtaken == "none" else f" because of {overtaken}")
    lo_s, hi_s = number(row, "lo_s"), number(row, "hi_s")
    if lo_s is None:
        return "cannot be told, no probe was sent afterwards"
    if hi_s is None:
        return f"at least {seconds(lo_s)}, until its clients were lost"
    return interval(lo_s, hi_s)


def outage_rows(result: Row) -> tuple[OutageRow, ...]:
    """The outages, at most ``MOST_OUTAGES`` of them."""
    return tuple(_outage(row) for row in rows(result, "outages")[:MOST_OUTAGES])


def more_outages(result: Row) -> int:
    """How many outages ``outage_rows`` leaves out."""
    return max(0, len(rows(result, "outages")) - MOST_OUTAGES)


def _outage(row: Row) -> OutageRow:
    cause, event = text(row, "cause", "none"), text(row, "cause_event", "none")
    hollow = number(row, "hollow")
    return OutageRow(
        where=where(row),
        cause="no fault" if cause == "none" else f"{event} of {cause}",
        begin=instant(number(row, "begin_s")),
        end=_end(row),
        failed_probes=count(number(row, "failed_probes")) + (f", {count(hollow)} hollow" if hollow else ""),
    )


def _end(row: Row) -> str:
    if (lost_s := number(row, "clients_lost_s")) is not None:
        return f"not before its clients were lost at {instant(lost_s)}"
    if not row.get("ended", True):
        return "not before the run ended"
    return f"{instant(number(row, 'end_lo_s'))} … {instant(number(row, 'end_hi_s'))}"


def downtime_rows(result: Row) -> tuple[DowntimeRow, ...]:
    """Every probe stream."""
    return tuple(
        DowntimeRow(
            region=text(row, "region"),
            operation=text(row, "operation"),
            connection=text(row, "connection"),
            downtime=seconds(number(row, "downtime_s")) + ("" if row.get("recovered", True) else ", not over"),
            availability=percent(number(row, "availability")),
            probes=f"{count(number(row, 'ok'))} of {count(number(row, 'scheduled'))}",
            excluded=bool(row.get("excluded")),
        )
        for row in rows(result, "downtime")
    )
