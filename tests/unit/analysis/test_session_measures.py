"""What users went through: how many were hit, and for how long."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from chaoskit.analysis.absence import Absences
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.facts import Facts
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.measures import measure
from chaoskit.analysis.objectives import judge
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective, Phase
from chaoskit.model.verdict import Verdict

S = 1_000_000_000
Build = Callable[..., Facts]
Histories = Callable[[list[dict[str, object]]], pd.DataFrame]
CUT = FaultRecord(
    step="cut", fault="partition", onset_first_ns=2 * S, onset_last_ns=2 * S, heal_first_ns=6 * S, healed_ns=6 * S,
    healed_by="timeline",
)  # fmt: skip


def ask(name: str, unit: str = "s", **scope: Any) -> Objective:
    return Objective(name=name, measure=name, unit=unit, maximum=10, **scope)


def op(session: str, at_s: float, took_s: float | None = 0.1, **more: Any) -> dict[str, object]:
    """An operation of a user; ``took_s`` None: no answer came."""
    returned = {} if took_s is None else {"returned_ns": int((at_s + took_s) * S)}
    answered = {"outcome": "unknown", "error": "timeout"} if took_s is None else {}
    made = {"session": session, "kind": "write", "scheduled_ns": int(at_s * S)} | returned | answered | more
    return made | {"region": session.partition("/")[0]}


@pytest.fixture
def seen(facts: Build, history: Histories) -> Callable[..., Facts]:
    def build(*rows: dict[str, object], **given: Any) -> Facts:
        return facts(faults=given.pop("faults", [CUT]), history=history([*rows]), **given)

    return build


def hit(session: str, back_s: float | None) -> list[dict[str, object]]:
    """In flight at the onset and given up; tries again at 3 s in vain, and gets its answer at ``back_s``."""
    rows = [op(session, 1.0), op(session, 1.9, None), op(session, 3.0, None)]
    return rows if back_s is None else [*rows, op(session, 4.0, back_s - 4.0)]


def unhurt(session: str) -> list[dict[str, object]]:
    return [op(session, at_s) for at_s in (1.0, 2.5, 3.5)]


def test_a_session_is_hit_from_the_onset_to_its_first_acknowledgement_after_one_that_failed(
    seen: Callable[..., Facts],
) -> None:
    both = seen(*hit("eu-west/u1", 4.5), *unhurt("eu-west/u2"))
    assert measure(ask("client_rto.max"), both).values[0].interval == Interval(lo=2.5, hi=2.5)
    assert measure(ask("client_rto.p50"), both).values[0].interval == Interval(lo=0.0, hi=0.0)


def test_a_hollow_acknowledgement_is_none_to_a_user(seen: Callable[..., Facts]) -> None:
    believed = [op("eu-west/u1", at_s) for at_s in (1.0, 2.5, 3.5, 5.0)]
    run = seen(*believed, hollow=[1, 2])
    assert measure(ask("client_rto.max"), run).values[0].interval == Interval(lo=3.1, hi=3.1)
    assert measure(ask("users_affected", "fraction"), run).values[0].interval.lo == 1.0
    assert measure(ask("client_rto.max"), seen(*believed)).values[0].interval.hi == 0.0


def test_a_session_that_never_recovered_is_censored_beyond_its_percentile(seen: Callable[..., Facts]) -> None:
    run = seen(*hit("eu-west/u1", None), *hit("eu-west/u2", 5.0))
    judged = judge(ask("client_rto.p99"), run, ())
    assert judged.verdict is Verdict.FAIL
    assert judged.observed == "not over after 8.0 s, when the run ended"
    assert measure(ask("client_rto.p50"), run).values[0].interval.hi == 3.0


LATE = [op("eu-west/u1", 1.0), op("eu-west/u1", 5.0), op("eu-west/u1", 6.5, None), op("eu-west/u1", 9.0)]


def test_what_fails_after_the_heal_counts_from_the_onset(seen: Callable[..., Facts]) -> None:
    """Locked out by what the fault has left behind: its heal, a failback."""
    assert measure(ask("client_rto.max"), seen(*LATE)).values[0].interval == Interval(lo=7.1, hi=7.1)


def test_what_fails_after_the_next_onset_belongs_to_that(seen: Callable[..., Facts]) -> None:
    again = replace(CUT, step="again", onset_first_ns=6 * S, onset_last_ns=6 * S)
    first, second = measure(ask("client_rto.max"), seen(*LATE, faults=[CUT, again])).values
    assert (first.interval, second.interval) == (Interval(lo=0.0, hi=0.0), Interval(lo=3.1, hi=3.1))


def test_of_two_onsets_at_one_instant_the_first_is_not_let_off(seen: Callable[..., Facts]) -> None:
    users = [op("eu-west/u1", 1.0), op("eu-west/u1", 2.4, None), op("eu-west/u1", 7.0)]
    for apart_ns in (0, 5_000_000):
        again = replace(CUT, step="again", onset_first_ns=2 * S + apart_ns, onset_last_ns=2 * S + apart_ns)
        run = seen(*users, faults=[CUT, again])
        assert judge(replace(ask("client_rto.max", step="cut"), maximum=3), run, ()).verdict is not Verdict.PASS
        assert judge(replace(ask("client_rto.max", step="cut"), maximum=6), run, ()).verdict is Verdict.PASS
        assert judge(replace(ask("client_rto.max"), maximum=3), run, ()).verdict is Verdict.FAIL
    never = seen(*users[:-1], faults=[CUT, again])
    assert judge(replace(ask("client_rto.max", step="cut"), maximum=3), never, ()).verdict is Verdict.INCONCLUSIVE


def test_sessions_of_lost_clients_and_those_that_had_not_begun_do_not_count(seen: Callable[..., Facts]) -> None:
    away = Absences(spans={"us-east": ((2 * S, 7 * S),)})
    run = seen(*hit("us-east/u1", None), *hit("eu-west/u1", 5.0), *[op("us-east/u1#2", t) for t in (7.5, 8.0)],
               absent=away)  # fmt: skip
    assert measure(ask("client_rto.p50"), run).values[0].interval.lo == 3.0
    assert measure(ask("client_rto.p50", region="us-east"), run).unknown


def test_client_rto_is_that_of_its_step(seen: Callable[..., Facts]) -> None:
    again = replace(CUT, step="again", onset_first_ns=8 * S, onset_last_ns=8 * S)
    run = seen(*hit("eu-west/u1", 4.5), op("eu-west/u1", 8.5), faults=[CUT, again])
    assert [value.interval.hi for value in measure(ask("client_rto.max"), run).values] == [2.5, 0.0]
    assert len(measure(ask("client_rto.max", step="again"), run).values) == 1
    assert "no fault struck" in measure(ask("client_rto.max", step="other"), run).unknown


def test_the_share_of_affected_users_counts_sessions(seen: Callable[..., Facts]) -> None:
    run = seen(*hit("eu-west/u1", 4.5), *unhurt("eu-west/u2"), *unhurt("ap-south/u1"), *unhurt("ap-south/u2"))
    assert measure(ask("users_affected", "fraction"), run).values[0].interval.lo == 0.25
    assert measure(ask("users_affected", "fraction", region="eu-west"), run).values[0].interval.lo == 0.5
    assert measure(ask("users_affected", "fraction", phase=Phase.AFTER), run).unknown
    assert measure(ask("users_affected", "fraction", operation="read"), run).unknown


@pytest.mark.parametrize("phase", [Phase.ALWAYS, Phase.BEFORE])
def test_what_failed_in_the_warm_up_affected_nobody(seen: Callable[..., Facts], phase: Phase) -> None:
    run = seen(op("eu-west/u1", 0.5, None), op("eu-west/u1", 1.0), op("eu-west/u1", 1.5), t0_ns=S)
    assert measure(ask("users_affected", "fraction", phase=phase), run).values[0].interval.lo == 0.0


def test_probes_are_no_users(seen: Callable[..., Facts]) -> None:
    probe = op("eu-west/p", 2.5, None, kind="probe_write")
    assert measure(ask("users_affected", "fraction"), seen(probe, *unhurt("eu-west/u1"))).values[0].interval.lo == 0.0


def test_what_a_loss_cut_short_affected_nobody_who_was_left(seen: Callable[..., Facts]) -> None:
    rows = [op("us-east/u1", 1.0), op("us-east/u1", 1.9, None), *unhurt("eu-west/u1")]
    back = Absences(spans={"us-east": ((2 * S, 7 * S),)})
    gone = Absences(spans={"us-east": ((2 * S, NEVER_NS),)})
    assert measure(ask("users_affected", "fraction"), seen(*rows, absent=back)).values[0].interval.lo == 0.0
    assert measure(ask("users_affected", "fraction", region="us-east"), seen(*rows, absent=gone)).unknown
