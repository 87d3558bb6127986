"""Stale reads and how far behind they were."""

from collections.abc import Callable
from typing import Any

Tell = Callable[..., Any]
MS = 1_000_000


def test_a_read_behind_a_write_of_any_session_is_stale(story: Tell) -> None:
    told = story().write("a", 1, 2, session="w").write("b", 3, 4, session="w", region="us").read("a", 6, 7)
    told = told.holds("a", "b")
    assert told.finds("stale_reads") == ("some", 1)
    witness = told.told().findings["stale_reads"].witness
    assert witness.sentence == (
        "us wrote b (version 2) to k, acknowledged at 0.004 s; 2.000 ms later, at 0.006 s, "
        "eu read a (version 1): 1 version behind what was known by then."
    )
    assert [row["rank"] for row in witness.operations] == [2, 1]


def test_a_read_behind_a_read_of_any_session_is_stale(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, None).read("b", 4, 5, session="r").read("a", 6, 7, session="t")
    assert told.holds("a", "b").finds("stale_reads") == ("some", 1)


def test_probes_see_and_are_seen(story: Tell) -> None:
    told = story().op("probe_write", "a", 1, 2).op("probe_write", "b", 3, 4).op("probe_read", "a", 6, 7)
    assert told.holds("a", "b").finds("stale_reads") == ("some", 1)


def test_age_counts_from_the_first_news_and_versions_to_the_latest(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).write("c", 5, 6).read("a", 10, 11, region="ap").read("c", 12, 13)
    told = told.holds("a", "b", "c").told()
    assert told.behind_ns["ap"].tolist() == [6 * MS]
    assert told.behind_k["ap"].tolist() == [2]
    assert told.behind_ns["eu"].tolist() == [0]


def test_news_that_came_out_of_order_still_count_from_the_first(story: Tell) -> None:
    told = story().write("a", 1, 2).write("c", 3, 5).write("b", 3, 8).read("a", 10, 11).holds("a", "b", "c").told()
    assert told.behind_ns["eu"].tolist() == [5 * MS]
    assert told.behind_k["eu"].tolist() == [2]


def test_a_read_of_a_value_that_was_lost_has_no_age(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("b", 5, 6).read("a", 7, 8).holds("a").told()
    assert told.behind_ns["eu"].tolist() == [0]
    assert told.findings["stale_reads"].result.value == "none"
    assert told.findings["stale_reads"].checked == 1


def test_an_absent_key_is_older_than_any_version(story: Tell) -> None:
    told = story().write("a", 1, 2, session="w").read(None, 3, 4).holds("a")
    assert told.finds("stale_reads") == ("some", 1)
    assert told.told().behind_k["eu"].tolist() == [1]


def test_a_read_concurrent_with_the_write_is_fresh(story: Tell) -> None:
    assert story().write("a", 1, 2).write("b", 3, 6).read("a", 5, 7).holds("a", "b").finds("stale_reads") == ("none", 0)


def test_a_tie_is_no_precedence(story: Tell) -> None:
    assert story().write("a", 1, 2).write("b", 3, 5).read("a", 5, 7).holds("a", "b").finds("stale_reads") == ("none", 0)


def test_an_unanswered_write_is_no_news(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, None).read("a", 5, 7).holds("a", "b")
    assert told.finds("stale_reads") == ("none", 0)


def test_a_write_that_timed_out_at_a_known_instant_is_no_news(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4, outcome="unknown").read("a", 5, 7).holds("a", "b")
    assert told.finds("stale_reads") == ("none", 0)


def test_another_key_is_no_news(story: Tell) -> None:
    told = story().write("a", 1, 2).write("x", 3, 4, key="l").write("y", 3, 4, key="l").read("a", 5, 7)
    assert told.holds("a").holds("x", "y", key="l").finds("stale_reads") == ("none", 0)


def test_clocks_of_several_hosts_make_staleness_unknown(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4, host="other").read("a", 6, 7).holds("a", "b").told()
    assert told.findings["stale_reads"].result.value == "unknown"
    assert "2 hosts" in told.staleness_unknown
    assert told.behind_ns == {}


def test_without_an_authority_staleness_is_unknown(story: Tell) -> None:
    told = story(authoritative=None).write("a", 1, 2).read("a", 3, 4).holds("a").told()
    assert told.findings["stale_reads"].result.value == "unknown"
    assert "us/1 and eu/1 claim to be" in told.staleness_unknown


def test_a_region_without_reads_has_no_staleness(story: Tell) -> None:
    told = story().write("a", 1, 2, region="us").read("a", 3, 4).holds("a").told()
    assert set(told.behind_ns) == {"eu"}
