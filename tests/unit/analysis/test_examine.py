"""What the checkers of findings are told of a run."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from chaoskit.analysis.examine import examine
from chaoskit.analysis.record import Audit, NodeAudit, RunRecord
from chaoskit.model.event import Event, Name
from chaoskit.model.history import FINAL_COLUMNS
from chaoskit.model.plan import Plan

S = 1_000_000_000
PROMOTED = Event(t_ns=S, event=Name.PROMOTED, node="eu-west/1")
REWOUND = Event(t_ns=2 * S, event=Name.FAILED_BACK, node="us-east/1", detail={"how": "rewind"})


@pytest.fixture
def record(
    history: Callable[[list[dict[str, object]]], pd.DataFrame], plan: Callable[..., Plan]
) -> Callable[..., RunRecord]:
    """A write that two nodes hold in the end; the first primary does not answer."""

    def build(*events: Event) -> RunRecord:
        held = [
            dict.fromkeys(FINAL_COLUMNS)
            | {
                "audit": "final",
                "node": node,
                "authoritative": node == "eu-west/1",
                "key": "k",
                "version": 1,
                "value": "a",
            }
            for node in ("eu-west/1", "ap-south/1")
        ]
        nodes = tuple(
            NodeAudit(audit="final", node=node, answered=node != "us-east/1")
            for node in ("eu-west/1", "ap-south/1", "us-east/1")
        )
        return RunRecord(
            scenario=plan().scenario,
            history=history([{"value": "a", "scheduled_ns": 0, "returned_ns": 1}]),
            final=pd.DataFrame(held, columns=list(FINAL_COLUMNS)),
            audit=Audit(quiescent=True, authoritative="eu-west/1", nodes=nodes),
            events=events,
        )

    return build


def test_only_a_primary_that_was_deposed_and_not_brought_back_may_be_silent(
    record: Callable[..., RunRecord],
) -> None:
    def says(*events: Event) -> str:
        return examine(record(*events), ()).findings["divergence"].result.value

    assert says(PROMOTED) == "none"
    assert says() == "unknown"
    assert says(PROMOTED, REWOUND) == "unknown"
    assert says(replace(PROMOTED, node="us-east/1")) == "unknown"
