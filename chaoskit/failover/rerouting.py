"""Regions' endpoints, re-pointed by the operator through its own link to where the region's clients are."""

from collections.abc import Collection, Mapping

from chaoskit.failover.duties import Reroute, misrouted, reads_home
from chaoskit.failover.scene import Scene
from chaoskit.model.event import Name
from chaoskit.model.scenario import Reads
from chaoskit.sql import Unanswered


class Rerouting:
    """Re-points endpoints, where their control answers."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._reads = scene.plan.scenario.stack.reads

    def owed(self) -> tuple[Reroute, ...]:
        """Endpoints that must lead to the primary and do not."""
        return misrouted(self._scene.board.now.primary, self._reads, self._routes())

    def point(self, duty: Reroute) -> None:
        """Lead an endpoint to the primary.

        Raises:
            Unanswered: The region's control does not answer.
        """
        self._point(duty.region, duty.kind, self._scene.board.now.primary)

    def leave(self, node: str) -> None:
        """Lead local reads away from a node that is about to be stopped, wherever they can be led away."""
        if self._reads is not Reads.LOCAL:
            return
        for (region, kind), pointed in self._routes().items():
            if kind == "read" and pointed == node:
                try:
                    self._point(region, kind, self._scene.board.now.primary)
                except Unanswered as error:
                    why = str(error)
                    self._scene.say(Name.UNREACHED, region=region, what=f"lead reads away from {node}", why=why)

    def unsettled(self) -> tuple[str, ...]:
        """Regions whose local reads may have to move: one of their nodes is out of service, or they have moved."""
        if self._reads is not Reads.LOCAL:
            return ()
        standing, routes = self._scene.board.now, self._routes()
        return tuple(
            region
            for region in self._scene.topology.regions
            if routes[region, "read"] not in self.local(region)
            or any(not standing.in_service(node) for node in self.local(region))
        )

    def local(self, region: str) -> list[str]:
        """The region's own nodes, in order."""
        return [node.name for node in self._scene.topology.nodes if node.region == region]

    def send_home(self, region: str, *, answering: Collection[str], fit: Collection[str]) -> None:
        """Lead a region's local reads to where they belong now.

        Raises:
            Unanswered: The region's control does not answer.
        """
        primary, pointed = self._scene.board.now.primary, self._routes()[region, "read"]
        home = reads_home(self.local(region), pointed, answering=answering, fit=fit, primary=primary)
        if home is not None:
            self._point(region, "read", home)

    def _routes(self) -> Mapping[tuple[str, str], str]:
        router = self._scene.router
        return {(r, kind): router.node(r, kind) for r in self._scene.topology.regions for kind in ("write", "read")}

    def _point(self, region: str, kind: str, node: str) -> None:
        dial = self._scene.controls[region]
        if self._scene.wan.ping([dial], self._scene.timeout_s)[dial] is None:
            raise Unanswered("the control of its endpoints does not answer")
        self._scene.router.point(region, kind, node)
        self._scene.say(Name.ROUTED, region=region, endpoint=kind, node=node)
