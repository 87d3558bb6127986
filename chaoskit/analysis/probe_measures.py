"""Measures of the probes: recovery, downtime, availability, latency. Each stream has a figure of its own."""

from collections.abc import Callable, Sequence

from chaoskit.analysis.columns import nearest_rank
from chaoskit.analysis.downtime import longest, summed, within
from chaoskit.analysis.facts import Facts, Measured, Value, exactly, lane_name, matches
from chaoskit.analysis.latency import latencies_ms
from chaoskit.analysis.outages import Outage, of_stream
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.rto import Recovery
from chaoskit.analysis.window import WHOLE_RUN, Window
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective


def percentile(detail: str) -> float:
    """``p99.9`` and ``max`` as percents; ValueError for other words."""
    return 100.0 if detail == "max" else float(detail.removeprefix("p"))


def rto(objective: Objective, _detail: str, facts: Facts, _window: Window) -> Measured:
    """Every recovery that was asked for."""
    rows = [row for row in facts.recoveries if objective.step in (None, row.step)]
    if not rows:
        return Measured(unknown="no fault struck, so there was nothing to recover from")
    rows = [row for row in rows if matches(objective, row) and not _covered(objective, row, facts)]
    several = len({(row.step, row.cause) for row in rows}) > 1
    values = tuple(_recovery_value(row, several) for row in rows if not row.excluded)
    return Measured(values=values, unknown="" if values else _nobody(rows))


def _covered(objective: Objective, row: Recovery, facts: Facts) -> bool:
    """Whether the outage that overtook the onset is judged as that of the step that caused it."""
    if objective.step is not None or not row.overtaken:
        return False
    return any(
        other.hit and not other.excluded and other.step == row.overtaken and lane_name(other) == lane_name(row)
        for other in facts.recoveries
    )


def _recovery_value(row: Recovery, several: bool) -> Value:
    where = f"{lane_name(row)}, {row.cause} of {row.step}" if several else lane_name(row)
    if row.overtaken or row.unseen:
        untold = f"{_untold(row)}, so its recovery from that cannot be told"
        return Value(where=where, interval=Interval(lo=0.0, hi=None), untold=untold)
    lo_s = (row.lo_ns or 0) / 1e9
    return Value(
        where=where,
        interval=Interval(lo=lo_s, hi=None if row.hi_ns is None else row.hi_ns / 1e9),
        censored=row.censored,
        resolution_s=row.interval_ns / 1e9,
    )


def _untold(row: Recovery) -> str:
    if row.unseen:
        return f"no probe of {lane_name(row)} was sent after {row.step} struck"
    return f"{lane_name(row)} was out before it was seen to work after {row.step} struck"


def _nobody(rows: list[Recovery]) -> str:
    return "the clients it speaks of were lost with their region" if rows else "no probe is in its scope"


def _streams_in(objective: Objective, facts: Facts, window: Window) -> list[ProbeStream]:
    """The streams of the scope whose clients were there at any time of the window."""
    return [s for s in facts.streams if matches(objective, s) and facts.peopled(s.region, window)]


def _surviving(objective: Objective, facts: Facts, window: Window) -> list[ProbeStream]:
    """Those of them whose clients were not lost for good in the window, each with its probes of that: maybe none."""
    mine = [s for s in _streams_in(objective, facts, window) if not facts.left_out(s.region, window)]
    return mine if window is WHOLE_RUN else [s.only(window.holds(s.scheduled_ns)) for s in mine]


def _each(values: list[Value]) -> Measured:
    return Measured(values=tuple(values), unknown="" if values else "no probe of surviving clients is in its scope")


def _caused(objective: Objective, stream: ProbeStream, facts: Facts, window: Window) -> tuple[Outage, ...]:
    """The stream's outages; with a step, those that it caused (or, with a phase of it, all)."""
    step = objective.step if window is WHOLE_RUN else None
    return tuple(o for o in of_stream(stream, facts.outages) if step in (None, o.cause.step))


def _met(objective: Objective, stream: ProbeStream, facts: Facts, window: Window) -> str:
    """Why the outages that a step caused are not known, or not apart from one that it met; empty: they are."""
    if objective.step is None or window is not WHOLE_RUN:
        return ""
    mine = [r for r in facts.recoveries if r.step == objective.step and lane_name(r) == stream.name]
    return next((_untold(row) for row in mine if row.overtaken or row.unseen), "")


Total = Callable[[Sequence[Outage], int, Window], Interval]
"""How long outages of one stream lasted, in s, by its probe interval (in ns) and where one looks."""


def _lasted(objective: Objective, facts: Facts, window: Window, total: Total) -> list[Value]:
    """What each stream suffered. One whose clients were lost for good counts only if it suffered before."""
    values = []
    for stream in _streams_in(objective, facts, window):
        mine = within(window, _caused(objective, stream, facts, window))
        if mine or not facts.left_out(stream.region, window):
            untold = _met(objective, stream, facts, window)
            values.append(_duration(stream, mine, window, total(mine, stream.interval_ns, window), untold))
    return values


def _duration(stream: ProbeStream, mine: Sequence[Outage], window: Window, seen: Interval, untold: str) -> Value:
    """As long as it was seen; at least so long where clients were lost before they had recovered."""
    cut_short = any(outage.lost_ns is not None and outage.lost_ns < window.last_ns for outage in mine)
    interval = Interval(lo=seen.lo, hi=None) if cut_short else seen
    return Value(where=stream.name, interval=interval, censored=seen.hi is None, untold=untold)


def downtime(objective: Objective, _detail: str, facts: Facts, window: Window) -> Measured:
    """The sum of each stream's outages."""
    return _each(_lasted(objective, facts, window, summed))


def outage(objective: Objective, _detail: str, facts: Facts, window: Window) -> Measured:
    """One figure for the run: the longest outage, wherever it was."""
    found = _lasted(objective, facts, window, longest)
    if not found:
        return _each([])
    censored = [value for value in found if value.censored]
    highs_s = [value.interval.hi for value in found if value.interval.hi is not None]
    lo_s = max(value.interval.lo for value in found)
    worst = Value(
        where=max(censored or found, key=lambda value: value.interval.hi or value.interval.lo).where,
        interval=Interval(lo=lo_s, hi=max(highs_s) if len(highs_s) == len(found) else None),
        single=True,
        censored=bool(censored),
        untold="; ".join(dict.fromkeys(value.untold for value in found if value.untold)),
    )
    return Measured(values=(worst,))


def availability(objective: Objective, _detail: str, facts: Facts, window: Window) -> Measured:
    """Ok probes / scheduled probes of each stream."""
    mine = _surviving(objective, facts, window)
    return _each([_share(stream) for stream in mine])


def _share(stream: ProbeStream) -> Value:
    if not len(stream):
        untold = f"no probe of {stream.name} was due then"
        return Value(where=stream.name, interval=Interval(lo=0.0, hi=None), untold=untold)
    return Value(where=stream.name, interval=exactly(float(stream.ok.mean())))


def latency(objective: Objective, detail: str, facts: Facts, window: Window) -> Measured:
    """A percentile of each stream's ok probes, from their scheduled instant."""
    mine = _surviving(objective, facts, window)
    silent = [stream.name for stream in mine if not stream.ok.any()]
    if silent:
        return Measured(unknown=f"no probe of {', '.join(silent)} succeeded, so there is no latency")
    percent = percentile(detail)
    values = [Value(where=s.name, interval=exactly(nearest_rank(latencies_ms(s)[s.ok], percent) / 1e3)) for s in mine]
    return _each(values)
