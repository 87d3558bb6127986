"""What a canary concludes from pings: reality against what must hold now, whoever ordered it."""

import pytest

from chaoskit.errors import Skipped, StackError
from chaoskit.faults.expected import expected
from chaoskit.faults.proof import together, tolerance_s
from chaoskit.model.fault import Crash, Freeze, Latency, Link, Mode, Partition, RegionLoss
from chaoskit.model.place import places
from chaoskit.protocols import Proof

MS = 1_000_000
US_EU = Link(left=places("us"), right=places("eu"))
US_ALL = Link(left=places("us"), right=places("eu", "ap"))
CUT, WIDER, SLOW = Partition(link=US_EU), Partition(link=US_ALL), Latency(link=US_EU, add_ns=100 * MS)
CANARY = "us.clients~eu:1"


def test_a_cut_is_proved_by_the_silence_of_all(world):
    cut = world.injector(CUT)
    cut.strike()
    assert cut.settle().ok is True
    cut.heal()
    assert cut.settled().ok is True


def test_a_link_that_leaks_is_named_at_the_first_look(world):
    world.planted[world.dial(CANARY)] = 0.08
    cut = world.injector(CUT)
    cut.strike()
    assert (cut.settle().ok, cut.settle().text) == (False, f"still answered: {CANARY}")


def test_a_fault_that_did_not_strike_is_not_proved(world):
    assert world.injector(CUT).settle().ok is False
    slow = world.injector(SLOW)
    slow.strike()
    for dial in world.dials:
        world.planted[dial] = world.ground.baseline.trip_s(dial)
    assert slow.settle().ok is False


def test_silence_proves_nothing_where_nothing_answered_in_health(world):
    world.planted = dict.fromkeys(world.dials)
    world.again()
    cut = world.injector(CUT)
    cut.strike()
    assert cut.settle().ok is None


def test_a_dial_that_was_silent_in_health_is_counted_out(world):
    world.planted[world.dial(CANARY)] = None
    world.again()
    cut = world.injector(CUT)
    cut.strike()
    proof = cut.settle()
    assert (proof.ok, proof.text) == (True, "6 of 7 links answered before and are silent")


def test_a_heal_that_left_a_link_cut_is_named(world):
    cut = world.injector(CUT)
    cut.strike()
    cut.heal()
    world.planted[world.dial(CANARY)] = None
    assert (cut.settled().ok, cut.settled().text) == (False, f"silent: {CANARY}")


@pytest.mark.parametrize(
    ("grown_ms", "ok"), [(100, True), (119, True), (81, True), (130, False), (70, False), (0, False)]
)
def test_latency_is_proved_within_a_fifth(world, grown_ms, ok):
    slow = world.injector(SLOW)
    slow.strike()
    world.planted[world.dial(CANARY)] = 0.08 + grown_ms / 1e3
    proof = slow.settle()
    assert proof.ok is ok, proof.text
    assert ok or CANARY in proof.text


def test_noise_is_not_taken_for_latency(world):
    world.noise_s = [0.05, 0.0, 0.09]
    world.again()
    slow = world.injector(SLOW)
    slow.strike()
    world.noise_s = [0.07, 0.04, 0.0]
    assert slow.settle().ok is True


@pytest.mark.parametrize("wanted_s", [0.002, 0.01, 0.03, 0.2, 2.0, -0.04])
def test_no_growth_at_all_never_passes_for_the_growth_that_was_asked(wanted_s):
    assert 0 < tolerance_s(wanted_s) < abs(wanted_s)


@pytest.mark.parametrize("inner_first", [True, False], ids=["inner-first", "outer-first"])
def test_nested_cuts_prove_their_heals_in_either_order_but_an_inner_onset_never(world, inner_first):
    outer, inner = world.injector(WIDER, "outer"), world.injector(CUT, "inner")
    outer.strike()
    assert outer.settle().ok is True
    inner.strike()
    assert (inner.settle().ok, inner.settle().text) == (None, "every link would be silent without it")
    order = (inner, outer) if inner_first else (outer, inner)
    for fault in order:
        fault.heal()
        assert fault.settled().ok is True
    assert world.cuts == {}


def test_a_wider_cut_is_proved_by_what_the_narrower_one_had_left(world):
    inner, outer = world.injector(CUT, "inner"), world.injector(WIDER, "outer")
    for fault in (inner, outer):
        fault.strike()
        assert fault.settle().ok is True


@pytest.mark.parametrize("gone", ["stopped by a step", "down", "held"])
def test_the_silence_of_a_node_that_was_down_anyway_proves_no_cut(world, gone):
    link = Link(left=places("us.clients"), right=places("eu.nodes"))
    if gone == "stopped by a step":
        world.injector(Crash(target=places("eu/1")), "crash").strike()
    elif gone == "down":
        world.dead.add("eu/1")
    else:
        world.held.add("eu/1")
    cut = world.injector(Partition(link=link), "cut")
    cut.strike()
    world.dead.add("eu/1")
    assert (cut.settle().ok, cut.settle().text) == (None, "every link would be silent without it")


def test_delays_that_add_prove_themselves_one_by_one(world):
    first, second = world.injector(SLOW, "first"), world.injector(Latency(link=US_ALL, factor=2.0), "second")
    for fault in (first, second):
        fault.strike()
        assert fault.settle().ok is True
    first.heal()
    assert first.settled().ok is True
    world.planted[world.dial(CANARY)] = 0.08
    second.strike()
    assert second.settle().ok is False, "80 ms were asked for and none came"


@pytest.mark.parametrize("held", [False, True], ids=["another cut", "held nodes"])
def test_a_delay_that_nobody_can_measure_is_not_proved_by_what_others_have_done(world, held):
    if held:
        world.held |= {node.name for node in world.topology.nodes}
    else:
        world.injector(CUT, "cut").strike()
    slow = world.injector(SLOW, "slow")
    slow.strike()
    onset = slow.settle()
    slow.heal()
    assert (onset.ok, slow.settled().ok) == (None, None), onset.text


def test_a_delay_is_proved_by_the_links_that_others_have_left(world):
    cut, slow = world.injector(CUT, "cut"), world.injector(Latency(link=US_ALL, add_ns=100 * MS), "slow")
    cut.strike()
    slow.strike()
    assert slow.settle().ok is True
    slow.heal()
    assert slow.settled().ok is True


def test_a_delay_whose_heal_a_cut_hides_is_measured_when_the_cut_is_healed(world, monkeypatch):
    monkeypatch.setattr("chaoskit.faults.proof.HEAL_TIMEOUT_S", 10.0)
    cut, slow = world.injector(CUT, "cut"), world.injector(SLOW, "slow")
    slow.strike()
    cut.strike()
    slow.heal()
    world.meanwhile = cut.heal
    assert slow.settled().ok is True


def test_a_crash_that_did_nothing_is_not_proved_by_a_cut_that_struck_after_it(world):
    crash = world.injector(Crash(target=places("eu/1")), "crash")
    world.kill = lambda _node: None
    crash.strike()
    world.injector(RegionLoss(target=places("us", "ap")), "others").strike()
    world.injector(Partition(link=Link(left=places("eu.clients"), right=places("eu/1"))), "own").strike()
    assert (crash.settle().ok, crash.settle().text) == (None, "every link would be silent without it")


def test_a_cut_is_proved_when_what_had_silenced_its_links_is_over(world):
    outer, inner = world.injector(WIDER, "outer"), world.injector(CUT, "inner")
    outer.strike()
    inner.strike()
    outer.heal()
    assert inner.settle().ok is True


def test_a_delay_under_a_cut_that_stays_is_told_by_the_heal_of_the_cut(world):
    cut, slow = world.injector(CUT, "cut"), world.injector(SLOW, "slow")
    cut.strike()
    slow.strike()
    assert slow.settle().ok is None
    cut.heal()
    for dial in world.dials:
        world.planted[dial] = world.ground.baseline.trip_s(dial)
    assert cut.settled().ok is False
    world.planted.clear()
    assert cut.settled().ok is True


def test_a_fault_that_strikes_during_a_proof_does_not_spoil_it(world):
    other = world.injector(SLOW, "other")
    cut = world.injector(WIDER)
    cut.strike()
    cut.heal()
    world.meanwhile = other.strike
    assert cut.settled().ok is True


def test_what_was_healed_before_it_was_proved_is_neither_proved_nor_disproved(world):
    cut = world.injector(CUT)
    cut.strike()
    world.meanwhile = cut.heal
    assert cut.settle().ok is None


def test_a_node_that_another_step_has_stopped_is_silent_and_no_leak_of_the_heal(world):
    crash, cut = world.injector(Crash(target=places("eu/1")), "crash"), world.injector(CUT, "cut")
    crash.strike()
    cut.strike()
    cut.heal()
    proof = cut.settled()
    assert (proof.ok, proof.text) == (
        True,
        "3 of 7 links answered before and are silent, 4 of 7 links answer in time",
    )


def test_a_node_that_the_manager_holds_is_no_witness(world):
    crash = world.injector(Crash(target=places("us/1")))
    crash.strike()
    world.primary, world.held = "eu/1", {"us/1"}
    crash.heal()
    proof = crash.settled()
    assert (proof.ok, "left to the failover manager" in proof.text) == (True, True)


WALRECEIVER = Freeze(target=places("eu/1"), process="walreceiver")


def test_a_process_that_is_frozen_leaves_its_node_answering(world):
    freeze = world.injector(WALRECEIVER)
    freeze.strike()
    proof = freeze.settle()
    assert (proof.ok, proof.text) == (True, "every walreceiver of eu/1 is stopped; 6 of 6 links answer in time")
    world.planted = dict.fromkeys(world.dials)
    assert freeze.settle().ok is False


def test_a_process_that_runs_on_is_not_proved_frozen_by_a_node_that_answers_or_is_cut_off(world):
    freeze = world.injector(WALRECEIVER)
    world.unstoppable.add("walreceiver")
    freeze.strike()
    proof = freeze.settle()
    assert (proof.ok, proof.text) == (False, "0 of 1 walreceiver of eu/1 stopped")
    world.injector(CUT, "cut").strike()
    assert freeze.settle().ok is False


def test_a_process_of_a_node_that_nobody_hears_is_seen_to_be_stopped_and_to_run_on(world):
    world.injector(RegionLoss(target=places("us", "ap")), "others").strike()
    world.injector(Partition(link=Link(left=places("eu.clients"), right=places("eu/1"))), "own").strike()
    freeze = world.injector(WALRECEIVER, "freeze")
    freeze.strike()
    assert freeze.settle().ok is True
    freeze.heal()
    assert freeze.settled().ok is True


def test_a_process_that_stays_stopped_after_the_heal_is_found_out(world):
    freeze = world.injector(WALRECEIVER)
    world.unwakeable.add("eu/1")
    freeze.strike()
    freeze.heal()
    assert (freeze.settled().ok, freeze.settled().text) == (False, "1 of 1 walreceiver of eu/1 stopped")


def test_a_process_that_is_gone_or_cannot_be_looked_at_tells_nothing(world):
    freeze = world.injector(WALRECEIVER)
    freeze.strike()
    world.dead.add("eu/1")
    assert (freeze.settle().ok, freeze.settle().text.partition(";")[0]) == (None, "no walreceiver runs any more: eu/1")

    def hidden(node, process):
        raise StackError(f"{process} of {node} cannot be seen")

    world.stopped = hidden
    assert freeze.settle().ok is None


def test_a_process_that_does_not_exist_is_not_proved_frozen(world):
    freeze = world.injector(Freeze(target=places("eu/1"), process="nosuch"))
    freeze.strike()
    assert (freeze.settle().ok, freeze.settle().text) == (False, "eu/1 runs no process called nosuch")
    freeze.heal()


def test_a_link_on_which_nothing_travels_is_skipped(world):
    nobody = Link(left=places("us.clients"), right=places("eu.clients"))
    with pytest.raises(Skipped, match=r"nothing travels on us.clients <-> eu.clients"):
        world.injector(Partition(link=nobody, mode=Mode.DROP))


def test_every_node_is_looked_at_once_however_many_dials_lead_to_it(world):
    asked = []
    world.running = lambda node: asked.append(node) or True
    expected(world.ground, world.dials)
    assert sorted(asked) == [node.name for node in sorted(world.topology.nodes, key=lambda node: node.name)]


@pytest.mark.parametrize(
    ("oks", "ok", "text"),
    [((True, True), True, "0; 1"), ((True, None), None, "1"), ((None, False), False, "1"), ((False, True), False, "0")],
)
def test_of_several_proofs_the_weakest_counts_and_speaks(oks, ok, text):
    assert together(*(Proof(ok=one, text=str(n)) for n, one in enumerate(oks))) == Proof(ok=ok, text=text)
