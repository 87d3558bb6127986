"""What cannot be told is unknown with a reason, never a pass."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chaoskit.analysis.findings import examine as room
from chaoskit.analysis.findings.examine import NAMES, examine
from chaoskit.model.finding import Finding
from chaoskit.model.verdict import FindingResult

Tell = Callable[..., Any]
RANKED = (
    "lost_writes", "ghosts", "late_ghosts", "observed_lost", "duplicated", "read_your_writes", "monotonic_reads",
    "monotonic_writes", "writes_follow_reads", "stale_reads",
)  # fmt: skip


def healthy(story: Tell, **how: Any) -> Any:
    return story(**how).write("a", 1, 2).read("a", 3, 4).holds("a").holds("a", node="us/1")


def reasons(told: Any) -> dict[str, str]:
    findings = told.told().findings
    return {name: findings[name].reason for name in RANKED if findings[name].result is FindingResult.UNKNOWN}


def test_a_healthy_run_is_clean_in_every_finding(story: Tell) -> None:
    findings = healthy(story).told().findings
    assert {name: finding.result.value for name, finding in findings.items()} == dict.fromkeys(NAMES, "none")
    assert all(finding.checked > 0 for finding in findings.values())


def test_without_an_audit_no_finding_about_what_survived_is_told(story: Tell) -> None:
    why = reasons(healthy(story, audited=False))
    assert set(why) == set(RANKED)
    assert set(why.values()) == {"there was no audit, so the surviving state is not known"}


def test_without_an_authority_the_claimants_are_named(story: Tell) -> None:
    why = reasons(healthy(story, authoritative=None))
    assert set(why) == set(RANKED)
    assert "us/1 and eu/1 claim to be" in why["lost_writes"]


def test_an_authority_that_did_not_answer_is_none(story: Tell) -> None:
    why = reasons(story().write("a", 1, 2).read("a", 3, 4).silent("eu/1").holds("a", node="us/1"))
    assert set(why) == set(RANKED)
    assert why["ghosts"] == "the authoritative node eu/1 did not answer the audit: timeout"


def test_an_authority_that_was_not_asked_is_none(story: Tell) -> None:
    assert set(reasons(story().write("a", 1, 2).read("a", 3, 4).holds("a", node="us/1"))) == set(RANKED)


def test_missing_streams_leave_losses_unknown_but_not_ghosts(story: Tell) -> None:
    told = healthy(story, streams_complete=False)
    assert "no end marker" in told.told().findings["lost_writes"].reason
    assert told.finds("phantom") == ("unknown", 0)
    assert told.finds("ghosts") == ("none", 0)


def test_a_torn_final_table_is_no_authority(story: Tell) -> None:
    from dataclasses import replace

    told = healthy(story)
    nodes = tuple(replace(node, rows=5) for node in told.audit.nodes)
    examined = examine(told.history, told.final, replace(told.audit, nodes=nodes))
    assert "only 1 of the 5 rows" in examined.findings["lost_writes"].reason
    assert "only 1 of the 5 rows" in examined.findings["divergence"].reason


def test_a_bare_final_state_says_itself_which_node_is_authoritative(story: Tell) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).holds("a").holds("a", "b", node="us/1")
    examined = examine(told.history, told.final, None)
    assert examined.findings["lost_writes"].count == 1
    assert examined.findings["divergence"].count == 1


@pytest.mark.parametrize("claims", [True, False], ids=["both", "neither"])
def test_a_bare_final_state_needs_one_claimant(story: Tell, claims: bool) -> None:
    told = story().write("a", 1, 2).holds("a").holds("a", node="us/1")
    examined = examine(told.history, told.final.assign(authoritative=claims), None)
    assert "no node is authoritative" in examined.findings["lost_writes"].reason


def test_an_empty_history_is_unknown(story: Tell) -> None:
    findings = story().holds("a").told().findings
    assert {finding.result for finding in findings.values()} == {FindingResult.UNKNOWN}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"key": None}, "without key"),
        ({"value": None}, "writes without a value"),
        ({"invoked_ns": None}, "never invoked"),
        ({"returned_ns": 0}, "returned before they were invoked"),
    ],
)
def test_a_history_that_cannot_be_is_unknown_and_says_why(story: Tell, damage: dict[str, Any], said: str) -> None:
    told = healthy(story)
    history = told.history.astype(object)
    for column, value in damage.items():
        history.loc[0, column] = value
    examined = examine(history, told.final, told.audit)
    assert {finding.result for finding in examined.findings.values()} == {FindingResult.UNKNOWN}
    assert said in examined.findings["lost_writes"].reason
    assert said in examined.staleness_unknown
    assert examined.absent.tolist() == [False, False]
    assert examined.ledger is None


def test_a_checker_that_crashes_is_unknown_and_the_others_go_on(story: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_case: object) -> Finding:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(room, "SINGLE", dict(room.SINGLE) | {"ghosts": broken})
    for name in ("session_guarantees", "staleness", "split_brain", "ledger"):
        monkeypatch.setattr(room, name, broken)
    told = healthy(story).told()
    assert "ZeroDivisionError: planted" in told.findings["ghosts"].reason
    assert told.findings["read_your_writes"].result is FindingResult.UNKNOWN
    assert "planted" in told.findings["stale_reads"].reason
    assert told.findings["split_brain"].result is FindingResult.UNKNOWN
    assert told.findings["lost_writes"].result is FindingResult.NONE
    assert told.ledger is None


def test_a_finding_that_contradicts_itself_cannot_exist() -> None:
    with pytest.raises(ValueError, match="count of 0"):
        Finding(result=FindingResult.SOME)
    with pytest.raises(ValueError, match="without a reason"):
        Finding(result=FindingResult.UNKNOWN)
    with pytest.raises(ValueError, match="nothing was checked"):
        Finding(result=FindingResult.NONE)


def test_a_finding_is_plain_json(story: Tell) -> None:
    import json

    told = story().write("a", 1, 2, outcome="ok_warned").holds()
    row = json.loads(json.dumps(told.told().findings["lost_writes"].as_json()))
    assert (row["result"], row["count"], row["checked"], row["warned"]) == ("some", 1, 1, 1)
    assert row["witness"]["operations"][0]["returned_ns"] == 2_000_000
    assert "reason" not in row
    assert Finding.unknown("why").as_json()["reason"] == "why"


KEPT_AS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "objects": lambda frame: frame.astype(object),
    "categories": lambda frame: frame.astype(dict.fromkeys(("key", "value", "session", "kind", "outcome"), "category")),
    "arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "nullable": lambda frame: frame.convert_dtypes(),
}


@pytest.mark.parametrize("kept", KEPT_AS)
def test_it_does_not_matter_in_what_pandas_keeps_the_table(story: Tell, kept: str) -> None:
    told = story().write("a", 1, 2).write("b", 3, 4).read("a", 5, 6).read(None, 7, None).write("c", 7, None)
    told = told.holds("a", "b").holds("a", node="us/1")
    plain = told.told()
    other = examine(KEPT_AS[kept](told.history), told.final, told.audit)
    assert {n: f.as_json() for n, f in other.findings.items()} == {n: f.as_json() for n, f in plain.findings.items()}
    assert np.array_equal(other.absent, plain.absent)


def test_long_values_are_shortened_in_sentences(story: Tell) -> None:
    sentence = story().write("x" * 500, 1, 2).holds().told().findings["lost_writes"].witness.sentence
    assert len(sentence) < 200
