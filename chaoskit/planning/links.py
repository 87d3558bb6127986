"""The region pairs of a plan: how far apart, and over how many proxies they talk."""

from dataclasses import dataclass
from itertools import combinations

from chaoskit.model.plan import Plan

ENDPOINTS = 2  # a region's own proxies, for writes and for reads


@dataclass(frozen=True, slots=True, kw_only=True)
class PairOfRegions:
    """What travels between two regions, or inside one where both are the same."""

    left: str
    right: str
    rtt_ns: int
    proxies: int


def links(plan: Plan) -> tuple[PairOfRegions, ...]:
    """Return every region with itself, its two endpoints included, then every pair."""
    regions = plan.scenario.stack.topology.regions
    inside = [_pair(plan, region, region, ENDPOINTS) for region in regions]
    return (*inside, *(_pair(plan, left, right, 0) for left, right in combinations(regions, 2)))


def _pair(plan: Plan, left: str, right: str, more: int) -> PairOfRegions:
    proxies = sum({dial.source.region, dial.target.region} == {left, right} for dial in plan.dials)
    rtt_ns = plan.scenario.stack.topology.rtt(left, right)
    return PairOfRegions(left=left, right=right, rtt_ns=rtt_ns, proxies=proxies + more)
