from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chaoskit import planning, scenario_file
from chaoskit.clock import MonotonicClock
from chaoskit.engine import audit
from chaoskit.engine.audit import Auditor, AuditResult, authority
from chaoskit.engine.reading import BEFORE, FINAL, NodeReading


def said(node: str, *, answered: bool = True, in_recovery: bool | None = False) -> NodeReading:
    return NodeReading(audit=FINAL, node=node, answered=answered, in_recovery=in_recovery if answered else None)


PRIMARY, REPLICA = said("eu-west/1"), said("ap-south/1", in_recovery=True)


def test_the_writable_node_that_all_survivors_point_to_is_the_authority() -> None:
    assert authority({"eu-west/1"}, [PRIMARY, REPLICA]) == "eu-west/1"


@pytest.mark.parametrize(
    ("pointed", "final"),
    [
        ({"eu-west/1", "us-east/1"}, [PRIMARY, said("us-east/1")]),  # two claimants
        ({"eu-west/1", "ap-south/1"}, [PRIMARY, REPLICA]),  # one of them cannot be written to, yet is pointed to
        ({"ap-south/1"}, [PRIMARY, REPLICA]),  # a replica
        ({"us-east/1"}, [PRIMARY, said("us-east/1", answered=False)]),  # silence
        ({"us-east/1"}, [PRIMARY, REPLICA]),  # unheard of
        (set(), [PRIMARY, REPLICA]),  # no survivor
    ],
)
def test_without_agreement_on_one_answering_writable_node_there_is_no_authority(
    pointed: set[str], final: list[NodeReading]
) -> None:
    assert authority(pointed, final) is None


def test_a_node_that_did_not_answer_has_no_number_of_rows() -> None:
    silent = said("us-east/1", answered=False).as_json()
    assert silent["rows"] is None
    assert PRIMARY.as_json()["rows"] == 0, "none is not the same as not known"


@pytest.mark.parametrize(("incomplete", "complete"), [([], True), (["us-east.users"], False)])
def test_the_audit_says_whether_every_stream_has_its_end(incomplete: list[str], complete: bool) -> None:
    audit = AuditResult(
        quiescent=True, reason="", readings=[PRIMARY], authoritative=None, claimants=["a", "b"], endpoints={}
    )
    assert audit.as_json(incomplete)["streams_complete"] is complete


class Twice:
    """A run's end at which ``us-east/1`` was read, rebuilt, and deposed again: manager, witness, database, router."""

    def __init__(self) -> None:
        self.database, self.did = self, list[str]()

    def seen(self) -> tuple[NodeReading, ...]:
        return (replace(said("us-east/1"), audit=BEFORE, rows=[("k", "1", "early", "0")]),)

    def alone(self, node: str) -> NodeReading:
        self.did.append(f"alone {node}")
        return replace(said(node), audit=BEFORE, rows=[("k", "1", "early", "0"), ("k", "2", "late", "0")])

    def look(self, node: str, audit: str) -> NodeReading:
        return replace(said(node), audit=audit)

    def deposed(self) -> tuple[str, ...]:
        return ("us-east/1",)

    def primary(self) -> str:
        return "eu-west/1"

    def node(self, _region: str, _kind: str) -> str:
        return "eu-west/1"

    def kill(self, node: str) -> None:
        self.did.append(f"kill {node}")

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return lambda *_args, **_words: ()


def test_a_node_that_was_deposed_again_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "chaoskit: 1\nname: n\nquestion: q\nstack: {regions: [us-east, eu-west]}\nduration: 5s\n"
    plan = planning.plan(scenario_file.parse(text, "n"), seed=1, run="abc")
    monkeypatch.setattr(audit, "await_quiescence", lambda *_args: None)
    world: Any = Twice()
    result = Auditor(plan, world, world, world, world, clock=MonotonicClock()).run(world, by="audit")
    (before,) = [one for one in result.readings if one.audit == BEFORE]
    assert [row[2] for row in before.rows] == ["early", "late"]
    assert world.did == ["kill us-east/1", "alone us-east/1", "kill us-east/1"]
