from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from chaoskit.analysis.facts import Facts
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.objectives import judge
from chaoskit.analysis.promotion import Promotion, lsn_bytes
from chaoskit.analysis.rpo import rpo
from chaoskit.analysis.shadow import shadows
from chaoskit.model.scenario import Objective
from chaoskit.model.verdict import Verdict

History = Callable[[list[dict[str, object]]], pd.DataFrame]
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=500, onset_last_ns=505)
FORK = Promotion(t_ns=900, node="eu-west/1", fork=0x3000, timeline=2)


def writes(history: History, *returned_ns: int, lsn: str | None = "0/3100", timeline: int | None = 1) -> pd.DataFrame:
    return history(
        [
            {"kind": "write", "scheduled_ns": t, "returned_ns": t, "lsn": lsn, "pg_timeline": timeline}
            for t in returned_ns
        ]
    )


def test_the_window_ends_at_the_onset_or_at_the_last_lost_acknowledgement(history: History) -> None:
    early, late = writes(history, 430, 470), writes(history, 430, 470, 560)
    assert rpo(early, early, shadows([LOSS]), []).window_ns == 70
    assert rpo(late, late, shadows([LOSS]), []).window_ns == 130


def test_the_window_of_writes_lost_under_a_fault_is_not_stretched_to_a_later_one(history: History) -> None:
    lost = writes(history, 510, 560)
    later = FaultRecord(step="again", fault="partition", onset_first_ns=5000, onset_last_ns=5000)
    assert rpo(lost, lost, shadows([LOSS, later]), []).window_ns == 50


def test_without_faults_the_window_is_that_of_the_acknowledgements(history: History) -> None:
    lost = writes(history, 510, 560)
    assert rpo(lost, lost, [], []).window_ns == 50


def test_nothing_lost_is_no_window_and_no_bytes(history: History) -> None:
    table = writes(history, 430, 470)
    found = rpo(table, table[:0], shadows([LOSS]), [FORK])
    assert (found.lost_writes, found.window_ns, found.wal_bytes, found.acknowledged) == (0, 0, 0, 2)


def test_what_is_unknown_stays_unknown(history: History) -> None:
    found = rpo(writes(history, 430), None, shadows([LOSS]), [FORK], unknown="no audit")
    assert (found.lost_writes, found.window_ns, found.wal_bytes, found.unknown) == (None, None, None, "no audit")
    assert rpo(writes(history, 430), None, [], []).unknown


def test_bytes_run_from_the_fork_to_the_highest_lost_position(history: History) -> None:
    lost = writes(history, 430, 470)
    lost.loc[0, "lsn"] = "0/3080"
    assert rpo(lost, lost, shadows([LOSS]), [FORK]).wal_bytes == 0x100


def test_a_lost_write_without_a_position_leaves_the_bytes_a_low_end(
    history: History, facts: Callable[..., Facts]
) -> None:
    lost = writes(history, 430, 470)
    lost.loc[1, "lsn"] = None
    found = rpo(lost, lost, shadows([LOSS]), [FORK])
    assert (found.wal_bytes, found.unplaced) == (0x100, 1)
    asked = Objective(name="b", measure="rpo_bytes", unit="bytes", maximum=0x200)
    assert judge(asked, facts(rpo=found), ()).verdict is Verdict.INCONCLUSIVE
    assert judge(replace(asked, maximum=0x50), facts(rpo=found), ()).verdict is Verdict.FAIL
    assert judge(asked, facts(rpo=replace(found, unplaced=0)), ()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("lsn", "timeline", "known"),
    [
        (None, 1, [FORK]),
        ("0/3100", None, [FORK]),
        ("0/3100", 2, [FORK]),
        ("0/3100", 1, []),
        ("0/3100", 1, [FORK, FORK]),
        ("0/2000", 1, [FORK]),
        ("0/3100", 1, [Promotion(t_ns=1, node="eu-west/1", timeline=2)]),
    ],
)
def test_positions_that_cannot_be_compared_make_no_bytes(
    history: History, lsn: str | None, timeline: int | None, known: list[Promotion]
) -> None:
    lost = writes(history, 430, lsn=lsn, timeline=timeline)
    assert rpo(lost, lost, shadows([LOSS]), known).wal_bytes is None


def test_bytes_of_several_failovers_are_summed_over_the_timelines_that_lost_commits(history: History) -> None:
    lost = writes(history, 430, 470)
    lost.loc[1, ["lsn", "pg_timeline"]] = ["0/4010", 2]
    assert rpo(lost, lost, shadows([LOSS]), [FORK]).wal_bytes is None  # nobody left timeline 2
    assert (
        rpo(lost, lost, shadows([LOSS]), [FORK, Promotion(t_ns=9000, node="x/1", fork=0x4000, timeline=3)]).wal_bytes
        == 0x110
    )


def test_the_window_of_several_failovers_is_the_longest_of_theirs(history: History) -> None:
    lost = writes(history, 430, 470, 2960, 2990)
    later = FaultRecord(step="again", fault="crash", onset_first_ns=3000, onset_last_ns=3000)
    known = [Promotion(t_ns=900, node="eu-west/1")]
    lost["node"] = ["us-east/1", "us-east/1", "eu-west/1", "eu-west/1"]
    assert rpo(lost, lost, shadows([LOSS, later]), known).window_ns == 70


def test_warned_and_acknowledged_writes_are_counted(history: History) -> None:
    table = history(
        [
            {"kind": "write", "scheduled_ns": 430, "returned_ns": 430, "outcome": "ok_warned"},
            {"kind": "probe_write", "scheduled_ns": 430, "returned_ns": 430},
            {"kind": "write", "scheduled_ns": 430, "outcome": "unknown"},
            {"kind": "read", "scheduled_ns": 430, "returned_ns": 430},
        ]
    )
    found = rpo(table, table[:1], shadows([LOSS]), [])
    assert (found.acknowledged, found.lost_writes, found.lost_warned) == (2, 1, 1)


def test_positions_are_two_hexadecimal_halves() -> None:
    assert lsn_bytes("16/B374D848") == 0x16_B374D848
    assert lsn_bytes("nonsense") is None
    assert lsn_bytes("x/y") is None
