"""The nodes that a step strikes, and who dials them."""

from collections.abc import Sequence

from chaoskit.errors import Skipped
from chaoskit.faults.ground import Ground
from chaoskit.model import place
from chaoskit.model.place import Place, Situation
from chaoskit.model.plan import Dial


def running(step: str, target: Place, now: Situation, ground: Ground) -> tuple[str, ...]:
    """The nodes that ``target`` stands for now, claimed for the step.

    Raises:
        Skipped: There are none, one does not run, or another step has one.
    """
    nodes = tuple(node.name for node in place.nodes(target, now))
    if not nodes:
        raise Skipped(f"{place.text(target)} stands for no node now")
    for node in nodes:
        if not ground.database.running(node):
            raise Skipped(f"{step} cannot have {node}", why="it does not run")
    ground.claims.take(step, nodes)
    return nodes


def dials_to(nodes: Sequence[str], ground: Ground) -> tuple[Dial, ...]:
    """Every dial that leads to one of the nodes."""
    return tuple(dial for dial in ground.plan.dials if dial.target.name in nodes)
