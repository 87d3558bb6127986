"""What became of deposed primaries."""

from chaoskit.analysis.failback import Failback, failbacks
from chaoskit.analysis.failover import failovers
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.promotion import promotions
from chaoskit.model.event import Event, Name

S = 1_000_000_000
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=5 * S, onset_last_ns=5 * S)
SWITCH = FaultRecord(step="back", fault="switchover", onset_first_ns=30 * S, onset_last_ns=30 * S, acted_ns=36 * S)


def event(t_s: float, name: Name, node: str, **detail: object) -> Event:
    return Event(t_ns=int(t_s * S), event=name, node=node, detail=detail)


FAILOVER = [event(8, Name.DETECTED, "us-east/1"), event(10, Name.PROMOTED, "eu-west/1")]
REWOUND = event(24, Name.FAILED_BACK, "us-east/1", how="rewind", source="eu-west/1", bytes=640, took_ns=3 * S)


def told(
    *events: Event, faults: tuple[FaultRecord, ...] = (LOSS,), primary: str = "us-east/1", end_s: int = 60
) -> list[Failback]:
    found = failovers(events, faults)
    return [*failbacks(events, promotions(events, faults), found, primary=primary, end_ns=end_s * S)]


def test_redundancy_is_missing_from_the_promotion_until_the_old_primary_is_a_replica() -> None:
    stopped = event(20, Name.DEMOTED, "us-east/1", how="stopped")
    assert told(*FAILOVER, stopped, REWOUND) == [
        Failback(
            node="us-east/1", step="lose", deposed_ns=10 * S, stopped_ns=20 * S, done_ns=24 * S, how="rewind",
            took_ns=3 * S, bytes=640, verified=True,
        )
    ]  # fmt: skip


def test_a_failed_attempt_before_a_good_one_is_forgotten_and_one_without_is_not() -> None:
    failed = event(21, Name.NOT_FAILED_BACK, "us-east/1", how="rewind", why="it holds 3 rows more")
    (row,) = told(*FAILOVER, failed, REWOUND)
    assert (row.done_ns, row.why) == (24 * S, "")
    (row,) = told(*FAILOVER, failed)
    assert (row.done_ns, row.how, row.verified, row.why) == (None, "rewind", False, "it holds 3 rows more")


def test_what_only_the_audit_rebuilt_was_not_redundant_while_the_load_ran() -> None:
    (row,) = told(*FAILOVER, REWOUND, end_s=23)
    assert (row.done_ns, row.verified, row.bytes) == (None, True, 640)
    assert "only when the load had ended" in row.why


def test_nobody_who_rebuilds_it_is_a_debt_without_end() -> None:
    (row,) = told(*FAILOVER)
    assert (row.done_ns, row.bytes, row.why) == (None, None, "nobody made it a replica")


def test_a_planned_change_of_primary_is_a_debt_of_its_own() -> None:
    switch = [
        event(31, Name.DEMOTED, "eu-west/1", how="switchover"),
        event(32, Name.PROMOTED, "us-east/1"),
        event(35, Name.FAILED_BACK, "eu-west/1", how="follow", took_ns=S),
    ]
    first, second = told(*FAILOVER, REWOUND, *switch, faults=(LOSS, SWITCH))
    assert (first.node, first.step) == ("us-east/1", "lose")
    assert (second.node, second.step, second.deposed_ns, second.done_ns) == ("eu-west/1", "", 32 * S, 35 * S)
    assert second.bytes == 0


def test_a_reclone_does_not_say_how_much_had_diverged() -> None:
    (row,) = told(*FAILOVER, event(24, Name.FAILED_BACK, "us-east/1", how="reclone"))
    assert (row.how, row.bytes, row.verified) == ("reclone", None, True)


def test_without_a_plan_the_first_detection_says_who_was_primary() -> None:
    assert [row.node for row in told(*FAILOVER, primary="")] == ["us-east/1"]
    assert told(*FAILOVER[1:], primary="") == []


def test_a_node_that_was_made_primary_again_was_not_rebuilt_after_that() -> None:
    again = event(15, Name.PROMOTED, "us-east/1")
    first, _ = told(*FAILOVER, again, REWOUND)
    assert (first.node, first.done_ns) == ("us-east/1", None)
