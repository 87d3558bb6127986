"""The run from top to bottom: events, outages and the servers' own words on one list, in order of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chaoskit.model.event import Name
from chaoskit.report.faults import fault_rows
from chaoskit.report.figures import count, instant
from chaoskit.report.reading import Row, number, part, rows, since_t0, text
from chaoskit.report.timeline import sentence

MOST_ROWS = 400  # events.ndjson has all events
NEAR_S = 1.5  # what a link to an instant shows on either side

KINDS: Mapping[str, str] = {
    Name.START: "fault", Name.PROVED: "fault", Name.SKIPPED: "fault", Name.ACTED: "fault", Name.END: "heal",
    Name.CLIENTS_BACK: "heal", Name.RESTARTED: "heal",
    Name.DETECTED: "failover", Name.DECIDED: "failover", Name.FENCED: "failover", Name.CANDIDATE: "failover",
    Name.PROMOTION_MAY_LOSE: "failover", Name.PROMOTED: "failover", Name.REPOINTED: "failover",
    Name.ROUTED: "failover", Name.UNREACHED: "failover", Name.DEMOTED: "failover", Name.HELD: "failover",
    Name.FAILED_BACK: "failover", Name.NOT_FAILED_BACK: "failover", Name.LOG: "log",
    Name.BROKEN: "outage", Name.INTERRUPTED: "outage", Name.NO_STEADY_STATE: "outage",
}  # fmt: skip
HARNESS = "harness"
IN_FLIGHT = " (their first probe that failed was due then, and still under way when it struck)"
FALLIBLE = (Name.PROVED, Name.FENCED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """One thing that happened.

    Attributes:
        at_s: Seconds since t0; None: not known.
        link: The part of a page's address that shows this instant on the lanes; empty: none does.
        kind: fault, heal, failover, outage, recovery, log or harness.
        where: Region or node.
    """

    at_s: float | None
    kind: str
    name: str
    step: str
    where: str
    sentence: str

    @property
    def at(self) -> str:
        """The instant, as a reader sees it."""
        return instant(self.at_s)

    @property
    def link(self) -> str:
        """Where the lanes show it."""
        return "" if self.at_s is None else f"#t={max(0.0, self.at_s - NEAR_S):.2f}-{self.at_s + NEAR_S:.2f}"


def story(result: Row, events: Sequence[Row]) -> tuple[StoryRow, ...]:
    """Everything that happened, in order of time."""
    told = [*_repeats_once([_event(result, event) for event in events]), *_outages(result)]
    return tuple(sorted(told, key=lambda row: float("-inf") if row.at_s is None else row.at_s))


def shortened(told: Sequence[StoryRow]) -> tuple[StoryRow, ...]:
    """At most ``MOST_ROWS``: the servers' own words go first, then what came last."""
    if len(told) <= MOST_ROWS:
        return tuple(told)
    kept = sorted(range(len(told)), key=lambda index: (told[index].kind == KINDS[Name.LOG], index))[:MOST_ROWS]
    return tuple(told[index] for index in sorted(kept))


def _event(result: Row, event: Row) -> StoryRow:
    name = text(event, "event")
    return StoryRow(
        at_s=since_t0(result, number(event, "t_ns")),
        kind=KINDS.get(name, HARNESS),
        name=_name(event),
        step=text(event, "step"),
        where=text(event, "region") or text(event, "node") or text(part(event, "detail"), "node"),
        sentence=sentence(event),
    )


def _name(event: Row) -> str:
    """The event in words; what was attempted in vain did not happen."""
    name = text(event, "event")
    refused = name in FALLIBLE and part(event, "detail").get("ok") is False
    return "server log" if name == Name.LOG else ("not " if refused else "") + name.replace("_", " ")


def _repeats_once(told: Sequence[StoryRow]) -> Iterator[StoryRow]:
    """What was tried in vain again and again is told once, at its first time."""
    times: dict[tuple[str, str], int] = {}
    for row in told:
        times[row.name, row.sentence] = times.get((row.name, row.sentence), 0) + 1
    for row in told:
        again = times.pop((row.name, row.sentence), 0)
        if row.name != "unreached":
            yield row
        elif again:
            yield replace(row, sentence=row.sentence + (f" ({count(again)} times)" if again > 1 else ""))


def _outages(result: Row) -> Iterator[StoryRow]:
    """When the clients of a region could not write or read any more, and when they could again."""
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    faults = fault_rows(result)
    for row in rows(result, "outages"):
        key = text(row, "region"), text(row, "operation"), text(row, "cause"), text(row, "cause_event")
        groups.setdefault(key, []).append(row)
    for (region, operation, cause, _), streams in groups.items():
        step = "" if cause == "none" else cause
        struck_s = min((f.from_s for f in faults if f.step == cause and f.from_s is not None), default=None)
        begins = [at_s for row in streams if (at_s := number(row, "begin_s")) is not None]
        if begins:
            early = struck_s is not None and min(begins) < struck_s
            words = f"clients of {region} cannot {operation} any more" + (IN_FLIGHT if early else "")
            yield _outage(min(begins), "outage", step, region, words)
        ends = [number(row, "end_hi_s") if row.get("ended", True) else None for row in streams]
        known = [at_s for at_s in ends if at_s is not None]
        if len(known) == len(ends):
            yield _outage(max(known), "recovery", step, region, f"clients of {region} {operation} again")


def _outage(at_s: float, kind: str, step: str, region: str, words: str) -> StoryRow:
    return StoryRow(at_s=at_s, kind=kind, name=kind, step=step, where=region, sentence=words)
