"""Ghosts, late ghosts, and failures that took effect."""

from collections.abc import Callable
from typing import Any

import pytest

MS = 1_000_000
Tell = Callable[..., Any]


def test_an_unanswered_write_that_survived_is_a_ghost(story: Tell) -> None:
    told = story().write("a", 1, None).write("b", 2, None).holds("a")
    assert told.finds("ghosts") == ("some", 1)
    assert "survived as version 1" in told.told().findings["ghosts"].witness.sentence


def test_acknowledged_and_failed_writes_are_no_ghosts(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 2, 3, outcome="fail").holds("a", "b")
    assert told.finds("ghosts") == ("none", 0)


def test_a_ghost_committed_after_the_heal_that_released_it_is_late(story: Tell) -> None:
    told = story(heals_ms=(100.0,)).write("a", 10, None).holds("a", committed_ns=101 * MS)
    assert told.finds("late_ghosts") == ("some", 1)
    assert "released by the heal at 0.100 s" in told.told().findings["late_ghosts"].witness.sentence


@pytest.mark.parametrize(
    ("invoked", "committed"),
    [(10, 11), (10, 100), (100, 101), (120, 130)],
    ids=["committed at once", "at the very heal", "sent at the heal", "sent after the heal"],
)
def test_a_ghost_that_no_heal_released_is_not_late(story: Tell, invoked: float, committed: int) -> None:
    told = story(heals_ms=(100.0,)).write("a", invoked, None).holds("a", committed_ns=committed * MS)
    assert told.finds("late_ghosts") == ("none", 0)
    assert told.finds("ghosts") == ("some", 1)


def test_the_second_of_two_heals_releases_too(story: Tell) -> None:
    told = story(heals_ms=(200.0, 100.0)).write("a", 150, None).holds("a", committed_ns=201 * MS)
    assert told.finds("late_ghosts") == ("some", 1)


def test_a_ghost_without_a_timestamp_is_unclassified_never_none(story: Tell) -> None:
    told = story(heals_ms=(100.0,)).write("a", 10, None).holds("a").told()
    assert told.findings["late_ghosts"].result.value == "unknown"
    assert "ghosts without a commit timestamp: 1" in told.findings["late_ghosts"].reason


def test_unclassified_ghosts_are_told_beside_the_late_ones(story: Tell) -> None:
    told = story(heals_ms=(100.0,)).write("a", 10, None).write("b", 10, None)
    told = told.holds("a").holds("b", committed_ns=101 * MS)
    finding = told.told().findings["late_ghosts"]
    assert (finding.count, finding.counts) == (1, {"unclassified": 1})


def test_a_timestamp_that_a_wrong_clock_may_have_made_is_none(story: Tell) -> None:
    told = story(heals_ms=(100.0,), doubted_ms=((101.0, 120.0),)).write("a", 10, None).write("b", 10, None)
    told = told.holds("a", committed_ns=110 * MS).holds("b", committed_ns=121 * MS)
    finding = told.told().findings["late_ghosts"]
    assert (finding.count, finding.counts) == (1, {"unclassified": 1})


def test_ghosts_of_a_wrong_clock_alone_are_unknown_and_say_why(story: Tell) -> None:
    told = story(heals_ms=(100.0,), doubted_ms=((0.0, 50.0),)).write("a", 10, None).holds("a", committed_ns=20 * MS)
    finding = told.told().findings["late_ghosts"]
    assert finding.result.value == "unknown"
    assert "that a wrong clock may have made: 1" in finding.reason


def test_without_a_heal_no_ghost_is_late_timestamp_or_not(story: Tell) -> None:
    assert story().write("a", 10, None).holds("a").finds("late_ghosts") == ("none", 0)


def test_a_failed_write_that_survived_is_visible(story: Tell) -> None:
    told = story().write("a", 1, 2, outcome="fail", error="40001").holds("a")
    assert told.finds("failed_visible") == ("some", 1)
    assert "40001" in told.told().findings["failed_visible"].witness.sentence


def test_a_failed_write_that_was_read_is_visible_even_if_it_is_gone(story: Tell) -> None:
    told = story().write("a", 1, 2, outcome="fail").read("a", 3, 4).holds()
    finding = told.told().findings["failed_visible"]
    assert finding.count == 1
    assert [row["kind"] for row in finding.witness.operations] == ["write", "read"]


def test_a_failed_write_that_nobody_saw_is_fine(story: Tell) -> None:
    told = story().write("a", 1, 2, outcome="fail").write(None, 3, 4, outcome="fail").read(None, 3, 4).holds()
    assert told.finds("failed_visible") == ("none", 0)


def test_without_an_authority_only_a_read_can_show_a_failed_write(story: Tell) -> None:
    told = story(authoritative=None).write("a", 1, 2, outcome="fail")
    assert told.holds().finds("failed_visible") == ("unknown", 0)
    assert told.read("a", 3, 4).finds("failed_visible") == ("some", 1)
