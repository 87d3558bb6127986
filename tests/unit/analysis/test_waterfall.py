from collections.abc import Sequence

import pytest

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.cause import Cause
from chaoskit.analysis.failover import failovers
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import Outage
from chaoskit.analysis.waterfall import Waterfall, waterfalls
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Prediction

S = 1_000_000_000
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=5 * S, onset_last_ns=5 * S)
ONSET = Cause(step="lose", event="onset", first_ns=5 * S, last_ns=5 * S)


def event(t_s: int, name: Name, **detail: object) -> Event:
    return Event(t_ns=t_s * S, event=name, detail=detail)


FAILOVER = [
    event(1, Name.ROUTED, region="eu-west", endpoint="write", node="us-east/1"),
    event(8, Name.DETECTED, node="us-east/1"),
    event(9, Name.DECIDED, node="us-east/1"),
    event(10, Name.PROMOTED, node="eu-west/1"),
    event(10, Name.ROUTED, region="eu-west", endpoint="read", node="eu-west/1"),
    event(11, Name.ROUTED, region="eu-west", endpoint="write", node="eu-west/1"),
    event(12, Name.ROUTED, region="ap-south", endpoint="write", node="eu-west/1"),
]


def outage(region: str, connection: str = "established", operation: str = "write", end_s: int = 13) -> Outage:
    return Outage(
        region=region, operation=operation, connection=connection, begin_ns=5 * S, end_lo_ns=12 * S,
        end_hi_ns=end_s * S, failed_probes=3, cause=ONSET,
    )  # fmt: skip


def ends(row: Waterfall) -> list[tuple[str, int]]:
    return [(part.part, part.end_ns // S) for part in row.parts]


def fall(
    events: Sequence[Event], found: Sequence[Outage], faults: Sequence[FaultRecord] = (LOSS,), absent: Absences = NOBODY
) -> tuple[Waterfall, ...]:
    predictions = {"lose": Prediction(parts={"detect": (2 * S, 4 * S), "route": (2 * S, 3 * S)})}
    return waterfalls(failovers(events, faults, S), found, predictions, ["eu-west", "ap-south"], absent)


def test_a_failover_is_over_for_a_region_when_its_clients_are_led_to_the_new_primary() -> None:
    (failover,) = failovers([*FAILOVER, event(30, Name.ROUTED, region="eu-west", endpoint="write")], [LOSS])
    assert [failover.over_ns(region) // S for region in ("eu-west", "ap-south", "us-east")] == [11, 12, 10]
    (stuck,) = failovers([*FAILOVER[:3], event(9, Name.FENCED, ok=False), event(20, Name.LOAD_STOPPED)], [LOSS])
    assert stuck.over_ns("eu-west") == 9 * S


def test_every_surviving_region_has_its_parts_end_to_end() -> None:
    eu, ap = fall(FAILOVER, [outage("eu-west"), outage("ap-south", end_s=14)])
    assert ends(eu) == [("detect", 8), ("decide", 9), ("promote", 10), ("route", 11), ("reconnect", 13)]
    assert ends(ap) == [("detect", 8), ("decide", 9), ("promote", 10), ("route", 12), ("reconnect", 14)]
    assert [part.start_ns // S for part in eu.parts] == [5, 8, 9, 10, 11]
    assert eu.complete
    assert eu.parts[0].predicted_ns == (2 * S, 4 * S)
    assert eu.parts[1].predicted_ns is None
    assert not eu.parts[1].missed


def test_what_never_happened_is_absent_and_nothing_follows_it() -> None:
    (eu, _) = fall(FAILOVER[:3], [outage("eu-west")])
    assert ends(eu) == [("detect", 8), ("decide", 9)]
    assert not eu.complete


def test_without_a_detection_there_is_no_waterfall() -> None:
    assert fall(FAILOVER[:1], [outage("eu-west")]) == ()


def test_established_connections_end_it_and_fresh_ones_only_in_their_absence() -> None:
    both = [outage("eu-west", end_s=13), outage("eu-west", "fresh", end_s=15), outage("eu-west", operation="read")]
    (eu, _) = fall(FAILOVER, both)
    assert ends(eu)[-1] == ("reconnect", 13)
    (eu, _) = fall(FAILOVER, both[1:])
    assert ends(eu)[-1] == ("reconnect", 15)


def test_a_failover_belongs_to_the_latest_fault_before_it() -> None:
    earlier = FaultRecord(step="slow", fault="latency", onset_first_ns=1 * S, onset_last_ns=1 * S)
    assert {row.step for row in fall(FAILOVER, [outage("eu-west")], [earlier, LOSS])} == {"lose"}


def test_a_fault_that_struck_while_checks_failed_already_did_not_provoke_the_failover() -> None:
    later = FaultRecord(step="slow", fault="latency", onset_first_ns=7 * S, onset_last_ns=7 * S)
    seen = [event(8, Name.DETECTED, node="us-east/1", first_failure_ns=4 * S + S // 2), *FAILOVER[2:]]
    assert {row.step for row in fall(seen, [outage("eu-west")], [LOSS, later])} == {"lose"}


def test_each_failover_has_a_waterfall_of_its_own() -> None:
    again = FaultRecord(step="again", fault="freeze", onset_first_ns=20 * S, onset_last_ns=20 * S)
    second = [
        event(23, Name.DETECTED, node="eu-west/1", first_failure_ns=20 * S),
        event(24, Name.DECIDED, node="eu-west/1"),
        event(25, Name.PROMOTED, node="ap-south/1"),
        event(26, Name.ROUTED, region="eu-west", endpoint="write", node="ap-south/1"),
    ]
    rows = fall([*FAILOVER, *second], [outage("eu-west")], [LOSS, again])
    assert [(row.step, row.node, row.region) for row in rows] == [
        ("lose", "us-east/1", "eu-west"), ("lose", "us-east/1", "ap-south"),
        ("again", "eu-west/1", "eu-west"), ("again", "eu-west/1", "ap-south"),
    ]  # fmt: skip
    assert ends(rows[2]) == [("detect", 23), ("decide", 24), ("promote", 25), ("route", 26)]


def test_a_failover_that_nothing_provoked_has_no_waterfall() -> None:
    assert fall(FAILOVER, [], []) == ()


def test_what_an_action_promotes_is_no_part_of_the_failover_before_it() -> None:
    switch = FaultRecord(step="back", fault="switchover", onset_first_ns=9 * S + S // 2, onset_last_ns=9 * S + S // 2)
    (eu, _) = fall(FAILOVER, [outage("eu-west")], [LOSS, switch])
    assert ends(eu) == [("detect", 8), ("decide", 9)]


def test_a_region_without_clients_has_no_waterfall() -> None:
    away = Absences(spans={"eu-west": ((5 * S, 90 * S),)})
    assert [row.region for row in fall(FAILOVER, [outage("ap-south")], absent=away)] == ["ap-south"]


def test_parts_outside_their_prediction_are_misses() -> None:
    eu, ap = fall(FAILOVER, [outage("eu-west"), outage("ap-south")])
    assert [part.part for part in eu.parts if part.missed] == ["route"]  # 1 s; 2 s to 3 s were predicted
    assert (eu.misses, ap.misses) == (1, 0)


def test_a_client_that_was_back_before_the_route_event_was_written_makes_no_negative_part() -> None:
    (eu, _) = fall(FAILOVER, [outage("eu-west", end_s=10)])
    assert eu.parts[-1].start_ns == eu.parts[-1].end_ns == pytest.approx(11 * S)
