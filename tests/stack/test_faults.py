"""Faults on real servers: they take effect, they are proved, and a proof that should fail does."""

import psutil
import pytest

from chaoskit.clock import NS
from chaoskit.faults.ground import Ground
from chaoskit.faults.injector import injector
from chaoskit.faults.proof import ROUNDS, Canary
from chaoskit.load import register
from chaoskit.load.driver import ProcessLoad
from chaoskit.model.fault import Latency, Link, Mode, Partition, RegionLoss
from chaoskit.processes import alive

pytestmark = pytest.mark.stack
LINK = Link(left=("us-east",), right=("eu-west", "ap-south"))
NODES = ("us-east/1", "eu-west/1", "ap-south/1")


class Struck:
    """An injector on a stack, with a load that may run, and what it announced."""

    def __init__(self, live, fault, directory):
        self.live, self.intended = live, []
        self.load = ProcessLoad(live.plan, live.launcher, live.clock, directory / "streams")
        self._fault = fault

    def prepare(self):
        """Strike later; the links are pinged now."""
        stack = self.live.stack
        ground = Ground(plan=self.live.plan, wan=stack.wan, database=stack.database, load=self.load,
                        clock=self.live.clock, intend=self.intended.append)  # fmt: skip
        self.injector = injector("step", self._fault, ground)
        return self.injector

    def work(self):
        """Let users and probers of every region run until each has been answered."""
        live, soon = self.live, self.live.clock.now_ns() + 30 * NS
        self.load.start()
        self.load.connect(live.stack.endpoints())
        made = live.ask(live.stack.database.direct("us-east/1"), *register.SCHEMA_SQL)
        assert [reply.message for reply in made if reply.sqlstate] == []
        self.load.ready(soon)
        self.load.begin(live.clock.now_ns() + NS // 10)
        live.until(lambda: len(self.load.operations()) == 3 and all(self.load.operations().values()), "users work")


@pytest.fixture
def strike(live_stack, tmp_path):
    """Make an injector; it heals afterwards, whatever happened."""
    made = []

    def prepare(fault):
        made.append(Struck(live_stack, fault, tmp_path).prepare())
        return made[-1]

    yield prepare
    for each in made:
        each.heal()
        assert each.settled().ok is True


@pytest.mark.parametrize("mode", list(Mode))
def test_a_partition_is_proved_at_its_onset_and_at_its_heal(strike, mode):
    fault = strike(Partition(link=LINK, mode=mode))
    first_ns, last_ns = fault.strike()
    assert 0 < first_ns <= last_ns
    proof = fault.settle()
    assert (proof.ok, proof.text) == (True, "8 of 8 links answered before and none after the cut")
    first_ns, last_ns = fault.heal()
    assert 0 < first_ns <= last_ns
    proof = fault.settled()
    assert (proof.ok, proof.text) == (True, "all 8 links answer again")


def test_a_partition_in_one_direction_silences_both_ends_of_its_dials(strike):
    fault = strike(Partition(link=Link(left=("us-east",), right=("eu-west",), both_ways=False), mode=Mode.DROP))
    fault.strike()
    assert fault.settle().ok is True


def test_the_undo_is_safe_before_the_do_and_twice(strike):
    fault = strike(Partition(link=LINK))
    fault.heal()
    assert fault.settled().ok is True
    fault.strike()
    fault.heal()
    fault.heal()
    assert fault.settled().ok is True


def test_what_did_not_strike_is_not_proved(strike):
    cut, slow = strike(Partition(link=LINK)), strike(Latency(link=LINK, add_ns=300_000_000))
    assert cut.settle().ok is False
    assert slow.settle().ok is False


@pytest.mark.parametrize(
    "fault",
    [
        Latency(link=LINK, add_ns=101_000_000),
        Latency(link=LINK, factor=2.0),
        Latency(link=Link(left=("us-east",), right=("eu-west",), both_ways=False), add_ns=150_000_000),
    ],
    ids=["round-trip", "factor", "one-way"],
)
def test_latency_is_proved_at_its_onset_and_at_its_heal(strike, fault):
    slow = strike(fault)
    slow.strike()
    proof = slow.settle()
    assert proof.ok is True, proof.text
    slow.heal()
    proof = slow.settled()
    assert proof.ok is True, proof.text


class TestCanary:
    """The proof itself, against planted failures."""

    @pytest.fixture
    def wan(self, live_stack):
        yield live_stack.stack.wan
        for key in ("planted", "before"):
            live_stack.stack.wan.heal(key)

    @pytest.fixture
    def streams(self, wan):
        return [s for s in wan.streams() if LINK.carries(s.source, s.target)]

    def test_a_link_that_leaks_is_named(self, live_stack, wan, streams):
        canary = Canary(wan, streams, live_stack.clock)
        canary.before()
        spared = streams[-1].dial
        wan.cut("planted", [s for s in streams if s.dial != spared], Mode.DROP)
        proof = canary.cut()
        assert (proof.ok, proof.text) == (False, f"still answered after the cut: {spared.name}")

    def test_silence_proves_nothing_where_nothing_answered_before(self, live_stack, wan, streams):
        wan.cut("before", streams, Mode.DROP)
        canary = Canary(wan, streams, live_stack.clock)
        canary.before()
        wan.cut("planted", streams, Mode.STALL)
        assert canary.cut().ok is None
        assert canary.slower({stream.dial: 0.1 for stream in streams}).ok is None

    def test_another_delay_than_was_asked_for_is_not_the_fault(self, live_stack, wan, streams):
        canary = Canary(wan, streams, live_stack.clock)
        canary.before(ROUNDS)
        wan.slow("planted", dict.fromkeys(streams, 50_000_000))
        proof = canary.slower({stream.dial: 0.3 for stream in streams})
        assert proof.ok is False
        assert streams[0].dial.name in proof.text
        assert canary.slower({stream.dial: 0.1 for stream in streams}).ok is True

    def test_a_heal_that_left_a_link_cut_is_named(self, live_stack, wan, streams, monkeypatch):
        monkeypatch.setattr("chaoskit.faults.proof.HEAL_TIMEOUT_S", 0.1)
        canary = Canary(wan, streams, live_stack.clock)
        canary.before()
        wan.cut("planted", streams[:1], Mode.DROP)
        proof = canary.healed()
        assert (proof.ok, proof.text) == (False, f"silent after the heal: {streams[0].dial.name}")


def test_a_lost_region_is_cut_proved_and_frozen_without_a_word_and_heals_dead(live, bring_up, tmp_path):
    with bring_up(live) as live.stack:
        lost = Struck(live, RegionLoss(region="us-east"), tmp_path)
        try:
            lost.work()
            fault = lost.prepare()
            assert outsiders(live) == set()
            fault.strike()
            proof = fault.settle()
            assert (proof.ok, proof.text) == (True, "9 of 9 links answered before and none after the cut")
            assert lost.intended == ["freeze us-east/1"]
            assert stopped(live) == {"us-east/1", "load.us-east.users", "load.us-east.probes"}
            assert {p.status() for p in live.tree("us-east/1") if alive(p)} == {psutil.STATUS_STOPPED}
            walreceiver = "SELECT status FROM pg_stat_wal_receiver"
            assert [live.rows(node, walreceiver) for node in NODES[1:]] == [[("streaming",)]] * 2
            assert outsiders(live) == set()

            frozen = live.tree("us-east/1")
            fault.heal()
            fault.heal()
            assert [p for p in frozen if alive(p)] == []
            live.stack.database.restart("us-east/1", isolated=False)
            assert fault.settled().ok is True
        finally:
            lost.load.stop(live.clock.now_ns() + 2 * NS)  # operations behind the cut never end
    assert [name for name, process in live.processes.items() if alive(process)] == []


def outsiders(live):
    """Who, beside the WAN, has a connection to a node's own port."""
    names = {process.pid: name for name, process in live.processes.items()}
    callers = set()

    def known():
        callers.clear()
        callers.update(connected(live))
        return None not in callers  # one that ended while the list was made has no owner any more

    live.until(known, "every connection has an owner")
    assert callers, "nobody is connected, so nothing was inspected"
    return {names.get(pid, f"pid {pid}") for pid in callers} - {"toxiproxy"}


def connected(live):
    """Pids with an established connection to a node's own port."""
    own = {live.stack.database.direct(node).port for node in NODES}
    found = psutil.net_connections(kind="tcp")
    return {c.pid for c in found if c.status == psutil.CONN_ESTABLISHED and c.raddr and c.raddr.port in own}


def stopped(live):
    return {name for name, process in live.processes.items() if process.status() == psutil.STATUS_STOPPED}
