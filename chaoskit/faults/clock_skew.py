"""``clock_skew``: the wall clock of servers is wrong, and nothing else is. Proved by asking them for the time."""

from collections.abc import Sequence

from chaoskit.clock import NS
from chaoskit.faults.ground import Ground
from chaoskit.faults.machine import Change
from chaoskit.faults.proof import together
from chaoskit.faults.standing import Standing
from chaoskit.model.fault import ClockSkew
from chaoskit.protocols import Clock, Machines, Proof, Target
from chaoskit.sql import Unanswered, ask

TIMEOUT_S = 2.0
AGREE_TIMEOUT_S = 5.0
"""How long a server may take until it notices that its clock was changed."""
TOLERANCE_NS = 200_000_000
NOW = "SELECT round(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


def offset_ns(target: Target, clock: Clock) -> int | None:
    """How far the clock of a server is ahead of ours; None: it does not answer."""
    asked_ns = clock.now_ns()
    try:
        (reply,) = ask(target, [NOW], clock=clock, timeout_s=TIMEOUT_S)
    except Unanswered:
        return None
    if reply.sqlstate:
        return None
    halfway_ns = (asked_ns + reply.returned_ns) // 2
    return int(reply.rows[0][0] or 0) * 1000 - (clock.epoch_wall_ns() + halfway_ns)


class WrongClock(Change):
    """Nodes whose servers' clocks are wrong by ``by_ns``."""

    word = ClockSkew.word

    def __init__(self, step: str, nodes: Sequence[str], machines: Machines, ground: Ground, by_ns: int) -> None:
        super().__init__(step, nodes, machines, ground)
        self._by_ns = by_ns

    @property
    def words(self) -> str:
        """What is done."""
        way = "ahead" if self._by_ns > 0 else "behind"
        return f"the server's wall clock is {abs(self._by_ns) / NS:g} s {way}"

    def do(self, node: str) -> None:
        """Set it wrong."""
        self.machines.skew(node, self._by_ns)

    def undo(self, node: str) -> None:
        """Set it right."""
        self.machines.skew(node, 0)

    def onset(self, standing: Standing) -> Proof:
        """Every server tells a time that is wrong by so much."""
        return self._telling(self.nodes, self._by_ns, standing)

    def heal(self) -> Proof:
        """Every server tells the right time, but for those that do not run or that the failover manager holds."""
        ground = self.ground
        nodes = [node for node in self.nodes if ground.database.running(node) and not ground.holds(node)]
        canary = self.canary.heal()
        return together(self._telling(nodes, 0, None), canary) if nodes else canary

    def _telling(self, nodes: Sequence[str], wanted_ns: int, standing: Standing | None) -> Proof:
        """Ask until every server agrees, or time is up; one that does not answer tells nothing."""
        clock = self.ground.clock
        deadline_ns = clock.now_ns() + round(AGREE_TIMEOUT_S * NS)
        tolerance_ns = min(TOLERANCE_NS, abs(self._by_ns) // 2)
        while True:
            told = {node: offset_ns(self.ground.database.direct(node), clock) for node in nodes}
            wrong = [n for n, off in told.items() if off is not None and abs(off - wanted_ns) > tolerance_ns]
            silent = [node for node, offset in told.items() if offset is None]
            over = clock.now_ns() >= deadline_ns or (standing is not None and not standing)
            if over or not (wrong or silent):
                ok = False if wrong else (None if silent else True)
                return Proof(ok=ok, text=", ".join(f"{node} {_words(offset)}" for node, offset in told.items()))
            clock.sleep(0.1)


def _words(offset: int | None) -> str:
    return "does not answer" if offset is None else f"is {offset / NS:+.3f} s off"
