"""A region pair's round trip, split over the two directions of every dial."""

from chaoskit.model.plan import Plan
from chaoskit.protocols import Stream

MS = 1_000_000


def one_way_ns(plan: Plan, stream: Stream) -> int:
    """Half the round trip, in whole milliseconds (all that Toxiproxy knows); an odd one goes upstream."""
    half_ns = plan.scenario.stack.topology.rtt(stream.source.region, stream.target.region) / 2
    return -int(-half_ns // MS) * MS if stream.upstream else int(half_ns // MS) * MS
