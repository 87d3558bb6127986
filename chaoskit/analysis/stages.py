"""Who was primary, who stood still and where writes went: the stack before, during and after what struck it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chaoskit.analysis.shapes import RoleWord, StageRow
from chaoskit.analysis.span import Span
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Latency, Partition, Switchover
from chaoskit.model.scenario import Scenario

MOST_STAGES = 6
ENDPOINT = "write"
BEFORE: Mapping[Name, str] = {Name.START: "before {} struck", Name.END: "before {} was healed"}


@dataclass(slots=True, kw_only=True)
class _State:
    """What the events up to an instant say."""

    primary: str
    roles: dict[str, RoleWord]
    writes: dict[str, str]
    stopped: dict[str, frozenset[str]] = field(default_factory=dict)  # nodes by step
    cut: dict[str, str] = field(default_factory=dict)  # links by step
    slow: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def row(self, at_s: float, words: str) -> StageRow:
        stopped = frozenset().union(*self.stopped.values())
        return {
            "at_s": at_s,
            "words": words,
            "roles": dict(self.roles),
            "states": {node: "stopped" if node in stopped else "up" for node in self.roles},
            "writes": dict(self.writes),
            "cut": sorted(set(self.cut.values())),
            "slow": sorted(set(self.slow.values())),
            "gone": sorted(self.gone),
        }


def stages(scenario: Scenario, events: Sequence[Event], span: Span) -> list[StageRow]:
    """The stack at t0, before and after each onset, before each heal and at the end, where it had changed.

    At most ``MOST_STAGES``: of a long run the first and the last.
    """
    topology = scenario.stack.topology
    state = _State(
        primary=topology.primary,
        roles={node.name: "primary" if node.name == topology.primary else "replica" for node in topology.nodes},
        writes=dict.fromkeys(topology.regions, topology.primary),
    )
    rows = list(_distinct(_rows(state, events, span)))
    return rows if len(rows) <= MOST_STAGES else [*rows[: MOST_STAGES // 2], *rows[-MOST_STAGES // 2 :]]


def _rows(state: _State, events: Sequence[Event], span: Span) -> Iterator[StageRow]:
    yield state.row(0.0, "at t0")
    for event in sorted(events, key=lambda event: event.t_ns):
        if event.t_ns > span.end_ns:
            break
        at_s, step = span.since_s(event.t_ns), event.step or ""
        if event.event in BEFORE:
            yield state.row(at_s, BEFORE[event.event].format(step))
        if event.event in CHANGES:
            CHANGES[event.event](state, event)
        if event.event is Name.START:
            yield state.row(at_s, f"when {step} struck")
    yield state.row(span.duration_s, "at the end of the load")


def _distinct(rows: Iterator[StageRow]) -> Iterator[StageRow]:
    """Those that differ from the one before."""
    last: Mapping[str, object] = {}
    for row in rows:
        seen = {key: value for key, value in row.items() if key not in {"at_s", "words"}}
        if seen != last:
            yield row
        last = seen


def _started(state: _State, event: Event) -> None:
    detail, step = event.detail, event.step or ""
    fault, where = str(detail.get("fault", "")), str(detail.get("resolved") or detail.get("target") or "")
    state.stopped[step] = frozenset(detail.get("nodes", ()))
    state.gone |= set(detail.get("excluded_regions", ()))
    if fault == Partition.word:
        state.cut[step] = where
    elif fault == Latency.word:
        state.slow[step] = where


def _ended(state: _State, event: Event) -> None:
    step = event.step or ""
    state.stopped.pop(step, None)
    state.cut.pop(step, None)
    state.slow.pop(step, None)


def _promoted(state: _State, event: Event) -> None:
    if state.roles.get(state.primary) == "primary":
        state.roles[state.primary] = "deposed"
    state.primary = _node(event)
    state.roles[state.primary] = "primary"


def _fenced(state: _State, event: Event) -> None:
    if event.detail.get("ok"):
        state.roles[_node(event)] = "fenced"


def _demoted(state: _State, event: Event) -> None:
    state.roles[_node(event)] = "replica" if event.detail.get("how") == Switchover.word else "fenced"


def _failed_back(state: _State, event: Event) -> None:
    state.roles[_node(event)] = "replica"
    for step, nodes in state.stopped.items():
        state.stopped[step] = nodes - {_node(event)}


def _held(state: _State, event: Event) -> None:
    state.stopped["held"] = state.stopped.get("held", frozenset()) | {_node(event)}


def _routed(state: _State, event: Event) -> None:
    if event.detail.get("endpoint") == ENDPOINT:
        state.writes[event.region or str(event.detail.get("region", ""))] = _node(event)


def _back(state: _State, event: Event) -> None:
    state.gone.discard(event.region or str(event.detail.get("region", "")))


def _node(event: Event) -> str:
    return event.node or str(event.detail.get("node", ""))


CHANGES: Mapping[Name, Callable[[_State, Event], None]] = {
    Name.START: _started,
    Name.END: _ended,
    Name.PROMOTED: _promoted,
    Name.FENCED: _fenced,
    Name.DEMOTED: _demoted,
    Name.HELD: _held,
    Name.FAILED_BACK: _failed_back,
    Name.ROUTED: _routed,
    Name.CLIENTS_BACK: _back,
}
