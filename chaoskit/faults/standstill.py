"""Processes of one kind stand still, or none does: their node answers either way, so the kernel is asked."""

from collections.abc import Callable, Mapping, Sequence

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.faults.ground import Ground
from chaoskit.protocols import Proof

TIMEOUT_S = 3.0
"""A signal is obeyed a moment after it was sent."""

States = Mapping[str, Sequence[bool]]
"""Of every node's processes of the kind, whether each is stopped."""


class Standstill:
    """Looks at the processes of one kind until they are as they must be, or time is up."""

    def __init__(self, ground: Ground, nodes: Sequence[str], process: str) -> None:
        self._ground, self._nodes, self._process = ground, nodes, process

    def onset(self) -> Proof:
        """Each of them is stopped; a node that runs none any more proves nothing."""
        return self._told(lambda states: bool(states) and all(states), "every {process} of {node} is stopped")

    def heal(self) -> Proof:
        """None of them is stopped."""
        return self._told(lambda states: not any(states), "no {process} of {node} is stopped")

    def _told(self, fits: Callable[[Sequence[bool]], bool], words: str) -> Proof:
        clock = self._ground.clock
        deadline_ns = clock.now_ns() + round(TIMEOUT_S * NS)
        while True:
            try:
                states = {node: self._ground.database.stopped(node, self._process) for node in self._nodes}
            except StackError as error:
                return Proof(ok=None, text=f"its processes cannot be looked at: {' '.join(str(error).split())}")
            odd = {node: found for node, found in states.items() if not fits(found)}
            if not odd:
                return Proof(ok=True, text=words.format(process=self._process, node=", ".join(states)))
            if clock.now_ns() >= deadline_ns:
                return self._odd(odd)
            clock.sleep(0.02)

    def _odd(self, odd: States) -> Proof:
        gone = [node for node, found in odd.items() if not found]
        if len(gone) == len(odd):
            return Proof(ok=None, text=f"no {self._process} runs any more: {', '.join(gone)}")
        return Proof(
            ok=False,
            text=", ".join(f"{sum(n)} of {len(n)} {self._process} of {node} stopped" for node, n in odd.items() if n),
        )
