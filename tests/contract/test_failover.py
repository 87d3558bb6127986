"""The runbook on real servers: whom it promotes, what it leaves alone, and who comes back as what."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event as Flag

import pytest

from chaoskit.clock import NS
from chaoskit.engine.events import EventLog
from chaoskit.engine.witness import NodeWitness
from chaoskit.errors import StackError
from chaoskit.failover import errands, failback, switchover
from chaoskit.failover.runbook import RunbookManager
from chaoskit.load import register
from chaoskit.model.event import Name
from chaoskit.model.fault import Mode
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Async, Failback, Fence, Load, Runbook, Scenario, Stack
from chaoskit.model.topology import Node, Role, Topology
from chaoskit.planning import plan as plan_of
from chaoskit.planning.routes import endpoint
from chaoskit.routing.direct import DirectRouter
from chaoskit.sql import Unanswered

manager_alone = pytest.mark.parametrize(
    "runtime", [pytest.param(RuntimeName.LOCAL, marks=pytest.mark.stack)], indirect=True
)
"""What a manager does of its own accord is the same wherever its servers are: one runtime will do."""

REGIONS = ("us-east", "eu-west", "ap-south")
OLD, NEW, THIRD = (f"{region}/1" for region in REGIONS)
RTT_NS = {(a, b): 10_000_000 for a in REGIONS for b in REGIONS if a != b}
INSERT = "INSERT INTO register_writes (key, version, value) VALUES ('k', 1, '{}')"
VALUES = "SELECT value FROM register_writes ORDER BY value"


def scenario(nodes, **settings):
    runbook = Runbook(
        every_ns=200_000_000,
        failures=3,
        timeout_ns=NS,
        decide_ns=100_000_000,
        origin="ap-south",
        **{"candidates": ("eu-west", "us-east"), **settings},
    )
    return Scenario(
        name="failover-test",
        question="q",
        stack=Stack(topology=Topology(nodes=nodes, primary=OLD, rtt_ns=RTT_NS), replication=Async(), failover=runbook),
        load=Load(users=dict.fromkeys(REGIONS, 1)),
        duration_ns=60 * NS,
    )


class Stage:
    """A live stack with an operator, and what the operator said."""

    def __init__(self, live, database, witness, log):
        self.live, self.log, self.wan = live, log, live.stack.wan
        self.database, plan = live.stack.database, live.plan
        self.stopped = set()
        self.router = DirectRouter(plan, self.wan)
        self.manager = RunbookManager(
            plan,
            plan.scenario.stack.failover,
            self.wan,
            self.router,
            database=database,
            witness=witness,
            clock=live.clock,
            emit=log.emit,
            stopped=self.stopped.__contains__,
        )

    def said(self, name, **detail):
        """Events of that name with these details."""
        wanted = detail.items()
        return [e for e in self.log.seen if e.event is name and wanted <= ({**e.detail, "node": e.node}).items()]

    def hears(self, name, timeout_s=40, **detail):
        self.live.until(lambda: self.said(name, **detail), f"no {name} {detail}", timeout_s)
        return self.said(name, **detail)[-1]

    def isolate(self, region, mode=Mode.STALL, *, spare=None):
        """Cut the region off from the others; ``spare``: not those streams."""
        crossing = [s for s in self.wan.streams() if (s.source.region == region) != (s.target.region == region)]
        self.wan.cut(region, [s for s in crossing if spare is None or not spare(s)], mode)

    def write(self, node, value):
        reply = self.live.ask(self.database.direct(node), INSERT.format(value))[0]
        assert reply.sqlstate is None, reply.message

    def values(self, node):
        return [value for (value,) in self.live.rows(node, VALUES)]

    def follows(self, node, primary):
        query = f"SELECT 1 FROM pg_stat_replication WHERE application_name = '{node}' AND state = 'streaming'"
        return self.live.rows(primary, query) == [("1",)]


@pytest.fixture
def staged(live_of, bring_up, tmp_path):
    """Bring up a stack with an operator; ``plant`` and ``doubt`` make one of his hands or eyes go wrong."""

    @contextmanager
    def up(*, nodes=(OLD, NEW, THIRD), plant=None, doubt=None, **settings):
        planned = scenario(tuple(Node(region=n[:-2], number=int(n[-1])) for n in nodes), **settings)
        live = live_of(plan_of(planned, seed=1, run=secrets.token_hex(3)))
        with ExitStack() as undo:
            live.stack = undo.enter_context(bring_up(live))
            log = EventLog(tmp_path / "events.ndjson", live.clock)
            undo.callback(log.close)
            database = live.stack.database
            witness = NodeWitness(database, query=register.AUDIT_SQL, events=log, clock=live.clock)
            made = live.ask(database.direct(OLD), *register.SCHEMA_SQL)
            assert [reply.message for reply in made if reply.sqlstate] == []
            there = "SELECT to_regclass('register_writes') IS NOT NULL"
            live.until(lambda: all(live.rows(n, there) == [("t",)] for n in nodes), "the tables are replicated")
            stage = Stage(live, Planted(database, plant), Doubting(witness, doubt), log)
            undo.callback(stage.manager.stop)
            stage.manager.start()
            yield stage
            assert stage.said(Name.BROKEN) == []

    return up


class Planted:
    """A real database, but for one rebuild that goes wrong."""

    def __init__(self, database, plant):
        self._database, self._plant = database, plant

    def __getattr__(self, name):
        return getattr(self._database, name)

    def rebuild(self, node, source, how, upstream):
        if self._plant is not None and how is Failback.REWIND:
            return self._plant(self._database, node, source, upstream)
        return self._database.rebuild(node, source, how, upstream)


class Doubting:
    """A real witness, but for a first comparison that finds a difference."""

    def __init__(self, witness, doubt):
        self._witness, self._doubts = witness, [doubt] if doubt else []

    def evidence(self, node):
        self._witness.evidence(node)

    def differs(self, node, primary):
        return self._doubts.pop() if self._doubts else self._witness.differs(node, primary)


def not_rewound(database, node, source, upstream):
    return database.rebuild(node, source, Failback.NONE, upstream)


def test_two_failovers_in_one_run_and_each_old_primary_comes_back_with_identical_content(staged):
    with staged() as stage:
        stage.write(OLD, "common")
        stage.live.until(lambda: stage.values(NEW) == ["common"], "the row is replicated")
        stage.isolate("us-east")
        stage.write(OLD, "diverged")
        stage.hears(Name.PROMOTED, node=NEW)
        stage.live.until(lambda: stage.said(Name.REPOINTED, node=THIRD, primary=NEW), "the third follows")
        stage.write(NEW, "kept")
        assert stage.manager.deposed() == (OLD,)
        assert stage.values(OLD) == ["common", "diverged"]
        stage.wan.heal("us-east")
        back = stage.hears(Name.FAILED_BACK, node=OLD, how="rewind", source=NEW)
        assert back.detail["bytes"] > 0
        assert stage.said(Name.DEMOTED, node=OLD, how="stopped")[0].t_ns < back.t_ns
        assert stage.values(OLD) == stage.values(NEW) == ["common", "kept"]
        assert stage.follows(OLD, NEW)
        assert stage.manager.deposed() == ()

        stage.stopped.add(NEW)
        stage.database.kill(NEW)
        stage.hears(Name.PROMOTED, node=OLD)
        assert (stage.manager.holds(NEW), stage.manager.holds(THIRD)) == (True, False)
        assert not stage.said(Name.HELD)  # its host is down with it, until nobody keeps it so
        stage.stopped.clear()
        stage.hears(Name.FAILED_BACK, node=NEW, source=OLD)
        assert len(stage.said(Name.HELD, node=NEW)) == 1
        stage.live.until(lambda: stage.follows(THIRD, OLD), "the third follows again")
        stage.manager.complete(stage.live.clock.now_ns() + 20 * NS)
        assert [stage.values(node) for node in (NEW, THIRD)] == [["common", "kept"]] * 2
        assert {stage.router.node(region, "write") for region in REGIONS} == {OLD}


@manager_alone
@pytest.mark.parametrize(
    ("planted", "why"),
    [
        ({"plant": not_rewound}, "has not replayed"),
        ({"doubt": "it holds 1 row too many"}, "it holds 1 row too many"),
    ],
    ids=["started without rewinding", "an extra row"],
)
def test_a_failed_rewind_is_noticed_and_followed_by_a_reclone(staged, monkeypatch, planted, why):
    monkeypatch.setattr(failback, "VERIFY_TIMEOUT_S", 3.0)
    with staged(**planted) as stage:
        stage.isolate("us-east")
        stage.write(OLD, "diverged")
        stage.hears(Name.PROMOTED, node=NEW)
        stage.write(NEW, "kept")
        stage.wan.heal("us-east")
        back = stage.hears(Name.FAILED_BACK, node=OLD, how="reclone")
        failed = stage.said(Name.NOT_FAILED_BACK, node=OLD, how="rewind")
        assert [why in event.detail["why"] for event in failed] == [True]
        assert failed[0].t_ns < back.t_ns
        assert stage.values(OLD) == ["kept"]


def test_a_switchover_loses_nothing_and_the_old_primary_follows(staged):
    with staged() as stage, ThreadPoolExecutor(1) as pool:
        acknowledged, over = [], Flag()

        def write():
            while not over.is_set():
                value = f"{len(acknowledged):06}"
                target = stage.live.stack.wan.endpoint(endpoint("write", "eu-west"))
                try:
                    reply = stage.live.ask(target, INSERT.format(value), timeout_s=1)[0]
                except Unanswered:
                    continue
                if reply.sqlstate is None:
                    acknowledged.append(value)

        writer = pool.submit(write)
        try:
            stage.live.until(lambda: len(acknowledged) > 10, "writes")
            stage.manager.switchover(NEW)
            before = len(acknowledged)
            stage.live.until(lambda: len(acknowledged) > before + 10, "writes go on")
        finally:
            over.set()
        writer.result(10)
        assert set(acknowledged) <= set(stage.values(NEW))
        assert stage.manager.primary() == NEW
        assert stage.manager.deposed() == ()
        assert stage.follows(OLD, NEW)
        named = [e.event for e in stage.log.seen if e.event in (Name.DEMOTED, Name.PROMOTED, Name.FAILED_BACK)]
        assert named == [Name.DEMOTED, Name.PROMOTED, Name.FAILED_BACK]
        assert stage.said(Name.FAILED_BACK, how="follow", node=OLD)
        assert not stage.said(Name.DETECTED)
        stage.live.until(lambda: stage.values(OLD) == stage.values(NEW), "the old primary has caught up")


@manager_alone
def test_a_switchover_that_cannot_be_done_leaves_the_primary_writable(staged, monkeypatch):
    monkeypatch.setattr(switchover, "CATCH_UP_TIMEOUT_S", 2.0)
    with staged() as stage:
        stage.database.freeze(NEW, "walreceiver")
        stage.write(OLD, "not sent")  # or there would be nothing to catch up with
        with pytest.raises(StackError, match=f"stopped when {NEW} was to catch up; {OLD} is primary again"):
            stage.manager.switchover(NEW)
        stage.database.resume(NEW)
        stage.write(OLD, "still here")
        assert stage.manager.primary() == OLD
        assert not stage.said(Name.PROMOTED)


@manager_alone
def test_a_required_fence_promotes_nobody_while_the_primary_cannot_be_reached_and_stands_down_when_it_is_well(staged):
    with staged(fence=Fence.REQUIRED) as stage:
        stage.isolate("us-east")
        stage.hears(Name.FENCED, node=OLD, ok=False)
        stage.live.until(lambda: stage.live.clock.now_ns() > stage.said(Name.DECIDED)[0].t_ns + 3 * NS, "three seconds")
        assert not stage.said(Name.PROMOTED)
        stage.write(OLD, "still primary")
        stage.wan.heal("us-east")
        stage.hears(Name.FENCED, node=OLD, ok=False, why="it answers as primary again: nothing is promoted")
        assert stage.manager.primary() == OLD
        stage.live.until(lambda: stage.values(NEW) == ["still primary"], "the replica follows as before")
        stage.write(OLD, "writable")


@manager_alone
def test_a_zombie_without_failback_is_fenced_as_soon_as_it_can_be_reached(staged):
    with staged(failback=Failback.NONE) as stage:
        stage.isolate("us-east")
        stage.hears(Name.PROMOTED, node=NEW)
        assert [e.detail["ok"] for e in stage.said(Name.FENCED)] == [False]
        assert not stage.manager.holds(OLD)
        stage.wan.heal("us-east")
        stage.hears(Name.DEMOTED, node=OLD, how="fenced")
        refused = stage.live.ask(stage.database.direct(OLD), INSERT.format("zombie"))[0]
        assert refused.sqlstate == "25006"
        stage.manager.complete(stage.live.clock.now_ns() + 20 * NS)
        assert stage.manager.deposed() == (OLD,)
        assert {stage.router.node(region, "write") for region in REGIONS} == {NEW}


def test_clients_whose_own_nodes_are_silent_read_from_the_new_primary_until_their_node_is_back(staged):
    with staged() as stage:
        stage.isolate("us-east", Mode.DROP, spare=lambda s: Role.CLIENTS in (s.source.role, s.target.role))
        stage.stopped.add(OLD)
        stage.database.freeze(OLD)
        stage.hears(Name.ROUTED, endpoint="write", node=NEW)
        routed = stage.hears(Name.ROUTED, endpoint="read", node=NEW)
        assert routed.region == "us-east"
        stage.database.kill(OLD)
        stage.wan.heal("us-east")
        assert stage.manager.holds(OLD)
        stage.stopped.clear()
        back = stage.hears(Name.FAILED_BACK, node=OLD)
        home = stage.hears(Name.ROUTED, endpoint="read", node=OLD)
        assert (home.region, home.t_ns > back.t_ns) == ("us-east", True)


@manager_alone
def test_a_replica_that_went_on_with_the_old_primary_is_rebuilt_too(staged, monkeypatch):
    monkeypatch.setattr(errands, "STRAYED_AFTER_S", 1.0)
    second = "us-east/2"
    with staged(nodes=(OLD, second, NEW, THIRD)) as stage:
        stage.isolate("us-east")
        stage.write(OLD, "diverged")
        stage.live.until(lambda: stage.values(second) == ["diverged"], "the neighbour has it")
        stage.hears(Name.PROMOTED, node=NEW)
        stage.write(NEW, "kept")
        stage.wan.heal("us-east")
        for node in (OLD, second):
            stage.hears(Name.FAILED_BACK, node=node)
            assert stage.values(node) == ["kept"]


@manager_alone
def test_a_promotion_asked_again_after_a_lost_answer_promotes_once(staged):
    with staged() as stage:
        stage.manager.stop()
        operator = stage.manager._scene.operator()
        answers = [
            s
            for s in stage.wan.streams()
            if s.dial.source.role is Role.MANAGER and s.dial.target.name == NEW and not s.upstream
        ]
        operator.streaming(NEW)  # the session is there before its answers are lost
        stage.wan.cut("lost", answers, Mode.DROP)
        with pytest.raises(Unanswered):
            operator.promote(NEW)
        stage.wan.heal("lost")
        assert operator.promote(NEW)[1] == 2
        operator.close()
