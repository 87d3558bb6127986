"""Events as people read them: one sentence each, and the marks that the lanes carry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chaoskit.model.event import Name
from chaoskit.report.faults import PROOF
from chaoskit.report.figures import count, size
from chaoskit.report.reading import Row, number, part, since_t0, text

MARKED = {Name.DETECTED: "detected", Name.DECIDED: "decided", Name.FENCED: "fenced", Name.PROMOTED: "promoted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One failover step on the lanes, ``at_s`` since t0."""

    at_s: float
    label: str
    region: str | None  # the lane it belongs to; None: all


def marks(result: Row, events: Sequence[Row]) -> tuple[Mark, ...]:
    """The steps of a failover, for the lanes; a fence that failed fenced nothing."""
    found = []
    for event in events:
        at_s, name = since_t0(result, number(event, "t_ns")), text(event, "event")
        if at_s is None:
            continue
        if name in MARKED and part(event, "detail").get("ok") is not False:
            found.append(Mark(at_s=at_s, label=MARKED[Name(name)], region=None))
        elif name == Name.ROUTED and part(event, "detail").get("endpoint") == "write":
            found.append(Mark(at_s=at_s, label="routed", region=_of(event, "region")))
    return tuple(found)


def sentence(event: Row) -> str:
    """What happened; an event that no sentence is known for shows its details."""
    name = text(event, "event")
    return SENTENCES[Name(name)](event) if name in SENTENCES else _details(event)


def _of(event: Row, key: str) -> str:
    """A word of the event itself or of its detail."""
    return text(event, key) or text(part(event, "detail"), key)


def _details(event: Row) -> str:
    place = [_of(event, "region"), text(event, "node")]
    words = [f"{key} {value}" for key, value in part(event, "detail").items() if key not in {"region", "node"}]
    return ", ".join(word for word in (*place, *words) if word)


def _proved(event: Row) -> str:
    took = part(event, "detail").get("ok")
    return f"{_of(event, 'phase')} {PROOF[took if isinstance(took, bool) else None]}: {_of(event, 'proof')}"


def _fenced(event: Row) -> str:
    if part(event, "detail").get("ok"):
        return f"{_of(event, 'node')} takes no writes any more"
    return f"{_of(event, 'node')} could not be fenced: {_of(event, 'why')}"


def _promoted(event: Row) -> str:
    timeline, fork = _of(event, "pg_timeline"), _of(event, "fork_lsn")
    return (
        f"{_of(event, 'node')} is the new primary"
        + (f", timeline {timeline}" if timeline else "")
        + (f", forked at {fork}" if fork else "")
    )


def _failed_back(event: Row) -> str:
    diverged = number(part(event, "detail"), "bytes")
    undone = f"; {size(diverged)} of its WAL had diverged" if diverged else ""
    return f"{_of(event, 'node')} is a replica of {_of(event, 'source')} ({_of(event, 'how')}){undone}"


def _logged(event: Row) -> str:
    times = number(part(event, "detail"), "times") or 1
    return f"{_of(event, 'line')}" + (f" ({count(times)} times)" if times > 1 else "")


def _audited(event: Row) -> str:
    detail = part(event, "detail")
    if not detail.get("answered"):
        return f"{_of(event, 'node')} could not be read: {_of(event, 'why')}"
    when = "before it was rebuilt" if detail.get("audit") == "before_failback" else "at the end"
    return f"{_of(event, 'node')} was read {when}: {count(number(detail, 'rows'))} rows"


SENTENCES: Mapping[Name, Callable[[Row], str]] = {
    Name.LOAD_STARTED: lambda _: "users and probers began",
    Name.STEADY: lambda _: "everything works: this is t0, from which all times count",
    Name.START: lambda event: _of(event, "text") or _details(event),
    Name.PROVED: _proved,
    Name.END: lambda event: f"healed by the {_of(event, 'by') or 'harness'}",
    Name.DETECTED: lambda e: f"{_of(e, 'node')} held for dead after {_of(e, 'failures')} failed checks in a row",
    Name.DECIDED: lambda event: f"the decision to replace {_of(event, 'node')}",
    Name.FENCED: _fenced,
    Name.CANDIDATE: lambda event: f"{_of(event, 'node')} is to be promoted",
    Name.PROMOTED: _promoted,
    Name.REPOINTED: lambda event: f"{_of(event, 'node')} follows {_of(event, 'primary')}",
    Name.ROUTED: lambda e: f"{_of(e, 'endpoint')}s of {_of(e, 'region')} go to {_of(e, 'node')}",
    Name.DEMOTED: lambda event: f"{_of(event, 'node')} takes no writes any more: {_of(event, 'how')}",
    Name.HELD: lambda event: f"{_of(event, 'node')} is kept down until it is rebuilt",
    Name.FAILED_BACK: _failed_back,
    Name.NOT_FAILED_BACK: lambda e: f"{_of(e, 'node')} could not be made a replica ({_of(e, 'how')}): {_of(e, 'why')}",
    Name.RESTARTED: lambda event: f"{_of(event, 'node')} was started from its disk",
    Name.CLIENTS_BACK: lambda event: f"the clients of {_of(event, 'region')} are back",
    Name.SKIPPED: lambda event: f"it was not done: {_of(event, 'why')}",
    Name.ACTED: lambda e: "done" if part(e, "detail").get("ok") else f"it failed: {_of(e, 'why')}",
    Name.NOT_ANNOTATED: lambda event: f"Grafana was not told of it: {_of(event, 'why')}",
    Name.LOG: _logged,
    Name.AUDITED: _audited,
    Name.UNREACHED: lambda e: f"could not {_of(e, 'what')}, and tries again: {_of(e, 'why')}",
    Name.PROMOTION_MAY_LOSE: lambda e: f"only {_of(e, 'reachable')} replicas answer, {_of(e, 'needed')} are needed",
    Name.BROKEN: lambda e: f"{_of(e, 'what')} failed: {_of(e, 'why')}",
    Name.NO_STEADY_STATE: lambda e: f"there was no steady state to begin with: {_of(e, 'why')}",
    Name.LOAD_STOPPED: lambda _: "users and probers stopped; what follows is the audit",
}
