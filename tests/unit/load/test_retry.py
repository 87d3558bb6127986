"""How often, and how soon, an operation is tried again."""

from itertools import count
from random import Random

import pytest

from chaoskit.clock import NS
from chaoskit.load.retry import POLICIES
from chaoskit.model.scenario import Retry


def pauses(retry, seed=1, attempt_ns=0):
    """What one user waits between its attempts, if each takes that long and none succeeds."""
    draw, elapsed_ns, found = Random(seed), 0, []
    for failed in count(1):
        elapsed_ns += attempt_ns
        pause_ns = POLICIES[retry].pause_ns(failed, elapsed_ns, draw)
        if pause_ns is None:
            return found
        elapsed_ns += pause_ns
        found.append(pause_ns)
    raise AssertionError


def test_without_retries_there_is_one_attempt():
    assert pauses(Retry.NONE) == []


def test_an_eager_client_tries_five_times_at_once():
    assert pauses(Retry.EAGER) == [0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(50))
def test_a_client_that_backs_off_tries_ten_times_within_bounds_that_double(seed):
    bounds_ms = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]
    found = pauses(Retry.BACKOFF, seed)
    assert len(found) == len(bounds_ms)
    assert all(0 <= pause_ns <= bound_ms * 1_000_000 for pause_ns, bound_ms in zip(found, bounds_ms, strict=True))


def test_the_jitter_is_full():
    first_ns = [pauses(Retry.BACKOFF, seed)[0] for seed in range(200)]
    assert min(first_ns) < 10_000_000
    assert max(first_ns) > 90_000_000


def test_backing_off_ends_after_a_minute():
    found = pauses(Retry.BACKOFF, attempt_ns=20 * NS)
    assert len(found) == 2  # attempts at about 0, 20 and 40 s; at 60 s nobody tries again


def test_a_seed_draws_the_same_pauses_and_another_seed_others():
    assert pauses(Retry.BACKOFF, 1) == pauses(Retry.BACKOFF, 1)
    assert pauses(Retry.BACKOFF, 1) != pauses(Retry.BACKOFF, 2)
