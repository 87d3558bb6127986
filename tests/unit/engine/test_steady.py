from collections.abc import Mapping
from typing import Any, cast

import pytest

from chaoskit.engine.steady import WARM_UP_NS, await_steady, unsteady
from chaoskit.model.scenario import SteadyState
from chaoskit.protocols import LoadDriver

S = 1_000_000_000
STREAM = "eu-west/write/established"
SETTINGS = SteadyState(for_ns=2 * S, availability=0.9, within_ns=20 * S)


class Hands:
    """A clock that moves when it is slept on."""

    epoch_monotonic_ns = 0

    def __init__(self) -> None:
        self.t_ns = 0

    def now_ns(self) -> int:
        return self.t_ns

    def sleep(self, seconds: float) -> None:
        self.t_ns += round(seconds * S)

    def epoch_wall_ns(self) -> int:
        return 0


class Tally:
    """Ten probes a second of one stream; all fail before ``healthy_ns``."""

    def __init__(self, healthy_ns: int) -> None:
        self.healthy_ns = healthy_ns

    def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
        due = range(max(since_ns, 0), until_ns, S // 10)
        return {STREAM: (sum(at >= self.healthy_ns for at in due), len(due))}


def reached(healthy_ns: int, **options: Any) -> tuple[int | None, list[str], Mapping[str, tuple[int, int]]]:
    load = cast(LoadDriver, Tally(healthy_ns))
    options = {"began_ns": 0, "lag_ns": 0, "stop": lambda: False, "watch": lambda: None} | options
    return await_steady(SETTINGS, load, Hands(), **options)


def test_a_stream_is_unsteady_below_the_wanted_share_and_without_any_probe() -> None:
    counts = {"a": (9, 10), "b": (8, 10), "c": (0, 0)}
    assert unsteady(counts, 0.9) == ["b: 8 of 10", "c: 0 of 0"]


def test_the_window_begins_after_the_warm_up() -> None:
    t0_ns, bad, counts = reached(healthy_ns=0)
    assert t0_ns is not None
    assert WARM_UP_NS + 2 * S <= t0_ns < WARM_UP_NS + 2 * S + S // 5
    assert (bad, counts) == ([], {STREAM: (20, 20)})


def test_the_whole_window_must_be_healthy_enough() -> None:
    t0_ns, _, _ = reached(healthy_ns=10 * S)
    assert t0_ns is not None
    assert 11 * S < t0_ns <= 12 * S


def test_a_steady_state_that_never_comes_names_the_streams() -> None:
    t0_ns, bad, _ = reached(healthy_ns=100 * S)
    assert t0_ns is None
    assert bad == [f"{STREAM}: 0 of 20"]


def test_an_interrupt_ends_the_wait_at_once() -> None:
    watched: list[None] = []
    t0_ns, bad, _ = reached(healthy_ns=0, stop=lambda: True, watch=lambda: watched.append(None))
    assert (t0_ns, watched) == (None, [])
    assert bad


@pytest.mark.parametrize("counts", [{}, {STREAM: (0, 0)}])
def test_no_probes_are_no_steady_state(counts: dict[str, tuple[int, int]]) -> None:
    class Silent:
        def availability(self, since_ns: int, until_ns: int) -> Mapping[str, tuple[int, int]]:
            return counts

    t0_ns, bad, _ = await_steady(
        SETTINGS, cast(LoadDriver, Silent()), Hands(), began_ns=0, lag_ns=0, stop=lambda: False, watch=lambda: None
    )
    assert t0_ns is None
    assert bad


def test_the_window_ends_where_every_probe_is_known_to_have_ended() -> None:
    at_once, _, _ = reached(healthy_ns=6 * S)
    known_later, _, _ = reached(healthy_ns=6 * S, lag_ns=2 * S)
    assert at_once is not None
    assert known_later == at_once + 2 * S
