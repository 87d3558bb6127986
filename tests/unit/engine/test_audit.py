import pytest

from chaoskit.engine.audit import FINAL, AuditResult, authority
from chaoskit.engine.reading import NodeReading


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
