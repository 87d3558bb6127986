"""Lost writes, what was observed and lost, the ledger, hollow candidates."""

from collections.abc import Callable
from typing import Any

import pytest

Tell = Callable[..., Any]


def test_an_acknowledged_write_that_is_gone_is_lost_and_says_where_and_when(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3204, 3290, region="us").holds("a").told()
    finding = told.findings["lost_writes"]
    assert (finding.result.value, finding.count, finding.checked) == ("some", 1, 2)
    assert (
        finding.witness.sentence == "us wrote b to k, acknowledged at 3.290 s; it is not on eu/1, whose state survived."
    )
    assert [row["value"] for row in finding.witness.operations] == ["b"]
    assert told.absent.tolist() == [False, True]


def test_a_warned_write_is_acknowledged_and_counted_apart(story: Tell) -> None:
    told = story().write("a", 1, 2, outcome="ok_warned").write("b", 3, 4).holds().told()
    assert told.findings["lost_writes"].count == 2
    assert told.findings["lost_writes"].counts == {"warned": 1}


def test_a_lost_probe_write_is_lost(story: Tell) -> None:
    assert story().op("probe_write", "a", 1, 2).holds().finds("lost_writes") == ("some", 1)


@pytest.mark.parametrize("outcome", ["unknown", "fail"])
def test_what_was_not_acknowledged_is_never_lost(story: Tell, outcome: str) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4, outcome=outcome).holds("a")
    assert told.finds("lost_writes") == ("none", 0)
    assert not told.told().absent.any()


def test_an_authoritative_node_without_rows_has_lost_everything(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds().holds("a", "b", node="us/1")
    assert told.finds("lost_writes") == ("some", 2)


def test_a_version_used_again_after_the_failover_hides_no_loss(story: Tell) -> None:
    told = story().write("a", 1, 2, version=1).write("b", 3, 4, version=2).write("c", 9, 10, version=2).holds("a", "c")
    finding = told.told().findings["lost_writes"]
    assert [row["value"] for row in finding.witness.operations] == ["b"]
    assert told.finds("stale_reads")[1] == 0


def test_the_same_value_under_another_key_is_another_write(story: Tell) -> None:
    told = story().write("a", 1, 2).write("a", 3, 4, key="other").holds("a")
    assert told.finds("lost_writes") == ("some", 1)
    assert told.told().absent.tolist() == [False, True]


def test_only_the_state_of_the_authoritative_node_counts(story: Tell) -> None:
    told = story().write("a", 1, 2).holds().holds("a", node="us/1").holds("a", node="ap/1")
    assert told.finds("lost_writes") == ("some", 1)


def test_what_was_read_before_failback_did_not_survive(story: Tell) -> None:
    told = story().write("a", 1, 2).holds().holds("a", node="eu/1", audit="before_failback")
    assert told.finds("lost_writes") == ("some", 1)


def test_nothing_written_is_unknown(story: Tell) -> None:
    assert story().read(None, 1, 2).holds().finds("lost_writes") == ("unknown", 0)


def test_a_read_of_a_write_that_is_gone_is_observed_lost_and_nothing_else(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("b", 5, 6).read("a", 7, 8).holds("a").told()
    assert told.findings["observed_lost"].count == 1
    assert [row["value"] for row in told.findings["observed_lost"].witness.operations] == ["b", "b"]
    for name in ("phantom", "stale_reads", "monotonic_reads", "read_your_writes"):
        assert told.findings[name].result.value == "none", name


def test_a_read_that_did_not_succeed_observed_nothing(story: Tell) -> None:
    told = story().write("b", 3, 4).read("b", 5, None).read("b", 5, 6, outcome="fail").read(None, 7, 8).holds()
    assert told.finds("observed_lost") == ("none", 0)


def test_the_ledger_counts_writes_by_answer_and_region(story: Tell) -> None:
    told = (
        story()
        .write("a", 1, 2)
        .write("b", 1, 2, region="us")
        .write("c", 1, None, region="us")
        .write("d", 1, None)
        .write("e", 1, 2, outcome="fail")
        .write("f", 1, 2, outcome="ok_warned")
        .read("a", 3, 4)
        .holds("a", "c", "f")
        .told()
    )
    assert told.ledger["acknowledged"] == {"present": 2, "absent": 1}
    assert told.ledger["unknown"] == {"present": 1, "absent": 1}
    assert told.ledger["failed"] == {"present": 0, "absent": 1}
    assert told.ledger["by_region"]["us"] == {
        "acknowledged": {"present": 0, "absent": 1},
        "unknown": {"present": 1, "absent": 0},
        "failed": {"present": 0, "absent": 0},
    }


def test_without_an_authority_the_ledger_is_blank_and_no_write_is_called_absent(story: Tell) -> None:
    told = story(authoritative=None).write("a", 1, 2).holds("b").told()
    assert told.ledger["acknowledged"] == {"present": None, "absent": None}
    assert not told.absent.any()
