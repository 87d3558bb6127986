"""The four guarantees of a session."""

from collections.abc import Callable
from typing import Any

import pytest

from chaoskit.analysis.findings.sessions import NAMES

Tell = Callable[..., Any]


def found(told: Any) -> dict[str, int]:
    findings = told.told().findings
    return {name: findings[name].count for name in NAMES if findings[name].result.value == "some"}


def test_a_session_that_misses_its_own_write_does_not_read_its_writes(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 5, 6).holds("a", "b")
    assert found(told) == {"read_your_writes": 1}
    witness = told.told().findings["read_your_writes"].witness
    assert witness.sentence == (
        "eu wrote b (version 2) to k, acknowledged at 0.004 s; "
        "at 0.005 s it read a (version 1) on eu/1 in the same session."
    )
    assert [row["value"] for row in witness.operations] == ["b", "a"]


def test_a_session_that_finds_no_key_after_its_write_does_not_read_its_writes(story: Tell) -> None:
    told = story().write("a", 1, 2).read(None, 3, 4).holds("a")
    assert found(told) == {"read_your_writes": 1}
    assert "it read no value" in told.told().findings["read_your_writes"].witness.sentence


def test_a_session_that_reads_backwards_is_not_monotonic(story: Tell) -> None:
    told = story().write("a", 1, 2, session="w").write("b", 3, 4, session="w").read("b", 5, 6).read("a", 7, 8)
    assert found(told.holds("a", "b")) == {"monotonic_reads": 1}


def test_writes_of_a_session_that_land_backwards_are_not_monotonic(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds("b", "a")
    assert found(told) == {"monotonic_writes": 1}
    assert "landed behind that, as version 1" in told.told().findings["monotonic_writes"].witness.sentence


def test_a_ghost_that_lands_behind_its_session_counts(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, None).holds("b", "a")
    assert found(told) == {"monotonic_writes": 1}


def test_a_write_that_lands_behind_what_its_session_read_does_not_follow_reads(story: Tell) -> None:
    told = story().write("a", 1, 2, session="w").read("a", 3, 4).write("b", 5, 6).holds("b", "a")
    assert found(told) == {"writes_follow_reads": 1}


def test_a_return_at_the_instant_of_the_invocation_comes_before_it_in_a_session(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 4, 6).holds("a", "b")
    assert found(told) == {"read_your_writes": 1}


@pytest.mark.parametrize("more", [{"session": "other"}, {"key": "other"}], ids=["session", "key"])
def test_another_session_or_key_owes_nothing(story: Tell, more: dict[str, str]) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4, **more).read("a", 5, 6)
    told = told.holds("b", key="other") if "key" in more else told
    assert found(told.holds("a", *([] if "key" in more else ["b"]))) == {}


def test_probes_have_no_session_guarantees(story: Tell) -> None:
    told = story().op("probe_write", "a", 1, 2).op("probe_write", "b", 3, 4).op("probe_read", "a", 5, 6).holds("b", "a")
    assert found(told) == {}


def test_a_user_owes_nothing_to_a_probe_of_the_same_session(story: Tell) -> None:
    told = story().write("a", 1, 2).op("probe_write", "b", 3, 4).read("a", 5, 6).holds("a", "b")
    assert found(told) == {}


def test_a_lost_write_is_never_missed(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 5, 6).write("c", 7, 8).read("c", 9, 10).holds("a", "c")
    assert found(told) == {}


def test_a_read_of_a_lost_write_neither_binds_nor_breaks(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("b", 5, 6).read("a", 7, 8).holds("a")
    assert found(told) == {}


def test_an_unanswered_write_binds_nobody(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, None).read("a", 5, 6).holds("a", "b")
    assert found(told) == {}


def test_an_unanswered_read_binds_nobody(story: Tell) -> None:
    told = story().write("a", 1, 2, session="w").write("b", 1, 2, session="w").read("b", 3, None).read("a", 5, 6)
    assert found(told.holds("a", "b")) == {}


def test_a_read_concurrent_with_the_write_owes_it_nothing(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 9).read("a", 5, 6).holds("a", "b")
    assert found(told) == {}


def test_a_version_used_again_after_the_failover_is_no_step_back(story: Tell) -> None:
    told = story().write("a", 1, 2, version=1).write("b", 3, 4, version=2).read("b", 5, 6, version=2)
    told = told.write("c", 7, 8, version=2).read("c", 9, 10, version=2).holds("a", "c")
    assert found(told) == {}


def test_the_order_of_the_rows_does_not_matter(story: Tell) -> None:
    told = story().read("a", 5, 6).write("b", 3, 4).write("a", 1, 2).holds("a", "b")
    assert found(told) == {"read_your_writes": 1}


def test_sessions_on_several_hosts_are_judged_if_each_stays_at_home(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 5, 6).read("a", 5, 6, session="t", host="other")
    assert found(told.holds("a", "b")) == {"read_your_writes": 1}


def test_a_session_that_wanders_between_hosts_is_unknown(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 5, 6, host="other").holds("a", "b")
    for name in NAMES:
        assert told.finds(name) == ("unknown", 0)


def test_a_load_without_users_is_unknown_not_clean(story: Tell) -> None:
    told = story().op("probe_write", "a", 1, 2).op("probe_read", "a", 3, 4).holds("a")
    for name in NAMES:
        assert told.finds(name) == ("unknown", 0)


def test_versions_too_large_to_compare_are_unknown_not_wrong(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds("a", version=2**62)
    finding = told.told().findings["read_your_writes"]
    assert finding.result.value == "unknown"
    assert "too large to compare" in finding.reason


def test_instants_too_far_apart_for_one_number_are_compared_all_the_same(story: Tell) -> None:
    far = 2**61 / 1e6
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 5, 6).read("b", far, far + 1).read("a", far + 2, far + 3)
    assert found(told.holds("a", "b")) == {"read_your_writes": 2, "monotonic_reads": 1}
    assert told.finds("stale_reads") == ("some", 2)
