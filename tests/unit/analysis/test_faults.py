import numpy as np

from chaoskit.analysis.faults import FaultRecord, fault_records, hollow_writes, lost_at_ns
from chaoskit.model.event import Event, Name

START = Event(
    t_ns=100,
    event=Name.START,
    step="lose",
    detail={
        "fault": "region_loss", "target": "us-east", "text": "us-east lost", "onset_first_ns": 101,
        "onset_last_ns": 104, "links": ["us-east <-> eu-west"], "excluded_regions": ["us-east"],
    },
)  # fmt: skip


def test_a_fault_is_put_together_from_its_events() -> None:
    events = [
        START,
        Event(t_ns=110, event=Name.PROVED, step="lose", detail={"phase": "onset", "ok": None, "proof": "waiting"}),
        Event(t_ns=120, event=Name.PROVED, step="lose", detail={"phase": "onset", "ok": True, "proof": "silent"}),
        Event(t_ns=120, event=Name.PROVED, step="other", detail={"phase": "onset", "ok": False}),
        Event(t_ns=900, event=Name.END, step="lose", detail={"heal_first_ns": 901, "healed_ns": 905, "by": "audit"}),
        Event(t_ns=910, event=Name.PROVED, step="lose", detail={"phase": "heal", "ok": False, "proof": "no answer"}),
    ]
    assert fault_records(events) == (
        FaultRecord(
            step="lose", fault="region_loss", target="us-east", text="us-east lost", onset_first_ns=101,
            onset_last_ns=104, heal_first_ns=901, healed_ns=905, healed_by="audit", took_effect=True, proof="silent",
            heal_took_effect=False, heal_proof="no answer", links=("us-east <-> eu-west",),
            excluded_regions=("us-east",),
        ),
    )  # fmt: skip


def test_a_fault_of_which_nothing_is_known_but_its_start_was_neither_proved_nor_healed() -> None:
    (fault,) = fault_records([Event(t_ns=7, event=Name.START, step="cut")])
    assert (fault.onset_first_ns, fault.onset_last_ns, fault.took_effect, fault.healed_ns) == (7, 7, None, None)
    assert not fault.healed_on_time


def test_faults_ascend_by_onset_and_clients_are_lost_with_the_first_that_takes_them() -> None:
    again = Event(t_ns=50, event=Name.START, step="first", detail={"excluded_regions": ["us-east", "eu-west"]})
    faults = fault_records([START, again])
    assert [fault.step for fault in faults] == ["first", "lose"]
    assert lost_at_ns(faults) == {"us-east": 50, "eu-west": 50}


def _hollow(faults: list[FaultRecord], promoted_ns: list[int], returned_ns: list[int]) -> list[bool]:
    returned = np.array(returned_ns, dtype=np.int64)
    return hollow_writes(np.ones(len(returned), dtype=bool), returned, faults, promoted_ns).tolist()


CUT = FaultRecord(
    step="cut", fault="partition", onset_first_ns=100, onset_last_ns=100, heal_first_ns=200, healed_ns=210,
    healed_by="timeline",
)  # fmt: skip
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=500, onset_last_ns=500)
SLOW = FaultRecord(step="slow", fault="latency", onset_first_ns=10, onset_last_ns=10)


def test_a_lost_write_acknowledged_before_the_onset_is_not_hollow() -> None:
    assert _hollow([LOSS], [], [499, 500, 900]) == [False, True, True]


def test_a_slower_link_makes_nothing_hollow() -> None:
    assert _hollow([SLOW, LOSS], [], [300, 600]) == [False, True]


def test_between_a_healed_fault_and_the_next_one_nothing_is_hollow() -> None:
    assert _hollow([CUT, LOSS], [], [150, 205, 300, 600]) == [True, True, False, True]


def test_after_a_promotion_a_healed_fault_still_makes_writes_hollow() -> None:
    assert _hollow([CUT], [150], [150, 300]) == [True, True]
    assert _hollow([CUT, LOSS], [550], [300, 600]) == [False, True]


def test_a_write_that_survived_is_not_hollow() -> None:
    survived = np.array([False])
    assert not hollow_writes(survived, np.array([600], dtype=np.int64), [LOSS], []).any()
