"""``routing.via: direct``: endpoints that the router re-points, as a load balancer would."""

from chaoskit.model.plan import Plan
from chaoskit.planning.routes import client_dial, endpoint, initial
from chaoskit.protocols import Wan


class DirectRouter:
    """Re-points endpoints in the WAN (implements ``protocols.Router``)."""

    def __init__(self, plan: Plan, wan: Wan) -> None:
        self._plan, self._wan = plan, wan
        self._routes = dict(initial(plan))

    def point(self, region: str, kind: str, node: str) -> None:
        """Send the region's ``kind`` endpoint to ``node``; closes its connections."""
        dial = client_dial(self._plan, region, node)
        self._wan.point(endpoint(kind, region), dial)
        self._routes[endpoint(kind, region)] = dial

    def node(self, region: str, kind: str) -> str:
        """The node that the region's ``kind`` endpoint leads to now."""
        return self._routes[endpoint(kind, region)].target.name
