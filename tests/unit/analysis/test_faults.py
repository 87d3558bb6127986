import pytest

from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.faults import FaultRecord, fault_records
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


def test_faults_ascend_by_onset() -> None:
    again = Event(t_ns=50, event=Name.START, step="first", detail={"excluded_regions": ["us-east", "eu-west"]})
    assert [fault.step for fault in fault_records([START, again])] == ["first", "lose"]


ACTION = Event(t_ns=100, event=Name.START, step="back", detail={"fault": "switchover", "target": "us-east/1"})


def test_an_action_is_over_when_it_was_carried_out_and_is_never_healed() -> None:
    (action,) = fault_records([ACTION, Event(t_ns=300, event=Name.ACTED, step="back", detail={"ok": True, "why": ""})])
    assert (action.is_action, action.cuts, action.took_effect, action.over_ns) == (True, False, True, 300)
    assert not action.stands(100, 300)


def test_an_action_that_failed_says_why() -> None:
    acted = Event(t_ns=300, event=Name.ACTED, step="back", detail={"ok": False, "why": "it is behind"})
    (action,) = fault_records([ACTION, acted])
    assert (action.took_effect, action.proof) == (False, "it is behind")
    (unfinished,) = fault_records([ACTION])
    assert (unfinished.took_effect, unfinished.over_ns) == (None, NEVER_NS)


def test_what_a_role_stood_for_then_is_what_was_struck() -> None:
    freeze = {"fault": "freeze", "target": "primary", "resolved": "us-east/1"}
    (fault,) = fault_records([Event(t_ns=1, event=Name.START, step="hang", detail=freeze)])
    assert (fault.struck, fault.cuts) == ("us-east/1", True)
    (bare,) = fault_records([Event(t_ns=1, event=Name.START, step="hang", detail={"fault": "latency"})])
    assert (bare.struck, bare.cuts) == ("hang", False)


def test_a_fault_stands_from_its_onset_to_the_end_of_its_heal() -> None:
    (fault,) = fault_records([START, Event(t_ns=900, event=Name.END, step="lose", detail={"healed_ns": 905})])
    assert fault.stands(0, 101)
    assert not fault.stands(0, 100)
    assert fault.stands(905, 2000)
    assert not fault.stands(906, 2000)


HINDERING = ("latency", "bandwidth", "packet_loss", "cpu", "clock_skew")
CUTTING = ("partition", "region_loss", "crash", "freeze", "disconnect", "disk_full")


@pytest.mark.parametrize("word", [*HINDERING, *CUTTING])
def test_only_what_lets_nothing_through_makes_an_acknowledgement_worthless(word: str) -> None:
    fault = FaultRecord(step="s", fault=word, onset_first_ns=1, onset_last_ns=1)
    assert fault.cuts == (word in CUTTING)
