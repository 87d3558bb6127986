"""Faults of machines: done, proved and undone, and found out where they were not."""

import pytest

from chaoskit.errors import Skipped, StackError
from chaoskit.faults import clock_skew
from chaoskit.model.fault import ClockSkew, Cpu, Crash, Disconnect, DiskFull, Freeze, Latency, Link, RegionLoss
from chaoskit.model.place import places

SECOND = 1_000_000_000
EU = places("eu/1")
PULLED = Disconnect(target=EU)
FULL = DiskFull(target=EU, leave_bytes=5_000_000)
STARVED = Cpu(target=EU, leave=0.05)
WRONG = ClockSkew(target=EU, by_ns=-30 * SECOND)
ALL = {"disconnect": PULLED, "disk_full": FULL, "cpu": STARVED, "clock_skew": WRONG}
WORDS = {"disconnect": "unplug", "disk_full": "fill", "cpu": "throttle", "clock_skew": "skew"}
UNDOING = {
    "disconnect": "plug eu/1",
    "disk_full": "empty eu/1",
    "cpu": "throttle eu/1 None",
    "clock_skew": "skew eu/1 0",
}


@pytest.fixture(autouse=True)
def told_time(world, monkeypatch):
    """What servers say their clocks are off, since no server runs here."""

    def offset_ns(target, _clock):
        return None if target in world.dead else world.machines.skewed.get(target, 0)

    monkeypatch.setattr(clock_skew, "offset_ns", offset_ns)
    world.direct = lambda node: node


def struck(world, fault, step="step"):
    found = world.injector(fault, step)
    found.strike()
    return found


@pytest.mark.parametrize("word", ALL)
def test_it_is_written_down_done_proved_undone_and_proved_again(world, word):
    fault = struck(world, ALL[word])
    assert world.did[0] == f"intend {word} eu/1"
    assert [line for line in world.did[1:] if line.startswith(f"{WORDS[word]} eu/1")]
    assert fault.settle().ok is True
    fault.heal()
    assert UNDOING[word] in world.did
    assert fault.settled().ok is True
    assert world.injector(Crash(target=EU), "later").nodes == ("eu/1",)


@pytest.mark.parametrize("word", ALL)
def test_what_was_ordered_and_not_done_is_not_proved(world, word):
    world.machines.deaf.add(WORDS[word])
    assert struck(world, ALL[word]).settle().ok is not True


@pytest.mark.parametrize("word", ALL)
def test_what_cannot_be_done_is_told_by_the_proof_and_can_be_healed(world, word):
    fault = world.injector(ALL[word])
    world.machines.broken.add(WORDS[word])
    fault.strike()
    assert (fault.settle().ok, fault.settle().text) == (False, f"{WORDS[word]} does not work here")
    world.machines.broken.clear()
    fault.heal()
    assert fault.settled().ok is True


@pytest.mark.parametrize("word", ["disconnect", "disk_full", "clock_skew"])
def test_what_was_to_be_undone_and_was_not_is_found_out(world, word):
    fault = struck(world, ALL[word])
    world.machines.deaf |= {UNDOING[word].split()[0]}
    fault.heal()
    assert fault.settled().ok is False


def test_a_node_that_is_still_held_back_after_the_heal_is_found_out(world):
    fault = struck(world, STARVED)
    world.machines.deaf.add("throttle")
    world.machines.share = lambda _node: None
    fault.heal()
    assert (fault.settled().ok, fault.settled().text) == (False, "still held back: eu/1")


@pytest.mark.parametrize("word", ALL)
def test_an_undo_that_fails_is_tried_again_by_the_next_heal(world, word):
    fault = struck(world, ALL[word])
    undo = UNDOING[word].split()[0]
    world.machines.broken.add(undo)
    with pytest.raises(StackError):
        fault.heal()
    world.machines.broken.clear()
    fault.heal()
    assert fault.settled().ok is True


@pytest.mark.parametrize("word", ALL)
def test_a_heal_before_the_strike_and_a_second_heal_do_nothing(world, word):
    fault = world.injector(ALL[word])
    fault.heal()
    assert not [line for line in world.did if "eu/1" in line]
    fault.strike()
    fault.heal()
    done = list(world.did)
    fault.heal()
    assert world.did == done


@pytest.mark.parametrize("word", ALL)
@pytest.mark.parametrize("other", [Crash(target=EU), Freeze(target=EU), RegionLoss(target=places("eu"))])
def test_a_node_that_another_step_holds_is_skipped(world, word, other):
    first = world.injector(other, "other")
    with pytest.raises(Skipped, match="cannot have eu/1"):
        world.injector(ALL[word])
    first.heal()
    first.settled()
    world.injector(ALL[word])
    with pytest.raises(Skipped, match="cannot have eu/1"):
        world.injector(other, "other")


@pytest.mark.parametrize("word", ALL)
def test_where_nodes_share_a_machine_the_step_is_skipped(world, word):
    object.__setattr__(world.ground, "machines", None)
    with pytest.raises(Skipped, match="share one machine"):
        world.injector(ALL[word])


def test_a_link_fault_beside_it_proves_itself(world):
    pulled = struck(world, PULLED, "pulled")
    assert pulled.settle().ok is True
    slow = struck(world, Latency(link=Link(left=places("us"), right=places("ap")), add_ns=10**8))
    assert slow.settle().ok is True
    pulled.heal()
    assert (pulled.settled().ok, slow.settle().ok) == (True, True)


@pytest.mark.parametrize("word", ALL)
def test_only_a_node_without_a_cable_cannot_be_looked_at(world, word):
    assert world.injector(ALL[word]).nodes == (("eu/1",) if word == "disconnect" else ())


def test_what_a_node_without_a_cable_cannot_read_is_held_until_it_has_one(world):
    pulled = struck(world, PULLED)
    (held,) = world.cuts.values()
    assert held == {s for s in world.streams() if s.dial.source.name == "eu/1" and not s.upstream}
    pulled.heal()
    assert (world.did[-2], world.cuts) == ("plug eu/1", {})


class TestFullDisk:
    def test_a_server_that_dies_of_it_proves_it_and_is_brought_back(self, world):
        full = struck(world, FULL)
        world.dead.add("eu/1")
        proof = full.settle()
        assert (proof.ok, proof.text) == (True, "eu/1 has 5.0 MB left, and its server has died")
        full.heal()
        proof = full.settled()
        assert world.did[:3] == ["intend disk_full eu/1", "excuse eu/1", "fill eu/1 5000000"]
        assert world.did[-3:] == ["empty eu/1", "blame eu/1", "restart eu/1"]
        assert (proof.ok, "eu/1 had died of it" in proof.text) == (True, True)

    def test_a_dead_server_that_the_manager_holds_stays_down(self, world):
        full = struck(world, FULL)
        world.dead.add("eu/1")
        world.held.add("eu/1")
        full.heal()
        proof = full.settled()
        assert "restart eu/1" not in world.did
        assert (proof.ok, "eu/1 is left to the failover manager" in proof.text) == (True, True)

    def test_a_disk_that_is_still_full_is_found_out_where_no_canary_ever_sang(self, world):
        world.planted = {dial: None for dial in world.dials if dial.target.name == "eu/1"}
        world.again()
        full = struck(world, FULL)
        world.machines.deaf.add("empty")
        full.heal()
        assert (full.settled().ok, full.settled().text) == (False, "still no room: eu/1")

    def test_a_server_that_lives_on_is_not_restarted(self, world):
        full = struck(world, FULL)
        full.heal()
        full.settled()
        assert "restart eu/1" not in world.did

    def test_a_full_disk_stops_nobody_who_would_rebuild_the_node_but_its_heal_does(self, world):
        full = struck(world, FULL)
        assert not world.ground.claims.stopped("eu/1")
        full.heal()
        assert world.ground.claims.stopped("eu/1")
        full.settled()
        assert not world.ground.claims.stopped("eu/1")


class TestStarvation:
    def test_a_node_that_wants_no_more_than_its_share_shows_nothing(self, world):
        world.machines.idle.add("eu/1")
        proof = struck(world, STARVED).settle()
        assert (proof.ok, proof.text) == (None, "the kernel never had to hold back eu/1")

    def test_a_limit_that_stands_after_the_heal_is_found_out_though_the_node_wants_nothing(self, world):
        world.machines.idle.add("eu/1")
        fault = struck(world, STARVED)
        world.machines.deaf.add("throttle")
        fault.heal()
        assert (fault.settled().ok, fault.settled().text) == (False, "still limited: eu/1")

    def test_a_starved_node_is_in_nobodys_hands_and_may_answer_late(self, world):
        struck(world, STARVED)
        assert not world.ground.claims.stopped("eu/1")
        slow = struck(world, Latency(link=Link(left=places("us"), right=places("eu")), add_ns=10**8), "slow")
        for dial in world.dials:
            if dial.target.name == "eu/1":
                world.planted[dial] = None
        assert slow.settle().ok is True


class TestWrongClock:
    def test_a_server_that_does_not_answer_tells_no_time(self, world):
        wrong = struck(world, WRONG)
        world.dead.add("eu/1")
        assert wrong.settle().ok is None

    def test_a_heal_of_which_a_server_tells_nothing_is_not_proved(self, world, monkeypatch):
        wrong = struck(world, WRONG)
        wrong.heal()
        monkeypatch.setattr(clock_skew, "offset_ns", lambda *_: None)
        proof = wrong.settled()
        assert (proof.ok, proof.text) == (None, "eu/1 does not answer")

    def test_a_server_that_the_manager_holds_down_tells_no_time_and_needs_not(self, world):
        wrong = struck(world, WRONG)
        world.dead.add("eu/1")
        world.held.add("eu/1")
        wrong.heal()
        assert wrong.settled().ok is True

    @pytest.mark.parametrize("by_ns", [SECOND, -SECOND, 100_000_000])
    def test_a_clock_that_is_right_is_never_taken_for_a_wrong_one(self, world, by_ns):
        world.machines.deaf.add("skew")
        assert struck(world, ClockSkew(target=EU, by_ns=by_ns)).settle().ok is False

    def test_what_it_says_is_in_words(self, world):
        wrong = struck(world, WRONG)
        assert wrong.text == "eu/1: the server's wall clock is 30 s behind"
        assert wrong.settle().text == "eu/1 is -30.000 s off"
