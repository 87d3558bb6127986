"""Servers that are a table, and an operator whose every word may be lost on its way, or on the way back."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event as Flag

import pytest

from chaoskit import planning, scenario_file
from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.failover.errands import Errands
from chaoskit.failover.failback import Returning
from chaoskit.failover.operator import Mark, Reached
from chaoskit.failover.promotion import Promotion
from chaoskit.failover.rerouting import Rerouting
from chaoskit.failover.scene import Scene
from chaoskit.failover.standing import Board, Standing
from chaoskit.protocols import Target
from chaoskit.sql import Unanswered

OLD, NEW, THIRD = "us-east/1", "eu-west/1", "ap-south/1"
FORK = "0/500"
SCENARIO = """\
chaoskit: 1
name: table
question: q
stack:
  regions: [us-east, eu-west, ap-south]
  network: {rtt: {default: 10ms}}
  failover: {runbook: {failback: rewind}}
duration: 10s
"""


@dataclass(kw_only=True)
class Server:
    """One node as it is, whatever the operator holds true of it."""

    follows: str | None = None
    running: bool = True
    recovering: bool = True
    read_only: bool = False
    lsn: str = FORK
    deaths: int = 0


@dataclass(kw_only=True)
class World:
    """WAN, router, database and witness in one table.

    Attributes:
        unreached: Nodes that the operator cannot reach.
        unheard: Of how many (verb, node) still to come the answer is lost; it happens all the same.
        meanwhile: What happens as (verb, node) is done, once.
        did: What was done to nodes past the WAN, in order.
    """

    plan: object
    servers: dict = field(default_factory=dict)
    unreached: set = field(default_factory=set)
    unheard: Counter = field(default_factory=Counter)
    meanwhile: dict = field(default_factory=dict)
    routes: dict = field(default_factory=dict)
    did: list = field(default_factory=list)
    events: list = field(default_factory=list)

    def said(self, name):
        return [event for event in self.events if event.event is name]

    def happen(self, verb, node):
        self.did.append(f"{verb} {node}")
        self.meanwhile.pop((verb, node), lambda: None)()

    # The WAN.
    def target(self, dial):
        return Target(host="127.0.0.1", port=self.plan.dials.index(dial) + 1, user="u", password="p")

    def passage(self, dial):
        return None if dial.target.name in self.unreached else 0

    def ping(self, dials, timeout_s):
        return {dial: 0.01 if self._answers(dial) else None for dial in dials}

    def _answers(self, dial):
        there = dial.target.name not in self.servers or self.servers[dial.target.name].running
        return there and self.passage(dial) is not None

    # The router.
    def node(self, region, kind):
        return self.routes.get((region, kind), OLD)

    def point(self, region, kind, node):
        self.routes[region, kind] = node

    # The database.
    def running(self, node):
        return self.servers[node].running

    def stop(self, node):
        self.servers[node].running = False
        self.happen("stop", node)

    def kill(self, node):
        self.servers[node].running = False
        self.servers[node].deaths += 1

    def restart(self, node, *, isolated):
        self.servers[node].running = True

    def rebuild(self, node, source, how, upstream):
        assert not self.servers[node].running
        self.servers[node] = Server(follows=source)
        self.happen(how, node)

    # The witness.
    def evidence(self, node):
        self.happen("evidence", node)

    def differs(self, node, primary):
        self.happen("compare", node)


class TableOperator:
    """Does to the servers of a world what an operator does to real ones."""

    def __init__(self, world):
        self.world = world
        self.sessions = {}  # how often the server had died when they were opened

    def is_primary(self, node):
        return self._in_recovery(node) is False

    def is_replica(self, node):
        return self._in_recovery(node) is True

    def fence(self, node):
        self._server("fence", node).read_only = True
        self._answer("fence", node)

    def unfence(self, node):
        self._server("unfence", node).read_only = False
        self._answer("unfence", node)

    def follow(self, node, upstream):
        self._server("follow", node).follows = self.world.plan.dials[upstream.port - 1].target.name
        self._answer("follow", node)

    def stop_receiving(self, node):
        self._server("stop_receiving", node).follows = ""
        self._answer("stop_receiving", node)
        server = self.world.servers[node]
        return Reached(lsn=server.lsn, promoted=not server.recovering)

    def promote(self, node):
        self._server("promote", node).recovering = False
        self._answer("promote", node)
        return FORK, 2

    def streaming(self, primary):
        self._server("streaming", primary)
        servers = self.world.servers.items()
        return frozenset(n for n, s in servers if s.running and s.recovering and s.follows == primary)

    def mark(self, primary):
        self._server("mark", primary)
        return Mark(lsn=FORK, timeline=1)

    def replayed(self, primary, node, mark):
        return node in self.streaming(primary)

    def close(self):
        self.sessions.clear()

    def _in_recovery(self, node):
        try:
            return self._server("ask", node).recovering
        except Unanswered:
            return None

    def _server(self, verb, node):
        if node in self.world.unreached or not self.world.servers[node].running:
            raise Unanswered("no answer")
        deaths = self.world.servers[node].deaths
        if self.sessions.setdefault(node, deaths) != deaths:
            del self.sessions[node]
            raise Unanswered("connection lost")
        self.world.happen(verb, node)
        return self.world.servers[node]

    def _answer(self, verb, node):
        if self.world.unheard[verb, node]:
            self.world.unheard[verb, node] -= 1
            raise Unanswered("no answer within 1 s")


class TableScene(Scene):
    """A scene whose operator acts on a table."""

    def operator(self):
        return TableOperator(self.wan)


@pytest.fixture
def scene():
    """Make the scene of one primary and two replicas; keywords are settings of the runbook."""

    def make(**settings):
        plan = planning.plan(scenario_file.parse(SCENARIO, "s"), seed=1, run="abc")
        quick = replace(plan.scenario.stack.failover, every_ns=5_000_000, decide_ns=0, **settings)
        servers = {OLD: Server(recovering=False), NEW: Server(follows=OLD), THIRD: Server(follows=OLD)}
        world = World(plan=plan, servers=servers)
        standing = Standing(primary=OLD, follows={NEW: OLD, THIRD: OLD})
        return TableScene(
            plan=plan, settings=quick, wan=world, router=world, database=world, witness=world, clock=MonotonicClock(),
            emit=world.events.append, board=Board(standing),
        )  # fmt: skip

    return make


@pytest.fixture
def promotion():
    """The promotion of a scene, which is neither stopped nor closing."""
    return lambda scene: Promotion(scene, Rerouting(scene), stopped=Flag(), closing=Flag())


@pytest.fixture
def errands():
    """Run a scene's errands, which nothing unexpected may befall; hands out how to wait for what they do."""

    @contextmanager
    def running(scene, promotion):
        stopped, broken, routes = Flag(), [], Rerouting(scene)
        returning = Returning(scene, routes, free=lambda _node: True, stopped=stopped)
        made = Errands(scene, routes, promotion, returning, stopped=stopped, broken=broken.append)
        made.start()
        try:
            yield lambda condition: wait_for(
                lambda: None if condition() else "not yet", clock=scene.clock, timeout_s=5, what="it did not happen"
            )
        finally:
            stopped.set()
            assert made.join(5)
        assert broken == []

    return running
