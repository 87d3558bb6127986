"""Which lost writes were hollow, and which fault took them."""

from dataclasses import replace

import numpy as np

from chaoskit.analysis.failover import Failover
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.promotion import Answers, Promotion, promotions
from chaoskit.analysis.shadow import hollow_writes, shadows, takers
from chaoskit.model.event import Event, Name

OLD, NEW, NEWEST = ("us-east/1", 1), ("eu-west/1", 2), ("ap-south/1", 3)
Answer = tuple[int, tuple[str, int]]
CUT = FaultRecord(
    step="cut", fault="partition", onset_first_ns=100, onset_last_ns=100, heal_first_ns=200, healed_ns=210,
    healed_by="timeline",
)  # fmt: skip
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=500, onset_last_ns=500)
FREEZE = replace(CUT, step="hang", fault="freeze")
SLOW = FaultRecord(step="slow", fault="latency", onset_first_ns=10, onset_last_ns=10)
TO_NEW = Promotion(t_ns=150, node="eu-west/1", timeline=2)
TO_NEWEST = Promotion(t_ns=550, node="ap-south/1", timeline=3)


def given(*answers: Answer) -> Answers:
    return Answers(
        returned_ns=np.array([t for t, _ in answers], dtype=np.int64),
        node=np.array([node for _, (node, _) in answers], dtype=object),
        timeline=np.array([timeline for _, (_, timeline) in answers], dtype=np.int64),
    )


def hollow(faults: list[FaultRecord], known: list[Promotion], *answers: Answer) -> list[bool]:
    absent = np.ones(len(answers), dtype=bool)
    marked: list[bool] = hollow_writes(absent, given(*answers), shadows(faults), known).tolist()
    return marked


def test_a_lost_write_acknowledged_before_the_onset_is_not_hollow() -> None:
    assert hollow([LOSS], [], (499, OLD), (500, OLD), (900, OLD)) == [False, True, True]


def test_a_slower_link_and_an_action_make_nothing_hollow() -> None:
    switch = FaultRecord(step="back", fault="switchover", onset_first_ns=20, onset_last_ns=20, acted_ns=400)
    assert hollow([SLOW, switch, LOSS], [], (300, OLD), (600, OLD)) == [False, True]


def test_between_a_healed_fault_and_the_next_one_nothing_is_hollow() -> None:
    marked = hollow([CUT, LOSS], [], (150, OLD), (205, OLD), (300, OLD), (600, OLD))
    assert marked == [True, True, False, True]


def test_all_that_a_zombie_acknowledges_is_hollow_although_its_fault_has_healed() -> None:
    assert hollow([FREEZE], [TO_NEW], (205, OLD), (211, OLD), (9000, OLD)) == [True, True, True]


def test_what_a_promoted_node_acknowledged_is_a_loss_where_a_later_fault_can_have_taken_it() -> None:
    assert hollow([CUT, LOSS], [TO_NEW], (160, NEW), (300, NEW)) == [False, False]
    assert hollow([CUT], [TO_NEW], (160, NEW), (300, NEW)) == [True, True]


def test_what_is_lost_after_a_planned_change_of_primary_is_a_loss() -> None:
    switch = FaultRecord(step="back", fault="switchover", onset_first_ns=140, onset_last_ns=140, acted_ns=160)
    assert hollow([switch], [replace(TO_NEW, planned=True)], (145, OLD), (300, NEW)) == [False, False]


def test_a_node_that_came_back_on_another_timeline_is_not_the_one_that_was_promoted() -> None:
    assert hollow([CUT], [TO_NEW], (300, ("eu-west/1", 1))) == [True]


def test_who_did_not_say_who_it_is_was_not_in_charge() -> None:
    assert hollow([CUT], [TO_NEW], (300, ("", 0))) == [True]
    unsaid = replace(given((300, NEW)), timeline=np.array([np.iinfo(np.int64).max]))
    assert not hollow_writes(np.array([True]), unsaid, shadows([CUT, LOSS]), [TO_NEW]).any()


def test_the_second_failover_takes_what_the_first_successor_had_acknowledged() -> None:
    standing = replace(CUT, healed_ns=None, heal_first_ns=None, healed_by=None)
    # Acknowledged by the first successor: before the second loss (a loss), under it, and after its own deposition.
    marked = hollow([standing, LOSS], [TO_NEW, TO_NEWEST], (490, NEW), (510, NEW), (600, NEW))
    assert marked == [False, True, True]


def test_a_write_that_survived_is_not_hollow() -> None:
    assert not hollow_writes(np.array([False]), given((600, OLD)), shadows([LOSS])).any()


def provoked(fault: FaultRecord, promoted_ns: int) -> Failover:
    return Failover(
        detected_ns=promoted_ns - 20, suspected_ns=promoted_ns - 50, node="us-east/1", fault=fault,
        events=(Event(t_ns=promoted_ns, event=Name.PROMOTED, node="eu-west/1"),),
    )  # fmt: skip


def test_the_shadow_of_a_fault_reaches_to_the_promotion_that_it_provoked() -> None:
    """WAL may have stopped long before: a slow link, or a cut that healed before the decision."""
    for fault, promoted in ((SLOW, TO_NEW), (CUT, replace(TO_NEW, t_ns=250))):
        cast = shadows([fault], [provoked(fault, promoted.t_ns)])
        sent = given((9, OLD), (promoted.t_ns - 5, OLD), (promoted.t_ns + 5, OLD))
        assert hollow_writes(np.ones(3, dtype=bool), sent, cast, [promoted]).tolist() == [False, True, True]
        assert takers(sent, cast, [promoted]).tolist() == [0, 0, 0]
    assert shadows([SLOW]) == ()
    assert [shadow.until_ns for shadow in shadows([CUT], [provoked(SLOW, 900)])] == [210]


def taken(faults: list[FaultRecord], known: list[Promotion], *answers: Answer) -> list[int]:
    indices: list[int] = takers(given(*answers), shadows(faults), known).tolist()
    return indices


def test_a_lost_write_was_taken_by_the_fault_it_was_acknowledged_under_else_by_the_next() -> None:
    assert taken([SLOW, CUT, LOSS], [], (50, OLD), (150, OLD), (300, OLD), (600, OLD)) == [1, 1, 2, 2]
    assert taken([SLOW], [], (50, OLD)) == [-1]


def test_what_a_zombie_acknowledged_was_taken_by_the_fault_that_deposed_it() -> None:
    assert taken([FREEZE, LOSS], [TO_NEW], (450, OLD), (450, NEW)) == [0, 1]
    assert taken([FREEZE], [TO_NEW], (450, OLD), (450, NEW)) == [0, 0]


def planned(*events: Event) -> list[bool]:
    switch = FaultRecord(step="back", fault="switchover", onset_first_ns=20, onset_last_ns=20, acted_ns=40)
    return [promotion.planned for promotion in promotions(events, [switch])]


def test_a_failover_during_an_action_that_handed_nothing_over_is_not_planned() -> None:
    promoted = Event(t_ns=30, event=Name.PROMOTED, node="eu-west/1")
    handed = Event(t_ns=25, event=Name.DEMOTED, node="us-east/1", detail={"how": "switchover"})
    assert planned(handed, promoted) == [True]
    assert planned(promoted) == [False]
    assert planned(replace(handed, t_ns=35), promoted) == [False]
    assert planned(replace(handed, t_ns=19), promoted) == [False]
    assert planned(replace(handed, detail={"how": "fenced"}), promoted) == [False]
    assert planned(handed, promoted, replace(promoted, t_ns=38, node="ap-south/1")) == [True, False]


def test_promotions_within_an_action_are_planned() -> None:
    switch = FaultRecord(step="back", fault="switchover", onset_first_ns=20, onset_last_ns=20, acted_ns=40)
    events = [
        Event(t_ns=60, event=Name.PROMOTED, node="us-east/1", detail={"fork_lsn": "0/10", "pg_timeline": 3}),
        Event(t_ns=30, event=Name.PROMOTED, detail={"node": "eu-west/1"}),
        Event(t_ns=25, event=Name.DEMOTED, node="us-east/1", detail={"how": "switchover"}),
    ]
    assert promotions(events, [switch]) == (
        Promotion(t_ns=30, node="eu-west/1", planned=True),
        Promotion(t_ns=60, node="us-east/1", timeline=3, fork=16),
    )
