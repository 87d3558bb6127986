"""Lost packets and thin pipes are proved by what gets through, and by nothing else."""

import pytest

from chaoskit.faults.packet_loss import Tally, tally
from chaoskit.model.fault import Bandwidth, Latency, Link, Mode, PacketLoss, Partition
from chaoskit.model.place import places
from chaoskit.protocols import PacketCount

MS = 1_000_000
US_EU = Link(left=places("us"), right=places("eu"))
LOSSY, THIN = PacketLoss(link=US_EU, share=0.05), Bandwidth(link=US_EU, bytes_per_s=2_000_000)
CUT, SLOW = Partition(link=US_EU), Latency(link=US_EU, add_ns=100 * MS)
BY_PACKETS = Partition(link=US_EU, mode=Mode.PACKETS)


def struck(world, fault, step="step"):
    found = world.injector(fault, step)
    found.strike()
    return found


def stuck(world, *dials):
    """Nothing answers on these, whatever was asked."""
    world.planted |= dict.fromkeys(dials or world.dials)


class TestPacketLoss:
    def test_it_is_proved_by_the_packets_that_the_kernel_lost(self, world):
        loss = struck(world, LOSSY)
        proof = loss.settle()
        assert (proof.ok, "5.0% where 5.0% were asked for" in proof.text) == (True, True)
        loss.heal()
        assert loss.settled().ok is True

    @pytest.mark.parametrize("losing", [0.0, 0.02, 0.08, 1.0])
    def test_a_filter_that_loses_another_share_is_found_out(self, world, losing):
        world.losing = lambda share: losing
        assert struck(world, LOSSY).settle().ok is False

    def test_too_few_packets_tell_nothing(self, world):
        world.packets = 10
        proof = struck(world, LOSSY).settle()
        assert (proof.ok, proof.text.startswith("too few to tell")) == (None, True)

    def test_two_losses_on_one_link_are_held_against_what_both_make_together(self, world):
        for step in ("one", "other"):
            proof = struck(world, LOSSY, step).settle()
            assert proof.ok is True
        assert "9.8% were asked for" in proof.text

    def test_a_loss_inside_a_cut_is_not_to_be_seen(self, world):
        world.asks.cut("cut", world.streams(), Mode.PACKETS)
        assert struck(world, LOSSY).settle().ok is None

    def test_packets_that_are_filtered_after_the_heal_are_named(self, world):
        loss = struck(world, LOSSY)
        loss.heal()
        world.residue = [s for s in world.streams() if s.dial.name == "us.clients~eu:1"]
        proof = loss.settled()
        assert (proof.ok, proof.text) == (False, "packets are still filtered: us.clients~eu:1")

    def test_the_heal_of_one_of_two_is_proved_while_the_other_stands(self, world):
        one, _ = struck(world, LOSSY, "one"), struck(world, LOSSY, "other")
        one.heal()
        assert one.settled().ok is True

    @pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.5, 0.99])
    def test_a_decisive_tally_tells_no_loss_from_the_loss_that_was_asked(self, world, share):
        stream = world.streams()[0]
        seen = 1
        while not tally({stream: PacketCount(passed=seen, lost=0, passed_bytes=0)}, {stream: share}).decisive:
            seen *= 2
        assert not tally({stream: PacketCount(passed=seen, lost=0, passed_bytes=0)}, {stream: share}).fits

    def test_nothing_seen_is_nothing_told(self):
        assert not Tally().decisive


class TestBandwidth:
    def test_it_is_proved_by_how_long_a_canary_takes(self, world):
        thin = struck(world, THIN)
        proof = thin.settle()
        assert (proof.ok, "1000 kB in 0.50 s" in proof.text) == (True, True)
        thin.heal()
        assert thin.settled().ok is True

    def test_a_filter_that_limits_nothing_is_found_out(self, world):
        world.carrying = lambda size, limit: size / 5e8
        proof = struck(world, THIN).settle()
        assert (proof.ok, proof.text.startswith("faster than the limit: ")) == (False, True)

    def test_a_pipe_that_others_fill_is_slower_and_still_limited(self, world):
        world.carrying = lambda size, limit: 3 * size / (limit or 5e8)
        assert struck(world, THIN).settle().ok is True

    def test_what_carries_nothing_in_time_proves_nothing(self, world):
        world.carrying = lambda size, limit: None
        assert struck(world, THIN).settle().ok is None

    def test_a_limit_that_outlasts_its_heal_is_found_out(self, world):
        thin = struck(world, THIN)
        thin.heal()
        world.carrying = lambda size, limit: size / 2e6
        proof = thin.settled()
        assert (proof.ok, proof.text.startswith("no faster than under the limit: ")) == (False, True)

    def test_a_path_that_is_slow_by_nature_passes_for_a_limit_but_never_for_its_heal(self, world):
        world.carrying = lambda size, limit: size / 1e6
        thin = struck(world, THIN)
        assert thin.settle().ok is True
        thin.heal()
        assert thin.settled().ok is False

    def test_the_tightest_of_two_limits_is_what_must_hold(self, world):
        wide, thin = struck(world, THIN, "wide"), struck(world, Bandwidth(link=US_EU, bytes_per_s=1e6), "thin")
        world.carrying = lambda size, limit: size / 2e6
        assert thin.settle().ok is False
        world.carrying = lambda size, limit: size / (limit or 5e8)
        wide.heal()
        assert (wide.settled().ok, wide.settled().text) == (None, "other steps limit every link of it")
        thin.heal()
        assert thin.settled().ok is True

    def test_a_limit_within_a_tighter_one_is_not_proved_by_it(self, world):
        struck(world, Bandwidth(link=US_EU, bytes_per_s=1e6), "thin")
        proof = struck(world, THIN, "wide").settle()
        assert (proof.ok, proof.text) == (None, "other steps limit every link of it to less")

    def test_nothing_is_sent_where_nobody_takes_it(self, world):
        world.dead.add("eu/1")
        link = Link(left=places("us.clients"), right=places("eu.nodes"))
        proof = struck(world, Bandwidth(link=link, bytes_per_s=2e6)).settle()
        assert (proof.ok, "no link of it leads to a node that answers" in proof.text) == (None, True)


class TestOverlaps:
    """What pings say where packets are lost: an answer is one, silence is nothing."""

    def test_a_cut_by_packets_is_proved_like_any_cut_and_lets_those_behind_it_die(self, world):
        cut = struck(world, BY_PACKETS)
        assert cut.settle().ok is True
        assert world.ground.claims.cuts.over("us/1") == ()
        cut.heal()
        assert cut.settled().ok is True

    def test_what_nobody_reads_behind_a_cut_by_packets_is_held_from_its_proof_until_packets_pass(self, world):
        cut = struck(world, BY_PACKETS)
        before = set(world.cuts)
        cut.settle()
        (key,) = world.cuts.keys() - before
        assert f"cut {key} {Mode.STALL}" in world.did
        assert world.cuts[key]
        assert not any(stream.upstream for stream in world.cuts[key])
        cut.heal()
        assert world.did[-2:] == ["reopen step", f"reopen {key}"]
        assert world.cuts == {}

    def test_a_cut_by_packets_that_was_healed_before_its_proof_holds_nothing(self, world):
        cut = struck(world, BY_PACKETS)
        cut.heal()
        cut.settle()
        assert world.cuts == {}

    def test_a_cut_by_packets_that_leaks_is_named(self, world):
        world.planted[world.dial("us.clients~eu:1")] = 0.08
        assert struck(world, BY_PACKETS).settle().ok is False

    def test_a_cut_that_heals_into_lost_packets_is_proved_by_those_that_answer(self, world):
        struck(world, LOSSY, "loss")
        cut = struck(world, CUT)
        assert cut.settle().ok is True
        cut.heal()
        stuck(world, *[dial for dial in world.dials if dial.name != "us.clients~eu:1"])
        world.planted[world.dial("us.clients~eu:1")] = 1.3
        proof = cut.settled()
        assert (proof.ok, "as far as packets get through" in proof.text) == (True, True)

    def test_silence_where_packets_are_lost_is_neither_a_heal_nor_a_failed_one(self, world):
        struck(world, LOSSY, "loss")
        cut = struck(world, CUT)
        cut.heal()
        stuck(world)
        proof = cut.settled()
        assert (proof.ok, "may hide what is looked for" in proof.text) == (None, True)

    def test_lateness_where_packets_are_lost_proves_no_latency_but_the_right_lateness_does(self, world):
        struck(world, LOSSY, "loss")
        slow = struck(world, SLOW)
        assert slow.settle().ok is True
        for dial in world.dials:
            world.planted[dial] = world.ground.baseline.trip_s(dial) + 0.3
        assert slow.settle().ok is None

    def test_an_answer_that_is_too_early_disproves_a_latency_even_where_packets_are_lost(self, world):
        struck(world, THIN, "thin")
        slow = struck(world, SLOW)
        world.planted[world.dial("us.clients~eu:1")] = 0.08
        assert slow.settle().ok is False

    def test_lost_packets_under_a_latency_are_proved(self, world):
        struck(world, SLOW, "slow")
        assert struck(world, LOSSY).settle().ok is True
