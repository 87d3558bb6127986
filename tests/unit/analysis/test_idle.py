"""Users who do nothing measure nothing: a figure that rests on them is worth nothing either."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pandas as pd
import pytest

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.idle import idle
from chaoskit.analysis.span import Span
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Load, Locustfile, Register, Retry

MS = 1_000_000
S = 1_000_000_000
LIMIT_NS = 1750 * MS  # three timeouts of 500 ms and five turns at 20/s
SPAN = Span(t0_ns=2 * S, end_ns=12 * S)
TWO = Load(users={"eu-west": 2})
OWN = replace(TWO, workload=Locustfile(path="/shop.py"))
Rows = list[dict[str, object]]
Histories = Callable[[Rows], pd.DataFrame]
Plans = Callable[..., Plan]
Look = Callable[..., list[str]]


def user(session: str, *instants_ns: int) -> Rows:
    """One read per instant."""
    return [{"session": session, "kind": "read", "scheduled_ns": t_ns} for t_ns in instants_ns]


def paced(from_ns: int, until_ns: int, every_ns: int = 50 * MS) -> Iterable[int]:
    return range(from_ns, until_ns, every_ns)


BUSY = user("a", *paced(0, 12 * S))


@pytest.fixture
def look(history: Histories, plan: Plans) -> Look:
    def look(rows: Rows, load: Load = TWO, absent: Absences = NOBODY) -> list[str]:
        return idle(plan(load=load), history([{"kind": "probe_read", "scheduled_ns": 0}, *rows]), SPAN, absent)

    return look


def test_users_who_keep_their_pace_leave_no_doubt(look: Look) -> None:
    assert look([*BUSY, *user("b", *paced(0, 12 * S))]) == []


def test_users_who_never_do_anything_are_a_doubt(look: Look) -> None:
    assert look([]) == ["2 of the 2 users of eu-west did nothing for 10.0 s."]
    assert look(BUSY) == ["1 of the 2 users of eu-west did nothing for 10.0 s."]


def test_a_user_who_falls_silent_is_a_doubt_and_one_who_waits_for_answers_is_none(look: Look) -> None:
    silent = [*BUSY, *user("b", *paced(0, 5 * S), 5 * S)]
    assert look(silent) == ["1 of the 2 users of eu-west did nothing for 7.0 s."]
    assert look([*silent, *user("b", *paced(5 * S, 12 * S, LIMIT_NS))]) == []


def test_pauses_that_the_scenario_asks_for_are_no_silence(look: Look) -> None:
    rows = [*BUSY, *user("b", *paced(0, 12 * S, 4 * S))]
    assert len(look(rows)) == 1
    assert look(rows, replace(TWO, retry=Retry.BACKOFF)) == []
    assert look(rows, replace(TWO, workload=Register(read_after_ns=3 * S))) == []
    assert look(rows, replace(TWO, pace_hz=1.0)) == []


def test_users_who_are_spawned_one_by_one_are_owed_when_all_are_there(look: Look) -> None:
    late = [*BUSY, *user("b", *paced(7 * S, 12 * S))]
    assert len(look(late)) == 1
    assert look(late, replace(TWO, spawn_rate_hz=0.3)) == []
    assert len(look(BUSY, replace(TWO, spawn_rate_hz=0.3))) == 1


def test_lost_users_owe_nothing_and_those_who_return_owe_again(look: Look) -> None:
    away = Absences(spans={"eu-west": ((4 * S, 5 * S),)})
    before = [*user("a", *paced(0, 4 * S)), *user("b", *paced(0, 4 * S))]
    after = [*user("a#2", *paced(8 * S, 12 * S)), *user("b#2", *paced(8 * S, 12 * S))]
    assert look([*before, *after], absent=away) == []
    assert look(before, absent=away) == ["2 of the 2 users of eu-west did nothing for 7.0 s."]
    assert look([*before, *after[:80]], absent=away) == ["1 of the 2 users of eu-west did nothing for 4.0 s."]


def test_users_of_a_locustfile_may_have_any_pace_of_their_own(look: Look) -> None:
    slow = [*user("a", 0, 5 * S, 10 * S), *user("b", 100 * MS)]
    assert len(look(slow)) == 1
    assert look(slow, OWN) == []
    assert look([*user("a", 0), *user("b", 0)], OWN) == []


def test_users_of_a_locustfile_who_never_began_or_fell_silent_for_good_are_a_doubt(look: Look) -> None:
    assert look(BUSY, OWN) == ["1 of the 2 users of eu-west did nothing for 10.0 s."]
    stopped = [*user("a", *paced(0, 5 * S)), *user("b", *paced(0, 6 * S, 200 * MS))]
    assert look(stopped, OWN) == ["2 of the 2 users of eu-west did nothing for 6.2 s."]


def test_users_whom_a_master_moved_to_another_worker_are_judged_together(look: Look) -> None:
    moved = [*user("b", *paced(0, 5 * S)), *user("c", *paced(5 * S, 12 * S))]
    assert look([*BUSY, *moved]) == []
    assert len(look([*BUSY[:100], *user("b", *paced(0, 5 * S)), *user("c", *paced(4 * S, 5 * S))])) == 1
