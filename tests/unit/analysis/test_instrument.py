from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.failover import failovers
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.instrument import Instrument, instrument
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.record import Audit, Pulse, RunRecord, audit_from_json
from chaoskit.analysis.span import Span
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import RegionLoss
from chaoskit.model.history import HISTORY_COLUMNS
from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.model.place import places
from chaoskit.model.plan import Plan, PlannedStep

MS = 1_000_000
S = 1_000_000_000
BARE = pd.DataFrame(columns=list(HISTORY_COLUMNS))
SPAN = Span(t0_ns=0, end_ns=2 * S)
STEADY = Event(t_ns=0, event=Name.STEADY)
AUDIT = Audit(quiescent=True, authoritative="eu-west/1")
STEP = PlannedStep(name="lose", deed=RegionLoss(target=places("us-east")), at=since_t0(S))
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=S, onset_last_ns=S, took_effect=True)
Stream = Callable[..., ProbeStream]
Plans = Callable[..., Plan]


@pytest.fixture
def sound(stream: Stream) -> list[ProbeStream]:
    """Every stream of every region, complete."""
    return [
        stream(
            "." * (40 if connection == "established" else 10),
            region=region,
            operation=operation,
            connection=connection,
            interval_ns=50 * MS if connection == "established" else 200 * MS,
        )
        for region in ("us-east", "eu-west", "ap-south")
        for operation in ("write", "read")
        for connection in ("established", "fresh")
    ]


def first_half(stream: ProbeStream) -> ProbeStream:
    return replace(stream, scheduled_ns=stream.scheduled_ns // 2, invoked_ns=stream.scheduled_ns // 2 + MS)


def look(
    plan: Plan | None,
    streams: list[ProbeStream],
    faults: tuple[FaultRecord, ...] = (),
    events: tuple[Event, ...] = (STEADY,),
    audit: Audit | None = AUDIT,
    absent: Absences = NOBODY,
    rankless: str = "",
    pulses: tuple[Pulse, ...] | None = None,
    span: Span = SPAN,
) -> Instrument:
    record = RunRecord(plan=plan, history=BARE, events=events, audit=audit, pulses=pulses)
    return instrument(record, streams, faults, span, absent, failovers(events, faults), rankless)


def test_a_sound_run_leaves_no_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    seen = look(plan(STEP), sound, (LOSS,))
    assert seen.doubts == ()
    assert seen.lateness_p99_ms == {"us-east": 1.0, "eu-west": 1.0, "ap-south": 1.0}


def beats(*took_s: float) -> tuple[Pulse, ...]:
    """Answers of the WAN itself, ten a second."""
    return tuple(Pulse(t_ns=i * S // 10, took_s=one) for i, one in enumerate(took_s))


def test_a_second_in_which_the_wan_itself_is_slow_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    quick, slow = [0.002] * 10, [0.002] * 4 + [0.03] * 6
    (doubt,) = look(plan(), sound, pulses=beats(*quick, *slow)).doubts
    assert doubt.startswith("This machine was too busy in 1 s of the run: 1 s after t0 the WAN took 30 ms")


def test_answers_that_are_late_now_and_then_are_no_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    seen = look(plan(), sound, pulses=beats(*([0.002] * 6 + [0.4] * 4) * 2))
    assert seen.doubts == ()
    assert seen.answers is not None
    assert (seen.answers.p99_s, seen.answers.slowest_s) == (0.4, 0.002)


def test_a_second_in_which_nobody_asked_the_wan_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    (doubt,) = look(plan(), sound, pulses=beats(*[0.002] * 10)).doubts
    assert doubt == "Whether this machine was too busy is not known of 1 s: nobody asked the WAN."
    assert look(plan(), sound, pulses=beats(*[0.002] * 20)).doubts == ()
    assert "is not known of 2 s" in look(plan(), sound, pulses=()).doubts[0]


def test_what_the_wan_took_before_t0_and_after_the_load_is_not_judged(plan: Plans, sound: list[ProbeStream]) -> None:
    late = tuple(replace(pulse, t_ns=pulse.t_ns + at_ns) for pulse in beats(*[0.9] * 10) for at_ns in (-S, 2 * S))
    assert look(plan(), sound, pulses=late + beats(*[0.002] * 20)).doubts == ()


def test_a_prober_later_than_half_an_interval_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    at_the_limit = replace(sound[0], invoked_ns=sound[0].scheduled_ns + 25 * MS)
    assert look(plan(), [at_the_limit, *sound[1:]]).doubts == ()
    late = replace(sound[0], invoked_ns=sound[0].scheduled_ns + 26 * MS)
    (doubt,) = look(plan(), [late, *sound[1:]]).doubts
    assert "us-east was late" in doubt


def test_no_steady_state_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    (doubt,) = look(plan(), sound, events=()).doubts
    assert "steady state" in doubt
    never = Event(t_ns=0, event=Name.NO_STEADY_STATE, detail={"why": "ap-south at 80%"})
    (doubt,) = look(plan(), sound, events=(never,)).doubts
    assert "ap-south at 80%" in doubt


def test_an_interrupt_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    (doubt,) = look(plan(), sound, events=(STEADY, Event(t_ns=9, event=Name.INTERRUPTED))).doubts
    assert "interrupted" in doubt


def test_a_part_of_the_harness_that_failed_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    died = Event(t_ns=9, event=Name.BROKEN, detail={"what": "the failover manager", "why": "KeyError: 'eu-west/1'"})
    (doubt,) = look(plan(), sound, events=(STEADY, died, replace(died, t_ns=10))).doubts
    assert doubt == "A part of the harness failed: the failover manager: KeyError: 'eu-west/1'."


@pytest.mark.parametrize("effect", [False, None])
def test_a_fault_that_is_not_proved_is_a_doubt(plan: Plans, sound: list[ProbeStream], effect: bool | None) -> None:
    (doubt,) = look(plan(STEP), sound, (replace(LOSS, took_effect=effect, proof="still answering."),)).doubts
    assert doubt == "Fault lose is not proved to have taken effect: still answering."


@pytest.mark.parametrize(
    ("healed_by", "effect", "doubtful"),
    [
        ("timeline", True, False),
        ("timeline", None, True),
        ("timeline", False, True),
        ("audit", None, False),
        ("audit", False, True),
        (None, None, False),
    ],
)
def test_a_heal_that_should_have_been_proved_and_is_not_is_a_doubt(
    plan: Plans, sound: list[ProbeStream], healed_by: str | None, effect: bool | None, doubtful: bool
) -> None:
    healed = replace(LOSS, healed_by=healed_by, heal_took_effect=effect)
    assert bool(look(plan(STEP), sound, (healed,)).doubts) is doubtful


@pytest.mark.parametrize("healed_by", [None, "audit", "interrupt"])
def test_a_heal_that_never_came_is_a_doubt(plan: Plans, sound: list[ProbeStream], healed_by: str | None) -> None:
    standing = replace(LOSS, healed_by=healed_by)
    when = Instant(offset_ns=3 * S, after=Moment(event="promoted"))
    (doubt,) = look(plan(replace(STEP, until=when)), sound, (standing,)).doubts
    assert doubt == "Fault lose was to be healed at promoted + 3 s, and that never came while the load ran."
    (doubt,) = look(plan(replace(STEP, for_ns=S)), sound, (standing,)).doubts
    assert doubt == "Fault lose was to be healed after 1 s, and that never came while the load ran."
    assert look(plan(STEP), sound, (standing,)).doubts == ()  # until the end
    in_time = replace(LOSS, healed_by="timeline", heal_took_effect=True)
    assert look(plan(replace(STEP, until=when)), sound, (in_time,)).doubts == ()
    broken_off = (STEADY, Event(t_ns=9, event=Name.INTERRUPTED))
    assert len(look(plan(replace(STEP, until=when)), sound, (standing,), broken_off).doubts) == 1


def test_a_step_that_never_ran_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    assert look(plan(STEP), sound).doubts == ("Step lose never ran.",)


def test_probes_that_nobody_recorded_are_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    (doubt,) = look(plan(), sound[1:]).doubts
    assert doubt == "No write probe (established) of us-east was recorded for 1.9 s."
    short = first_half(sound[0])
    (doubt,) = look(plan(), [short, *sound[1:]]).doubts
    assert doubt == "No write probe (established) of us-east was recorded for 1.0 s."


def test_without_any_probe_every_stream_is_a_doubt(plan: Plans) -> None:
    assert len(look(plan(), []).doubts) == 12


def test_a_load_that_awaits_its_last_operations_makes_no_hole(plan: Plans, sound: list[ProbeStream]) -> None:
    seen = look(plan(), sound, span=replace(SPAN, end_ns=9 * S))
    assert seen.doubts == ()


def test_a_region_whose_clients_were_lost_owes_no_probes_afterwards(plan: Plans, sound: list[ProbeStream]) -> None:
    short = [first_half(s) if s.region == "us-east" else s for s in sound]
    assert look(plan(), short, absent=Absences(spans={"us-east": ((S, NEVER_NS),)})).doubts == ()


@pytest.mark.parametrize(
    ("audit", "word"),
    [
        (None, "no audit"),
        (replace(AUDIT, quiescent=False, reason="held bytes."), "at rest when they were read: held bytes."),
        (replace(AUDIT, streams_complete=False, streams_incomplete=("eu-west.users",)), "eu-west.users"),
        (replace(AUDIT, streams_complete=False), "some process"),
    ],
)
def test_an_audit_that_cannot_be_trusted_is_a_doubt(
    plan: Plans, sound: list[ProbeStream], audit: Audit | None, word: str
) -> None:
    (doubt,) = look(plan(), sound, audit=audit).doubts
    assert word in doubt


def test_a_surviving_state_that_is_not_known_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    (doubt,) = look(plan(), sound, rankless="no node is authoritative").doubts
    assert doubt == "What survived is not known, so acknowledged writes may have been hollow: no node is authoritative."


def test_a_bare_history_has_no_instrument_to_doubt(sound: list[ProbeStream]) -> None:
    assert look(None, sound, events=(), audit=None).doubts == ()


def test_an_audit_reads_back_from_its_file() -> None:
    audit = audit_from_json(
        {
            "quiescent": True, "reason": None, "authoritative": "eu-west/1", "claimants": ["eu-west/1"],
            "endpoints": {"eu-west": "eu-west/1"}, "streams_complete": True, "streams_incomplete": [],
            "nodes": [{"audit": "final", "node": "eu-west/1", "answered": True, "in_recovery": False, "timeline": 2,
                       "lsn": "0/30", "rows": 12, "why": None}],
        }
    )  # fmt: skip
    assert (audit.authoritative, audit.quiescent, audit.streams_complete) == ("eu-west/1", True, True)
    assert (audit.nodes[0].rows, audit.nodes[0].why) == (12, "")


def test_an_audit_that_says_nothing_is_not_trusted() -> None:
    audit = audit_from_json({})
    assert not audit.quiescent
    assert not audit.streams_complete


def test_a_region_whose_clients_return_owes_probes_again_as_soon_as_they_have_begun(
    plan: Plans, sound: list[ProbeStream]
) -> None:
    away = Absences(spans={"us-east": ((500 * MS, 800 * MS),)})

    def hole(stream: ProbeStream, until_ns: int) -> ProbeStream:
        return stream.only((stream.scheduled_ns < 500 * MS) | (stream.scheduled_ns >= until_ns))

    back = [hole(s, 1400 * MS) if s.region == "us-east" else s for s in sound]
    assert look(plan(), back, absent=away).doubts == ()
    gone = [first_half(s) if s is sound[0] else s for s in sound]
    gone[0] = gone[0].only(gone[0].scheduled_ns < 500 * MS)
    (doubt,) = look(plan(), gone, absent=away).doubts
    assert doubt == "No write probe (established) of us-east was recorded for 1.1 s."


def test_a_skipped_step_says_why(plan: Plans, sound: list[ProbeStream]) -> None:
    skipped = Event(t_ns=S, event=Name.SKIPPED, step="lose", detail={"why": "cut already stops us-east/1"})
    assert look(plan(STEP), sound, events=(STEADY, skipped)).doubts == (
        "Step lose was skipped: cut already stops us-east/1.",
    )


def test_an_action_that_was_not_carried_out_is_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    switch = FaultRecord(step="lose", fault="switchover", onset_first_ns=S, onset_last_ns=S, took_effect=False,
                         proof="it is behind")  # fmt: skip
    assert look(plan(STEP), sound, (switch,)).doubts == (
        "Action lose is not proved to have been carried out: it is behind.",
    )
    assert look(plan(STEP), sound, (replace(switch, took_effect=True),)).doubts == ()


def test_a_failover_that_no_fault_explains_leaves_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    before = Event(t_ns=S // 2, event=Name.DETECTED, node="us-east/1")
    during = replace(before, t_ns=S + S // 2)
    switch = replace(LOSS, fault="switchover")
    for word in ("region_loss", "latency", "freeze", "crash"):
        assert look(plan(STEP), sound, (replace(LOSS, fault=word),), (STEADY, during)).doubts == ()
    for faults, event in (((LOSS,), before), ((switch,), during)):
        (doubt,) = look(plan(STEP), sound, faults, (STEADY, event)).doubts
        assert doubt.startswith("The failover manager held us-east/1 for dead although no fault stood")


def test_a_failover_whose_checks_failed_under_a_fault_is_explained_by_it(plan: Plans, sound: list[ProbeStream]) -> None:
    healed = replace(LOSS, heal_first_ns=S + S // 4, healed_ns=S + S // 4, healed_by="timeline", heal_took_effect=True)
    seen = Event(t_ns=S + S // 2, event=Name.DETECTED, node="us-east/1", detail={"first_failure_ns": S + 1})
    assert look(plan(STEP), sound, (healed,), (STEADY, seen)).doubts == ()
    late = replace(seen, detail={"first_failure_ns": S + S // 3})
    assert len(look(plan(STEP), sound, (healed,), (STEADY, late)).doubts) == 1


def test_a_probe_that_began_after_its_own_deadline_leaves_a_doubt(plan: Plans, sound: list[ProbeStream]) -> None:
    stood = replace(sound[0], invoked_ns=sound[0].invoked_ns.copy(), timeout_ns=S)
    stood.invoked_ns[3] = stood.scheduled_ns[3] + S
    assert (
        "The prober of us-east stood still: 1 probes began after their own deadline."
        in look(plan(STEP), [stood, *sound[1:]], (LOSS,)).doubts
    )


def test_probes_without_a_free_slot_do_not_dilute_the_lateness(plan: Plans, sound: list[ProbeStream]) -> None:
    late = replace(sound[0], invoked_ns=sound[0].scheduled_ns + 30 * MS)
    full = replace(sound[1], invoked_ns=sound[1].scheduled_ns, returned_ns=sound[1].scheduled_ns)
    assert look(plan(STEP), [late, full], (LOSS,)).lateness_p99_ms == {"us-east": 30.0}
