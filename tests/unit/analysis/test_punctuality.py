"""A fault that struck late, or stood for another time than was asked for, leaves a doubt."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from chaoskit.analysis.absence import NOBODY
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.instrument import instrument
from chaoskit.analysis.punctuality import untimely
from chaoskit.analysis.record import Audit, RunRecord
from chaoskit.analysis.span import Span
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Crash
from chaoskit.model.history import HISTORY_COLUMNS
from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.model.place import places
from chaoskit.model.plan import Plan, PlannedStep

MS = 1_000_000
S = 1_000_000_000
BARE = pd.DataFrame(columns=list(HISTORY_COLUMNS))
T0 = 100 * S
SPAN = Span(t0_ns=T0, end_ns=T0 + 60 * S)
PROMOTED = Event(t_ns=T0 + S, event=Name.PROMOTED, node="eu-west/1")
AT_PROMOTION = Instant(offset_ns=0, after=Moment(event="promoted"))
STEP = PlannedStep(name="lose", deed=Crash(target=places("us-east/1")), at=since_t0(S))
LOSS = FaultRecord(
    step="lose",
    fault="crash",
    onset_first_ns=T0 + S,
    onset_last_ns=T0 + S,
    heal_first_ns=T0 + 3 * S,
    healed_ns=T0 + 3 * S,
    healed_by="timeline",
    took_effect=True,
    heal_took_effect=True,
)
Plans = Callable[..., Plan]


def doubts(plan: Plan, events: tuple[Event, ...] = (), **happened: Any) -> list[str]:
    """What is doubted where a fault of 2 s, planned at 1 s, went like this; instants in ns since t0."""
    instants = {name: T0 + value if isinstance(value, int) else value for name, value in happened.items()}
    return untimely(plan, (replace(LOSS, **instants),), events, SPAN)


@pytest.mark.parametrize(
    ("asked", "events"),
    [
        ({"for_ns": 2 * S}, ()),
        ({"until": since_t0(3 * S)}, ()),
        ({"at": AT_PROMOTION, "for_ns": 2 * S}, (PROMOTED,)),
        ({"until": replace(AT_PROMOTION, offset_ns=2 * S)}, (PROMOTED,)),
    ],
    ids=["for", "until", "at an event", "until an event"],
)
@pytest.mark.parametrize(
    ("happened", "said"),
    [
        ({}, []),
        ({"onset_first_ns": 1500 * MS, "onset_last_ns": 2 * S, "healed_ns": 4 * S}, []),
        ({"onset_first_ns": 1501 * MS, "onset_last_ns": 1600 * MS}, ["Step lose began 0.5 s later than planned."]),
        ({"onset_last_ns": 2 * S + MS}, ["Fault lose stood for 1.0 s, and 2.0 s were asked for."]),
        ({"heal_first_ns": 2 * S - MS}, ["Fault lose stood for 1.0 s, and 2.0 s were asked for."]),
        ({"healed_ns": 4 * S + MS}, ["Fault lose was healed 1.0 s later than planned."]),
        (
            {"onset_first_ns": 4 * S, "onset_last_ns": 5 * S, "heal_first_ns": 4 * S, "healed_ns": 6 * S},
            [
                "Step lose began 3.0 s later than planned.",
                "Fault lose stood for 0.0 s, and 2.0 s were asked for.",
                "Fault lose was healed 3.0 s later than planned.",
            ],
        ),
        ({"heal_first_ns": 9 * S, "healed_ns": 9 * S, "healed_by": "audit"}, []),
    ],
    ids=["punctual", "in bounds", "late", "slow onset", "early heal", "late heal", "all of it", "left to the audit"],
)
def test_a_fault_that_struck_late_or_stood_for_another_time_than_asked_is_a_doubt(
    plan: Plans, asked: dict[str, Any], events: tuple[Event, ...], happened: dict[str, Any], said: list[str]
) -> None:
    assert doubts(plan(replace(STEP, **asked)), events, **happened) == said


def test_a_long_fault_may_be_off_by_a_tenth(plan: Plans) -> None:
    asked = plan(replace(STEP, for_ns=40 * S))
    assert doubts(asked, heal_first_ns=37 * S, healed_ns=45 * S) == []
    assert len(doubts(asked, heal_first_ns=36 * S, healed_ns=46 * S)) == 2


def test_what_waits_for_the_end_or_for_what_never_came_has_no_time_that_it_could_miss(plan: Plans) -> None:
    assert doubts(plan(STEP), heal_first_ns=9 * S, healed_ns=9 * S) == []
    assert doubts(plan(replace(STEP, until=AT_PROMOTION))) == []
    assert doubts(plan(replace(STEP, at=AT_PROMOTION, for_ns=S))) == []


def test_an_action_may_be_late_too_and_the_instrument_says_so(plan: Plans) -> None:
    act = replace(LOSS, fault="switchover", onset_first_ns=T0 + 2 * S, onset_last_ns=T0 + 2 * S, healed_by=None)
    seen = instrument(
        RunRecord(
            plan=plan(STEP), history=BARE, events=(Event(t_ns=T0, event=Name.STEADY),),
            audit=Audit(quiescent=True, authoritative="eu-west/1"),
        ), (), (act,), SPAN, NOBODY,
    )  # fmt: skip
    assert "Step lose began 1.0 s later than planned." in seen.doubts
