"""Where an objective looks: phases, and between two instants."""

from dataclasses import replace

import numpy as np
import pytest

from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.window import WHOLE_RUN, Course, Window, phase_window, resolved_ns, window_of
from chaoskit.model.event import Event, Name
from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.model.scenario import Objective, Phase

CUT = FaultRecord(
    step="cut", fault="partition", onset_first_ns=100, onset_last_ns=102, heal_first_ns=200, healed_ns=210,
    healed_by="timeline",
)  # fmt: skip
AGAIN = replace(CUT, step="again", onset_first_ns=400, heal_first_ns=500, healed_ns=510)
INSIDE = replace(CUT, step="inside", onset_first_ns=150, heal_first_ns=170, healed_ns=180)
STANDING = replace(CUT, step="lose", onset_first_ns=600, healed_by="audit", heal_first_ns=950, healed_ns=960)
EVENTS = (
    Event(t_ns=5, event=Name.PROMOTED),
    Event(t_ns=130, event=Name.FENCED, detail={"ok": False}),
    Event(t_ns=140, event=Name.PROMOTED),
    Event(t_ns=160, event=Name.FENCED, detail={"ok": True}),
    Event(t_ns=450, event=Name.PROMOTED),
)
COURSE = Course(faults=(CUT, INSIDE, AGAIN, STANDING), events=EVENTS, t0_ns=10, end_ns=900)


def held(window: Window, *instants_ns: int) -> list[int]:
    return [t for t, inside in zip(instants_ns, window.holds(np.array(instants_ns)), strict=True) if inside]


def test_phases_are_before_the_first_onset_inside_a_step_and_after_it() -> None:
    at = (99, 100, 209, 210, 500)
    assert held(phase_window(Phase.BEFORE, [CUT]), *at) == [99]
    assert held(phase_window(Phase.DURING, [CUT]), *at) == [100, 209]
    assert held(phase_window(Phase.AFTER, [CUT]), *at) == [210, 500]
    assert held(phase_window(Phase.BEFORE, []), *at) == [*at]


@pytest.mark.parametrize("instant", [0, 99, 100, 175, 185, 209, 210, 399, 400, 509, 510, 599, 600, 2000])
def test_every_instant_lies_in_exactly_one_phase(instant: int) -> None:
    phases = [phase for phase in (Phase.BEFORE, Phase.DURING, Phase.AFTER)
              if held(phase_window(phase, COURSE.faults), instant)]  # fmt: skip
    assert len(phases) == 1


def test_a_fault_that_the_audit_healed_lasted_to_the_end_so_nothing_is_after_it() -> None:
    assert phase_window(Phase.AFTER, [STANDING]).empty
    assert held(phase_window(Phase.DURING, [STANDING]), 599, 600, 10_000) == [600, 10_000]


def test_an_action_lasts_until_it_is_over() -> None:
    action = FaultRecord(step="back", fault="switchover", onset_first_ns=50, onset_last_ns=50, acted_ns=70)
    assert held(phase_window(Phase.DURING, [action]), 49, 50, 69, 70) == [50, 69]


def asked(**given: object) -> Objective:
    return Objective(name="o", measure="availability", unit="fraction", minimum=0.9, **given)  # type: ignore[arg-type]


def test_with_a_step_a_phase_is_that_steps() -> None:
    window = window_of(asked(phase=Phase.AFTER, step="cut"), COURSE)
    assert isinstance(window, Window)
    assert held(window, 209, 210, 450) == [210, 450]
    assert window_of(asked(), COURSE) is WHOLE_RUN


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"phase": Phase.DURING, "step": "other"}, "step other never began"),
        ({"phase": Phase.AFTER, "step": "lose"}, "nothing of the run lies after lose"),
        ({"between": (since_t0(5), Instant(offset_ns=0, after=Moment(event="demoted")))}, "demoted never came"),
        ({"between": (since_t0(50), since_t0(40))}, "nothing is between"),
        ({"between": (since_t0(0), since_t0(891))}, "the load ended before 8.91e-07 s"),
        ({"between": (since_t0(0), Instant(offset_ns=800, after=Moment(event="promoted")))}, "the load ended before"),
    ],
)
def test_a_window_that_cannot_be_told_says_why(given: dict[str, object], why: str) -> None:
    told = window_of(asked(**given), COURSE)
    assert isinstance(told, str)
    assert why in told


def test_without_a_step_there_are_no_phases() -> None:
    assert window_of(asked(phase=Phase.BEFORE), Course()) == "nothing struck, so there are no phases"


@pytest.mark.parametrize(
    ("event", "step", "expected"),
    [
        ("start", None, 10),
        ("end", None, 900),
        ("start", "cut", 100),
        ("end", "cut", 200),
        ("promoted", None, 140),
        ("promoted", "again", 450),
        ("fenced", None, 160),
        ("start", "never", None),
        ("routed", "cut", None),
    ],
)
def test_an_instant_after_an_event_is_the_first_one_since_t0_or_since_its_step_began(
    event: str, step: str | None, expected: int | None
) -> None:
    assert resolved_ns(Instant(offset_ns=0, after=Moment(event=event, step=step)), COURSE) == expected


def test_an_offset_counts_from_the_event_or_from_t0() -> None:
    assert resolved_ns(since_t0(30), COURSE) == 40
    assert resolved_ns(Instant(offset_ns=-20, after=Moment(event="start", step="cut")), COURSE) == 80


def test_between_two_instants_lies_what_is_not_yet_the_second() -> None:
    window = window_of(asked(between=(since_t0(90), Instant(offset_ns=5, after=Moment(event="promoted")))), COURSE)
    assert isinstance(window, Window)
    assert held(window, 99, 100, 144, 145) == [100, 144]


def test_what_lasts_to_the_end_of_the_run_is_open() -> None:
    window = window_of(asked(between=(since_t0(0), Instant(offset_ns=0, after=Moment(event="end")))), COURSE)
    assert isinstance(window, Window)
    assert held(window, 10_000) == [10_000]
    assert held(window_of(asked(between=(since_t0(0), since_t0(890))), COURSE), 10_000) == [10_000]
    assert held(window_of(asked(between=(since_t0(0), since_t0(889))), COURSE), 898, 899) == [898]
