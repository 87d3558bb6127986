"""Which step has which node, and what that means for whoever dials it."""

from collections.abc import Sequence
from enum import Enum
from threading import Lock

from chaoskit.errors import Skipped
from chaoskit.faults.cuts import Cuts
from chaoskit.faults.stillness import Stillness


class State(Enum):
    """What a step has made of a node that it claims."""

    STOPPED = "stopped"  # it answers nobody
    CHANGING = "changing"  # it is being stopped or brought back: what it answers says nothing
    FRAIL = "frail"  # it runs, and may end any moment: what it answers says nothing, and whoever wants it can have it
    STRAINED = "strained"  # it runs, and may answer late or not at all


class Claims:
    """One process belongs to one fault at a time; links may be shared, and need no claim. Thread-safe.

    Attributes:
        cuts: The links that steps cut.
        stillness: Kept while a proof is taken.
    """

    def __init__(self) -> None:
        self.cuts, self.stillness = Cuts(), Stillness()
        self._lock = Lock()
        self._owners: dict[str, str] = {}
        self._states: dict[str, State] = {}

    def take(self, step: str, nodes: Sequence[str]) -> None:
        """Claim all of the nodes for a step, or none.

        Raises:
            Skipped: Another step has one of them.
        """
        with self._lock:
            for node in nodes:
                if (owner := self._owners.get(node, step)) != step:
                    raise Skipped(
                        f"{step} cannot have {node}",
                        why=f"{owner} has it, or is bringing it back",
                        fix=f"let {step} begin later, or strike another node",
                    )
            self._owners |= dict.fromkeys(nodes, step)

    def mark(self, node: str, state: State) -> None:
        """Say what becomes of a claimed node."""
        with self._lock:
            self._states[node] = state

    def state(self, node: str) -> State | None:
        """What a step has made of the node; None: it is as it should be."""
        with self._lock:
            return self._states.get(node)

    def stopped_by(self, step: str, node: str) -> bool:
        """Whether it is this step that has stopped the node."""
        with self._lock:
            return self._owners.get(node) == step and self._states.get(node) is State.STOPPED

    def stopped(self, node: str) -> bool:
        """Whether a step keeps the node from running, so that nobody else can do anything about it."""
        return self.state(node) in (State.STOPPED, State.CHANGING)

    def release(self, step: str) -> None:
        """The step has no node any more; idempotent."""
        with self._lock:
            for node in [node for node, owner in self._owners.items() if owner == step]:
                del self._owners[node]
                self._states.pop(node, None)
