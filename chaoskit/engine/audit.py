"""The audit at the end: heal everything, wait until nothing moves, read what every node holds (DESIGN §5).

From the end of load on, and only then, the harness looks past the WAN.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from chaoskit.engine.events import EventLog
from chaoskit.engine.quiescence import await_quiescence
from chaoskit.engine.reading import NodeReading, read
from chaoskit.engine.timeline import Timeline
from chaoskit.errors import StackError
from chaoskit.model.event import Name
from chaoskit.model.fault import RegionLoss
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, Router, Stack

BEFORE, FINAL = "before_failback", "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditResult:
    """What the nodes said, and whether it can be trusted."""

    quiescent: bool
    reason: str
    readings: Sequence[NodeReading]
    authoritative: str | None
    claimants: Sequence[str]
    endpoints: Mapping[str, str]

    def as_json(self, incomplete: Sequence[str]) -> dict[str, Any]:
        """``audit.json``; ``incomplete`` are the clients whose streams lack their end."""
        return {
            "quiescent": self.quiescent,
            "reason": self.reason,
            "authoritative": self.authoritative,
            "claimants": list(self.claimants),
            "endpoints": dict(self.endpoints),
            "streams_complete": not incomplete,
            "streams_incomplete": list(incomplete),
            "nodes": [reading.as_json() for reading in self.readings],
        }


def no_audit(why: str) -> AuditResult:
    """An audit that did not take place."""
    return AuditResult(quiescent=False, reason=why, readings=(), authoritative=None, claimants=(), endpoints={})


class Auditor:
    """Reads the truth after a run.

    Args:
        primary: Whom the failover manager holds for the primary, at the end.
        query: Reads every committed write of a node.
    """

    def __init__(
        self,
        plan: Plan,
        stack: Stack,
        router: Router,
        *,
        primary: Callable[[], str],
        query: str,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._plan, self._stack, self._router, self._primary = plan, stack, router, primary
        self._query, self._events, self._clock = query, events, clock
        self._nodes = [node.name for node in plan.scenario.stack.topology.nodes]

    def run(self, timeline: Timeline, *, by: str) -> AuditResult:
        """Heal, wait, read. The load has stopped and the failover manager with it."""
        topology = self._plan.scenario.stack.topology
        lost = [step.fault.region for step in timeline.standing() if isinstance(step.fault, RegionLoss)]
        deposed = [topology.primary] if self._primary() != topology.primary else []
        frozen = [node.name for node in topology.nodes if node.region in lost]
        before = [self._read(node, BEFORE) for node in deposed if node not in frozen]
        for node in deposed:
            self._stack.database.kill(node)
        standing = [step.name for step in timeline.standing()]
        for step in standing:
            timeline.heal(step, by=by)
        before += self._restart(frozen, deposed)
        if set(deposed) <= set(frozen):  # else a deposed primary is dead by our hand, and its links cannot answer
            for step in standing:
                timeline.prove_heal(step)
        timeline.settle()
        rest = [node for node in self._nodes if node not in deposed]
        reason = await_quiescence(self._primary(), rest, self._stack.database, self._clock)
        with ThreadPoolExecutor(len(rest)) as pool:
            final = list(pool.map(lambda node: self._read(node, FINAL), rest))
        held = "deposed; started alone for the audit, never back in service"
        final += [NodeReading(audit=FINAL, node=node, answered=False, why=held) for node in deposed]
        return self._result(before, final, reason, excluded=lost)

    def _restart(self, frozen: Sequence[str], deposed: Sequence[str]) -> list[NodeReading]:
        """Bring lost nodes back: a deposed primary alone, to be read; the others as what they were."""
        readings = []
        for node in frozen:
            try:
                self._stack.database.restart(node, isolated=node in deposed)
            except StackError as error:
                readings.append(NodeReading(audit=BEFORE, node=node, answered=False, why=str(error)))
                continue
            if node in deposed:
                readings.append(self._read(node, BEFORE))
        return readings

    def _read(self, node: str, audit: str) -> NodeReading:
        reading = read(node, self._stack.database, self._clock, audit=audit, query=self._query)
        self._events.say(Name.AUDITED, node=node, audit=audit, answered=reading.answered, rows=len(reading.rows))
        return reading

    def _result(
        self,
        before: Sequence[NodeReading],
        final: Sequence[NodeReading],
        reason: str | None,
        *,
        excluded: Sequence[str],
    ) -> AuditResult:
        regions = self._plan.scenario.stack.topology.regions
        endpoints = {region: self._router.node(region, "write") for region in regions}
        pointed = {node for region, node in endpoints.items() if region not in excluded}
        authoritative = authority(pointed, final)
        # What a survivor holds is the same in both audits: nothing has been rebuilt in between.
        compared = [replace(reading, audit=BEFORE) for reading in final if reading.answered] if before else []
        return AuditResult(
            quiescent=reason is None,
            reason=reason or "",
            readings=[*before, *compared, *final],
            authoritative=authoritative,
            claimants=sorted(pointed) if authoritative is None else [authoritative],
            endpoints=endpoints,
        )


def authority(pointed: Collection[str], final: Sequence[NodeReading]) -> str | None:
    """The answering writable node to which every surviving write endpoint points; None: they disagree, or it is not.

    Args:
        pointed: The nodes behind the surviving regions' write endpoints.
        final: What every node said at the end.
    """
    writable = [r.node for r in final if r.answered and r.in_recovery is False and r.node in pointed]
    return writable[0] if len(writable) == 1 and len(pointed) == 1 else None
