"""The share of writes is the share of all operations, whatever follows them."""

from random import Random

import pytest

from chaoskit.load.mix import Mix
from chaoskit.model.scenario import Register

TURNS = 20_000


def turns(seed=1, **workload):
    mix = Mix(Register(**workload), Random(seed))
    return [mix.turn() for _ in range(TURNS)]


@pytest.mark.parametrize("read_after_ns", [None, 0, 50])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_share_of_writes_is_met(share, read_after_ns):
    drawn = turns(write_share=share, read_after_ns=read_after_ns)
    writes, reads = sum(t.write for t in drawn), sum(t.read for t in drawn)
    assert writes / (writes + reads) == pytest.approx(share, abs=0.02)


def test_at_one_half_every_write_is_followed_by_a_read_of_its_key():
    assert all(turn.write and turn.read for turn in turns(write_share=0.5, read_after_ns=0))


def test_below_one_half_every_write_is_followed_and_further_reads_come_between():
    drawn = turns(write_share=0.2, read_after_ns=0)
    assert all(turn.read for turn in drawn)
    assert {turn.write for turn in drawn} == {True, False}


def test_without_read_after_a_turn_is_one_operation():
    assert all(turn.write != turn.read for turn in turns(read_after_ns=None))


def test_a_seed_draws_the_same_turns_and_another_seed_others():
    assert turns(seed=1) == turns(seed=1)
    assert turns(seed=1) != turns(seed=2)


def test_keys_stay_within_their_number():
    assert {turn.key for turn in turns(keys=3)} == {"key/0", "key/1", "key/2"}
