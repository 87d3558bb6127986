"""Faults on the servers of any runtime: they take effect, they are proved, and a proof that should fail does."""

import select
import socket
from contextlib import closing

import pytest

from chaoskit.clock import NS
from chaoskit.model.event import Name
from chaoskit.model.fault import Clients, Crash, Data, Freeze, Latency, Link, Mode, Partition, RegionLoss
from chaoskit.model.place import places

MS = 1_000_000
LINK = Link(left=places("us-east"), right=places("rest"))
ONE_WAY = Link(left=places("us-east"), right=places("eu-west"), both_ways=False)
NEAR, FAR = (
    Link(left=places("us-east"), right=places("eu-west")),
    Link(left=places("us-east"), right=places("ap-south")),
)
NODES = ("us-east/1", "eu-west/1", "ap-south/1")
SILENT_S = 0.5  # longer than the longest round trip
CLOSED_S = 20  # at once, but for a machine that does other things


def streaming(live, replica):
    query = f"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND application_name = '{replica}'"
    return live.rows("us-east/1", query) == [("1",)]


@pytest.mark.parametrize("mode", [Mode.STALL, Mode.DROP, Mode.REFUSE])
def test_a_partition_is_proved_at_its_onset_and_at_its_heal(faults, mode):
    cut = faults.make(Partition(link=LINK, mode=mode))
    cut.strike()
    proof = cut.settle()
    assert (proof.ok, proof.text) == (True, "8 of 8 links answered before and are silent")
    assert cut.resolved == "us-east <-> eu-west + ap-south"
    assert faults.healed(cut) == "8 of 8 links answer in time"


def test_a_partition_in_one_direction_silences_both_ends_of_its_dials(faults):
    faults.struck(Partition(link=ONE_WAY, mode=Mode.DROP))


def test_acknowledgements_alone_can_be_lost(faults):
    """What the primary sends to the clients of one region; nobody else's bytes."""
    link = Link(left=places("primary"), right=places("eu-west.clients"), both_ways=False)
    cut = faults.struck(Partition(link=link, mode=Mode.DROP))
    assert cut.resolved == "us-east/1 -> eu-west.clients"
    assert streaming(faults.live, "eu-west/1")


def test_the_undo_is_safe_before_the_do_and_twice(faults):
    cut = faults.make(Partition(link=LINK))
    faults.healed(cut)
    cut = faults.struck(Partition(link=LINK), "again")
    faults.healed(cut)
    faults.healed(cut)


def test_what_did_not_strike_is_not_proved(faults):
    assert faults.make(Partition(link=LINK), "cut").settle().ok is False
    assert faults.make(Crash(target=places("eu-west/1")), "crash").settle().ok is False


def test_a_link_that_leaks_is_named(faults, monkeypatch):
    wan = faults.live.stack.wan
    cut = faults.make(Partition(link=LINK, mode=Mode.DROP))
    spared, passage = faults.live.dial("ap-south:1~us-east:1"), wan.passage
    with monkeypatch.context() as planted:
        planted.setattr(wan, "passage", lambda dial, *key: None if dial == spared else passage(dial, *key))
        wan.cut("step", [s for s in wan.streams() if s.dial != spared], Mode.DROP)
        proof = cut.settle()
    assert (proof.ok, proof.text) == (False, f"still answered: {spared.name}")


def test_a_delay_that_is_not_in_force_is_no_latency(faults, monkeypatch):
    slow = faults.make(Latency(link=LINK, add_ns=300 * MS))
    monkeypatch.setattr("chaoskit.faults.proof.ONSET_TIMEOUT_S", 0.1)
    monkeypatch.setattr(faults.live.stack.wan, "passage", lambda *_: 300 * MS)
    proof = slow.settle()
    assert (proof.ok, "ms of +300 ms" in proof.text) == (False, True)


@pytest.mark.parametrize(
    "fault",
    [
        Latency(link=LINK, add_ns=101 * MS),
        Latency(link=LINK, factor=2.0),
        Latency(link=ONE_WAY, add_ns=150 * MS),
    ],
    ids=["round-trip", "factor", "one-way"],
)
def test_latency_is_proved_at_its_onset_and_at_its_heal(faults, fault):
    faults.healed(faults.struck(fault))


def test_jitter_varies_a_delay_and_is_gone_at_the_heal(faults):
    wan, dial = faults.live.stack.wan, faults.live.dial("us-east.clients~eu-west:1")
    draws_ns = tuple(ms * MS for ms in (-40, 40, 0, 20))
    slow = faults.struck(Latency(link=NEAR, add_ns=100 * MS, jitter_ns=40 * MS), jitter_ns=draws_ns)
    seen = set()

    def varied():
        seen.add(wan.passage(dial))
        return {100 * MS + draw for draw in draws_ns} <= seen

    faults.live.until(varied, "every draw came")
    other = faults.struck(Latency(link=LINK, add_ns=60 * MS), "other")
    faults.healed(slow)
    assert wan.passage(dial) == 60 * MS
    faults.healed(other)
    assert wan.passage(dial) == 0


class TestOverlaps:
    def test_a_partition_within_another_is_proved_by_the_heals_alone(self, faults):
        outer = faults.struck(Partition(link=LINK), "outer")
        inner = faults.make(Partition(link=NEAR, mode=Mode.DROP), "inner")
        inner.strike()
        assert (inner.settle().ok, inner.settle().text) == (None, "every link would be silent without it")
        assert faults.healed(inner) == "4 of 4 links answered before and are silent"
        assert faults.healed(outer) == "8 of 8 links answer in time"

    def test_partitions_that_overlap_heal_in_the_order_in_which_they_struck(self, faults):
        first = faults.struck(Partition(link=NEAR, mode=Mode.DROP), "first")
        second = faults.struck(Partition(link=LINK), "second")
        assert faults.healed(first) == "4 of 4 links answered before and are silent"
        assert faults.healed(second) == "8 of 8 links answer in time"

    def test_a_cut_within_a_delay_is_proved_and_a_delay_within_a_cut_once_that_is_healed(self, faults, monkeypatch):
        slow = faults.struck(Latency(link=LINK, add_ns=100 * MS), "slow")
        cut = faults.struck(Partition(link=NEAR), "cut")
        nested = faults.make(Latency(link=NEAR, add_ns=50 * MS), "nested")
        nested.strike()
        with monkeypatch.context() as hurried:
            hurried.setattr("chaoskit.faults.proof.ONSET_TIMEOUT_S", 0.1)
            assert nested.settle().ok is None
        assert "answer in time" in faults.healed(cut)
        assert nested.settle().ok is True
        faults.healed(slow)
        faults.healed(nested)


class TestNodes:
    def test_a_frozen_node_answers_nobody_and_runs_on(self, faults):
        frozen = faults.struck(Freeze(target=places("ap-south/1")))
        assert faults.live.stack.database.running("ap-south/1")
        faults.healed(frozen)
        faults.live.until(lambda: streaming(faults.live, "ap-south/1"), "it streams")

    def test_a_frozen_walreceiver_lets_its_node_answer_and_fall_behind(self, faults):
        live, last = faults.live, "SELECT pg_last_wal_receive_lsn()"
        frozen = faults.struck(Freeze(target=places("eu-west/1"), process="walreceiver"))
        before = live.rows("eu-west/1", last)
        live.rows("us-east/1", "SELECT pg_logical_emit_message(false, 'test', 'x')")
        live.until(lambda: live.rows("ap-south/1", last) > before, "the other replica goes on")
        assert live.rows("eu-west/1", last) == before
        faults.healed(frozen)
        live.until(lambda: live.rows("eu-west/1", last) > before, "it catches up")

    def test_a_walreceiver_that_runs_on_is_not_proved_frozen_though_its_node_answers(self, faults, monkeypatch):
        monkeypatch.setattr("chaoskit.faults.standstill.TIMEOUT_S", 0.1)
        frozen = faults.struck(Freeze(target=places("eu-west/1"), process="walreceiver"))
        faults.live.stack.database.resume("eu-west/1")
        proof = frozen.settle()
        assert (proof.ok, proof.text) == (False, "0 of 1 walreceiver of eu-west/1 stopped")
        faults.healed(frozen)

    def test_a_walreceiver_is_seen_to_be_frozen_and_to_run_on_though_nobody_hears_its_node(self, faults):
        cut = faults.struck(Partition(link=LINK, mode=Mode.DROP), "cut")
        near = Link(left=places("eu-west.clients", "ap-south.clients", "ap-south"), right=places("eu-west/1"))
        other = faults.struck(Partition(link=near, mode=Mode.DROP), "near")
        frozen = faults.struck(Freeze(target=places("eu-west/1"), process="startup"), "freeze")
        faults.healed(frozen)
        for one in (other, cut):
            faults.healed(one)
        faults.live.until(lambda: streaming(faults.live, "eu-west/1"), "it streams")

    def test_a_process_that_a_node_does_not_run_is_not_proved_frozen(self, faults):
        frozen = faults.make(Freeze(target=places("us-east/1"), process="walreceiver"))
        frozen.strike()
        proof = frozen.settle()
        assert (proof.ok, "walreceiver" in proof.text) == (False, True)

    @pytest.mark.parametrize("node", ["us-east/1", "eu-west/1"], ids=["primary", "replica"])
    def test_a_crashed_node_resets_its_clients_at_once_and_is_restarted(self, faults, node):
        dial = faults.live.dial(f"us-east.clients~{node.replace('/', ':')}")
        with closing(connected(faults.live, dial)) as client:
            crash = faults.struck(Crash(target=places(node)))
            assert closes(client, CLOSED_S)
        assert faults.intended == [f"crash {node}"]
        faults.healed(crash)
        assert [(event.event, event.node) for event in faults.events] == [(Name.RESTARTED, node)]
        faults.live.until(lambda: all(streaming(faults.live, replica) for replica in NODES[1:]), "replicas stream")

    def test_a_crash_behind_a_cut_is_heard_when_the_cut_heals_and_not_before(self, faults):
        with closing(connected(faults.live, faults.live.dial("us-east.clients~eu-west:1"))) as client:
            cut = faults.struck(Partition(link=NEAR), "cut")
            crash = faults.struck(Crash(target=places("eu-west/1")), "crash")
            assert not closes(client, SILENT_S)
            assert streaming(faults.live, "eu-west/1"), "the primary has heard of it"
            assert faults.live.stack.database.running("eu-west/1")
            assert "are silent" in faults.healed(cut)
            assert not faults.live.stack.database.running("eu-west/1")
            assert closes(client, CLOSED_S)
        faults.healed(crash)

    def test_the_end_of_a_crash_that_heals_behind_a_cut_is_heard_and_named(self, faults):
        faults.struck(Partition(link=NEAR), "cut")
        crash = faults.struck(Crash(target=places("eu-west/1")), "crash")
        assert "the end of eu-west/1 was heard through the cut of cut" in faults.healed(crash)


class TestRegions:
    def test_two_lost_regions_come_back_from_their_disks(self, faults):
        loss = faults.struck(RegionLoss(target=places("eu-west", "ap-south")))
        assert (list(loss.nodes), list(loss.excluded_regions)) == ([*NODES[1:]], ["eu-west", "ap-south"])
        faults.healed(loss)
        faults.live.until(lambda: all(streaming(faults.live, replica) for replica in NODES[1:]), "replicas stream")

    def test_destroyed_data_is_copied_anew_and_rerouted_clients_keep_their_other_links(self, faults):
        live = faults.live
        ((data,),) = live.rows("ap-south/1", "SHOW data_directory")
        live.rows("ap-south/1", f"COPY (SELECT 1) TO '{data}/diary'")
        loss = faults.struck(RegionLoss(target=places("ap-south"), data=Data.DESTROYED, clients=Clients.REROUTED))
        elsewhere = live.dial("ap-south.clients~us-east:1")
        assert live.stack.wan.ping([elsewhere], 2)[elsewhere] is not None
        assert list(loss.excluded_regions) == []
        assert "ap-south/1 was copied anew from us-east/1" in faults.healed(loss)
        assert live.rows("ap-south/1", "SELECT pg_stat_file('diary', true)") == [(None,)], "another disk"
        live.until(lambda: streaming(live, "ap-south/1"), "it streams")

    def test_a_node_that_is_held_stays_down_and_its_silence_is_no_fault(self, faults):
        loss = faults.struck(RegionLoss(target=places("ap-south")))
        faults.held = {"ap-south/1"}
        assert "ap-south/1 is left to the failover manager" in faults.healed(loss)
        assert not faults.live.stack.database.running("ap-south/1")
        faults.held = set()
        faults.live.stack.database.restart("ap-south/1", isolated=False)


def test_a_lost_region_goes_without_a_word_and_comes_back_with_its_clients(live, bring_up, faults_on, tmp_path):
    with bring_up(live) as live.stack:
        lost = faults_on(live, tmp_path / "streams")
        try:
            lost.work()
            loss = lost.struck(RegionLoss(target=places("us-east")))
            assert lost.intended == ["freeze us-east/1"]
            assert live.stack.database.running("us-east/1")
            walreceiver = "SELECT status FROM pg_stat_wal_receiver"
            assert [live.rows(node, walreceiver) for node in NODES[1:]] == [[("streaming",)]] * 2

            before = lost.load.operations()["us-east"]
            loss.heal()
            loss.heal()
            assert not live.stack.database.running("us-east/1")
            assert loss.settled().ok is True
            assert [event.event for event in lost.events] == [Name.CLIENTS_BACK, Name.RESTARTED]
            live.until(lambda: lost.load.operations()["us-east"] > before, "its clients work again", timeout_s=60)
        finally:
            lost.load.stop(live.clock.now_ns() + 2 * NS)


def connected(live, dial):
    """A client's socket through a dial, of which the server has heard."""
    target = live.stack.wan.target(dial)
    sock = socket.create_connection((target.host, target.port))
    sock.settimeout(5)
    sock.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))  # an SSLRequest
    assert sock.recv(1) == b"N"
    return sock


def closes(sock, within_s):
    """Whether the other side closes or resets the connection within that time."""
    if not select.select([sock], [], [], within_s)[0]:
        return False
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
