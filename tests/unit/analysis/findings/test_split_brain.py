"""Split brain: two incarnations that acknowledge in turns."""

from collections.abc import Callable
from typing import Any

Tell = Callable[..., Any]
MS = 1_000_000
OLD: dict[str, Any] = {"node": "us/1", "pg_timeline": 1}
NEW: dict[str, Any] = {"node": "eu/1", "pg_timeline": 2}
OTHER: dict[str, Any] = {"node": "ap/1", "pg_timeline": 2}


def test_an_old_primary_that_goes_on_beside_the_new_one_is_a_split_until_it_stops(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 10, 11, **NEW).write("c", 12, 13, **OLD).write("d", 90, 91, **NEW)
    told = told.holds("a", "b", "d").told()
    assert told.findings["split_brain"].count == 2  # b and c; d came when the old one was silent
    assert told.split_brain_ns == 2 * MS
    witness = told.findings["split_brain"].witness
    assert witness.sentence == (
        "us/1 on timeline 1 and eu/1 on timeline 2 both acknowledged writes, each after the other had done so, "
        "from 0.011 s to 0.013 s."
    )
    assert [row["value"] for row in witness.operations] == ["a", "b", "c"]


def test_a_failover_is_no_split(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 3, 4, **OLD).write("c", 10, 11, **NEW).holds("a", "c").told()
    assert told.findings["split_brain"].result.value == "none"
    assert told.split_brain_ns is None


def test_an_answer_of_the_old_primary_that_was_under_way_is_no_split(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 3, 20, **OLD).write("c", 10, 11, **NEW).holds("a", "c")
    assert told.finds("split_brain") == ("none", 0)


def test_a_tie_is_no_split(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("c", 10, 11, **NEW).write("b", 11, 20, **OLD).holds("a", "c")
    assert told.finds("split_brain") == ("none", 0)


def test_two_standbys_promoted_apart_share_a_timeline_and_split(story: Tell) -> None:
    told = story().write("a", 1, 2, **NEW).write("b", 3, 4, **OTHER).write("c", 5, 6, **NEW).holds("a")
    assert told.finds("split_brain") == ("some", 2)


def test_the_window_spans_all_splits(story: Tell) -> None:
    told = story()
    for at, who in enumerate((OLD, NEW, OLD, NEW, OTHER, NEW, OTHER)):
        told.write(f"v{at}", 10 * at, 10 * at + 5, **who)
    assert told.holds("v0").told().split_brain_ns == (55 - 15) * MS  # the last one came when the others were silent


def test_unanswered_and_failed_writes_prove_no_split(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 10, 11, **NEW).write("c", 12, None, **OLD)
    told.write("d", 14, 15, outcome="fail", **OLD).read("a", 16, 17, **OLD)
    assert told.holds("a", "b").finds("split_brain") == ("none", 0)


def test_no_authority_is_needed(story: Tell) -> None:
    told = story(authoritative=None).write("a", 1, 2, **OLD).write("b", 3, 4, **NEW).write("c", 5, 6, **OLD)
    assert told.finds("split_brain") == ("some", 2)


def test_writes_that_do_not_say_who_answered_leave_it_unknown(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 3, 4, node=None, pg_timeline=None).holds("a", "b")
    assert told.finds("split_brain") == ("unknown", 0)
    assert "do not say who answered" in told.told().findings["split_brain"].reason


def test_a_history_without_those_columns_leaves_it_unknown(story: Tell) -> None:
    from chaoskit.analysis.findings.examine import examine

    told = story().write("a", 1, 2).holds("a")
    history = told.history.drop(columns=["node", "pg_timeline"])
    assert examine(history, told.final, told.audit).findings["split_brain"].result.value == "unknown"


def test_clocks_of_several_hosts_leave_it_unknown(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 3, 4, **NEW).write("c", 5, 6, host="other", **OLD).holds("a")
    assert told.finds("split_brain") == ("unknown", 0)
    assert told.told().split_brain_ns is None


def test_a_zombie_splits_the_brain_from_its_awakening_to_its_end_and_not_while_it_was_frozen(story: Tell) -> None:
    told = story().write("before", 1, 2, **OLD)
    for at in range(100, 400, 5):  # promoted at 100 ms
        told.write(f"new{at}", at, at + 3, **NEW)
    for at in (150, 199):  # sent while it was frozen, acknowledged when it woke up at 200 ms
        told.write(f"held{at}", at, 201, **OLD)
    for at in range(200, 300, 5):  # fenced at 300 ms
        told.write(f"zombie{at}", at, at + 3, **OLD)
    assert abs(told.holds("before").told().split_brain_ns - (300 - 200) * MS) <= 5 * MS


def test_a_zombie_that_acknowledges_once_splits_the_brain_for_a_moment(story: Tell) -> None:
    told = story().write("before", 1, 2, **OLD).write("zombie", 150, 201, **OLD)
    for at in range(100, 400, 5):
        told.write(f"new{at}", at, at + 3, **NEW)
    assert 0 < told.holds("before").told().split_brain_ns <= 5 * MS


def test_a_split_of_one_instant_lasts_longer_than_nothing(story: Tell) -> None:
    told = story().write("a", 1, 2, **OLD).write("b", 1, 2, **NEW).write("c", 3, 5, **OLD).write("d", 3, 5, **NEW)
    assert told.holds("a").told().split_brain_ns > 0
