"""What is owed once a new primary is there: derived from how things stand, so that nothing is forgotten or repeated."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chaoskit.failover.standing import Standing
from chaoskit.model.scenario import Failback, Fence, Reads, Runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Repoint:
    """A replica has not been told of the primary."""

    node: str

    def __str__(self) -> str:
        return f"re-point {self.node}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFence:
    """A deposed primary may still take writes."""

    node: str

    def __str__(self) -> str:
        return f"fence {self.node}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfence:
    """A primary that stays primary may refuse writes."""

    node: str

    def __str__(self) -> str:
        return f"let {self.node} take writes again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A node has to be rebuilt as a replica."""

    node: str

    def __str__(self) -> str:
        return f"fail back {self.node}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reroute:
    """A region's endpoint leads elsewhere than to the primary."""

    region: str
    kind: str

    def __str__(self) -> str:
        return f"re-route {self.kind}s of {self.region}"


Duty = Repoint | LateFence | Unfence | Return | Reroute


def owed(standing: Standing, settings: Runbook) -> tuple[Duty, ...]:
    """What is owed to nodes while no change of primary is under way."""
    duties: list[Duty] = [
        Repoint(node=node)
        for node, source in standing.follows.items()
        if (source != standing.primary or node in standing.silenced) and node not in standing.strayed
    ]
    if standing.primary in standing.curbed:
        duties.append(Unfence(node=standing.primary))
    if settings.failback is not Failback.NONE:
        duties += [Return(node=node) for node in sorted(standing.outcasts)]
    elif settings.fence is not Fence.DENIED:
        duties += [LateFence(node=node) for node in sorted(standing.deposed - standing.fenced)]
    return tuple(duties)


def misrouted(primary: str, reads: Reads, routes: Mapping[tuple[str, str], str]) -> tuple[Reroute, ...]:
    """Endpoints that must lead to the primary and do not; ``routes`` are nodes by region and kind."""
    kinds = ("write", "read") if reads is Reads.PRIMARY else ("write",)
    return tuple(
        Reroute(region=region, kind=kind)
        for (region, kind), node in routes.items()
        if kind in kinds and node != primary
    )


def reads_home(
    local: Sequence[str], pointed: str, *, answering: Collection[str], fit: Collection[str], primary: str
) -> str | None:
    """Where a region's local reads should go now; None: they stay.

    Args:
        local: The region's own nodes, in order.
        pointed: Where they go so far.
        answering: Nodes that answer the operator.
        fit: The primary and the nodes that stream from it.
        primary: Where they go if none of the region's own nodes can take them.
    """
    usable = [node for node in local if node in answering and node in fit]
    if pointed in local and pointed in answering:
        return None
    home = usable[0] if usable else primary
    return None if home == pointed else home
