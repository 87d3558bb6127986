"""What each step of a plan touches, as far as it is known before the run: roles are those with which it begins."""

from dataclasses import dataclass
from typing import assert_never

from chaoskit.model import place
from chaoskit.model.fault import (
    Clients,
    ClockSkew,
    Cpu,
    Crash,
    Data,
    Disconnect,
    DiskFull,
    Freeze,
    Link,
    LinkFault,
    NodeFault,
    RegionLoss,
    Switchover,
    carried,
)
from chaoskit.model.place import RoleWord, Situation
from chaoskit.model.plan import Dial, Plan, PlannedStep
from chaoskit.model.topology import Party, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """What one step touches.

    Attributes:
        stopped: Nodes whose processes it stops or ends.
        destroyed: Nodes whose data it removes.
        lost_clients: Regions whose clients are lost with it.
        strained: Nodes that run on, with a machine that is not as it should be: its disk, its clock, its cores.
        dials: Proxies whose bytes it holds, loses or slows.
        depends: A role or a draw decides, which may turn out otherwise when it strikes.
    """

    step: str
    stopped: tuple[str, ...] = ()
    destroyed: tuple[str, ...] = ()
    lost_clients: tuple[str, ...] = ()
    strained: tuple[str, ...] = ()
    dials: tuple[Dial, ...] = ()
    depends: bool = False

    @property
    def client_regions(self) -> tuple[str, ...]:
        """Regions whose clients' own traffic it touches."""
        return tuple(dict.fromkeys(p.region for dial in self.dials for p in _ends(dial) if p.role is Role.CLIENTS))

    @property
    def nodes(self) -> tuple[str, ...]:
        """Nodes that it stops or strains, or whose traffic it touches."""
        on_links = [p.name for dial in self.dials for p in _ends(dial) if p.role is Role.NODE]
        return tuple(dict.fromkeys([*self.stopped, *self.strained, *on_links]))


def blasts(plan: Plan) -> tuple[Blast, ...]:
    """Return what each step touches, in the plan's order."""
    return tuple(_blast(step, plan) for step in plan.steps)


def _blast(step: PlannedStep, plan: Plan) -> Blast:
    deed, now = step.deed, place.at_start(plan.scenario.stack.topology, seed=f"{plan.seed}/{step.name}")
    if isinstance(deed, LinkFault):
        depends = _depends(deed.link.left) or _depends(deed.link.right)
        return Blast(step=step.name, dials=_carrying(deed.link, plan, now), depends=depends)
    match deed:
        case RegionLoss():
            return _region_loss(step.name, deed, plan, now)
        case Switchover():
            # Every write endpoint is led to another node, and the old primary is shut down on the way.
            dials = tuple(dial for dial in plan.dials if dial.source.role is Role.CLIENTS)
            writes = tuple(dial for dial in dials if dial.target.name in {now.primary, *_nodes(deed.target, now)})
            return Blast(step=step.name, stopped=(now.primary,), dials=writes, depends=True)
        case _:
            return _node_fault(step.name, deed, plan, now)


def _node_fault(step: str, deed: NodeFault, plan: Plan, now: Situation) -> Blast:
    nodes, depends = _nodes(deed.target, now), _depends(deed.target)
    match deed:
        case Crash() | Freeze():
            return Blast(step=step, stopped=nodes, depends=depends)
        case Disconnect():
            dials = tuple(dial for dial in plan.dials if any(end.name in nodes for end in _ends(dial)))
            return Blast(step=step, dials=dials, depends=depends)
        case DiskFull() | Cpu() | ClockSkew():
            return Blast(step=step, strained=nodes, depends=depends)
        case _:
            assert_never(deed)


def _region_loss(step: str, deed: RegionLoss, plan: Plan, now: Situation) -> Blast:
    regions = place.regions(deed.target, now)
    stopped = tuple(node.name for node in now.topology.nodes if node.region in regions)
    return Blast(
        step=step,
        stopped=stopped,
        destroyed=stopped if deed.data is Data.DESTROYED else (),
        lost_clients=regions if deed.clients is Clients.LOST else (),
        dials=tuple(dial for dial in plan.dials if any(end.region in regions for end in _ends(dial))),
        depends=_depends(deed.target),
    )


def _carrying(link: Link, plan: Plan, now: Situation) -> tuple[Dial, ...]:
    """The dials of which at least one direction travels on the link."""
    found = carried(link, now)
    return tuple(
        dial
        for dial in plan.dials
        if found.carries(dial.source, dial.target) or found.carries(dial.target, dial.source)
    )


def _nodes(target: place.Place, now: Situation) -> tuple[str, ...]:
    return tuple(node.name for node in place.nodes(target, now))


def _depends(target: place.Place) -> bool:
    """Whether a role other than ``all`` or ``rest`` is named: those two mean the same at any time."""
    return any(term.role not in (None, RoleWord.ALL, RoleWord.REST) for term in target)


def _ends(dial: Dial) -> tuple[Party, Party]:
    return dial.source, dial.target
