"""Phantoms, duplicates, and nodes that disagree."""

from collections.abc import Callable
from typing import Any

import pytest

Tell = Callable[..., Any]


def test_a_read_of_what_nobody_wrote_is_a_phantom(story: Tell) -> None:
    told = story().write("a", 1, 2).read("x", 3, 4).holds("a")
    assert told.finds("phantom") == ("some", 1)
    assert told.finds("observed_lost") == ("none", 0)
    assert "eu read x from k" in told.told().findings["phantom"].witness.sentence


def test_a_surviving_row_that_nobody_wrote_is_a_phantom(story: Tell) -> None:
    told = story().write("a", 1, 2).holds("a", "x")
    assert told.finds("phantom") == ("some", 1)
    assert "eu/1 holds x under k as version 2" in told.told().findings["phantom"].witness.sentence


def test_a_row_on_another_node_alone_is_no_phantom(story: Tell) -> None:
    assert story().write("a", 1, 2).holds("a").holds("a", "x", node="us/1").finds("phantom") == ("none", 0)


def test_a_value_written_to_another_key_is_a_phantom(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 1, 2, key="other").read("b", 3, 4).holds("a").holds("b", key="other")
    assert told.finds("phantom") == ("some", 1)


@pytest.mark.parametrize("outcome", ["unknown", "fail", "ok_warned"])
def test_whoever_tried_to_write_it_wrote_it(story: Tell, outcome: str) -> None:
    assert story().write("a", 1, 2, outcome=outcome).read("a", 3, 4).holds("a").finds("phantom") == ("none", 0)


def test_an_absent_key_is_no_phantom(story: Tell) -> None:
    assert story().write("a", 1, 2).read(None, 0, 1).holds("a").finds("phantom") == ("none", 0)


def test_phantom_is_unknown_where_writes_may_be_missing(story: Tell) -> None:
    told = story(streams_complete=False).write("a", 1, 2).read("x", 3, 4).holds("a")
    assert told.finds("phantom") == ("unknown", 0)
    assert "us.users" in told.told().findings["phantom"].reason


def test_without_an_authority_only_a_read_can_show_a_phantom(story: Tell) -> None:
    told = story(authoritative=None).write("a", 1, 2).read("a", 3, 4).holds("a")
    assert told.finds("phantom") == ("unknown", 0)
    assert told.read("x", 5, 6).finds("phantom") == ("some", 1)


def test_a_value_under_two_versions_is_duplicated_and_ranks_at_the_first(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("b", 5, 6).read("a", 7, 8).holds("a", "b", "a")
    assert told.finds("duplicated") == ("some", 1)
    assert "again as version 3" in told.told().findings["duplicated"].witness.sentence
    assert told.finds("monotonic_reads") == ("some", 1)  # a is version 1, not 3


def test_the_same_value_under_two_keys_is_not_duplicated(story: Tell) -> None:
    told = story().write("a", 1, 2).write("a", 3, 4, key="l").holds("a").holds("a", key="l")
    assert told.finds("duplicated") == ("none", 0)


def test_a_row_that_one_node_lacks_is_divergence(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds("a").holds("a", "b", node="us/1")
    assert told.finds("divergence") == ("some", 1)
    finding = told.told().findings["divergence"]
    assert finding.witness.sentence == "us/1 holds b under k as version 2; eu/1 does not."
    assert [row["value"] for row in finding.witness.operations] == ["b"]


def test_a_node_that_answered_with_no_rows_diverges(story: Tell) -> None:
    assert story().write("a", 1, 2).holds("a").holds(node="us/1").finds("divergence") == ("some", 1)


def test_a_node_that_never_answered_leaves_divergence_unknown_unless_others_differ(story: Tell) -> None:
    told = story().write("a", 1, 2).holds("a").holds("a", node="ap/1").silent("us/1")
    assert told.finds("divergence") == ("unknown", 0)
    assert told.told().findings["divergence"].reason == "us/1 did not answer the audit"
    told = story().write("a", 1, 2).holds("a").holds(node="ap/1").silent("us/1")
    assert told.finds("divergence") == ("some", 1)


def test_a_deposed_node_that_was_kept_out_of_service_is_left_out_and_named(story: Tell) -> None:
    told = story(deposed=("us/1",)).write("a", 1, 2).write("b", 3, 4).holds("a").holds("a", node="ap/1")
    told = told.silent("us/1").holds("a", "b", node="us/1", audit="before_failback")
    assert told.finds("divergence") == ("none", 0)
    row = told.told().findings["divergence"].as_json()
    assert row["reason"] == "left out, deposed and not back in service: us/1"
    assert row["left_out"] == 1
    assert told.finds("divergence_before_failback") == ("some", 1)


def test_one_node_alone_cannot_diverge(story: Tell) -> None:
    assert story().write("a", 1, 2).holds("a").silent("us/1").finds("divergence") == ("unknown", 0)


def test_nodes_that_had_not_come_to_rest_are_not_compared(story: Tell) -> None:
    told = story(quiescent=False).write("a", 1, 2).holds("a").holds(node="us/1")
    assert told.finds("divergence") == ("unknown", 0)
    assert "held bytes were left" in told.told().findings["divergence"].reason


def test_versions_alone_make_no_divergence(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 1, 2).holds("a", "b").holds("b", "a", node="us/1")
    assert told.finds("divergence") == ("none", 0)


def test_the_old_primary_before_failback_is_told_apart_from_the_final_state(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).write("c", 5, 6)
    told = told.holds("a", "c").holds("a", "c", node="ap/1").holds("a", "b", node="us/1", audit="before_failback")
    assert told.finds("divergence") == ("none", 0)
    assert told.finds("divergence_before_failback") == ("some", 1)  # b; c was written later, and diverges from nothing


def test_without_a_reading_before_failback_there_is_no_such_finding(story: Tell) -> None:
    assert "divergence_before_failback" not in story().write("a", 1, 2).holds("a").told().findings


def test_an_old_primary_that_did_not_answer_before_failback_is_unknown(story: Tell) -> None:
    told = story().write("a", 1, 2).holds("a").silent("us/1", audit="before_failback")
    assert told.finds("divergence_before_failback") == ("unknown", 0)


def test_one_of_two_old_primaries_that_did_not_answer_leaves_what_it_held_unknown(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds("a").silent("ap/1", audit="before_failback")
    same = told.holds("a", node="us/1", audit="before_failback")
    assert same.finds("divergence_before_failback") == ("unknown", 0)
    assert same.told().findings["divergence_before_failback"].reason == "ap/1 did not answer before failback"


def test_what_one_old_primary_held_is_told_though_another_did_not_answer(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds("a").silent("ap/1", audit="before_failback")
    told = told.holds("a", "b", node="us/1", audit="before_failback")
    assert told.finds("divergence_before_failback") == ("some", 1)


def test_a_rebuilt_node_is_compared_as_it_was_before_and_as_it_is_now(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).write("c", 5, 6).holds("a", "c")
    told = told.holds("a", "b", node="us/1", audit="before_failback").holds("a", "c", node="us/1")
    assert told.finds("divergence_before_failback") == ("some", 1)
    assert told.finds("divergence") == ("none", 0)


def test_a_rebuilt_node_that_kept_what_it_should_have_lost_diverges(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).write("c", 5, 6).holds("a", "c")
    told = told.holds("a", "b", node="us/1", audit="before_failback").holds("a", "b", "c", node="us/1")
    assert told.finds("divergence") == ("some", 1)


def test_nodes_that_were_deposed_in_turn_are_compared_with_what_survived_and_not_with_each_other(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).write("c", 5, 6)
    told = told.holds("a", "b", node="us/1", audit="before_failback").holds("a", "c", audit="before_failback")
    told = told.holds("a", "c", node="us/1").holds("a", "c")
    assert told.finds("divergence_before_failback") == ("some", 1)
    sentence = told.told().findings["divergence_before_failback"].witness.sentence
    assert sentence == "us/1 holds b under k as version 2; us/1 does not."
