"""Clients that were lost with their region, and came back: what they did not do is nobody's outage."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from chaoskit.analysis.absence import Absences, absences, present
from chaoskit.analysis.cause import causes
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.downtime import downtimes
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import Outage, outages
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.rto import Recovery, recoveries
from chaoskit.model.event import Event, Name

MS = 1_000_000
S = 1_000_000_000
Stream = Callable[..., ProbeStream]
LOSS = FaultRecord(
    step="lose", fault="region_loss", onset_first_ns=220 * MS, onset_last_ns=222 * MS, heal_first_ns=600 * MS,
    healed_ns=610 * MS, healed_by="timeline", excluded_regions=("us-east",),
)  # fmt: skip
BACK = Event(t_ns=700 * MS, event=Name.CLIENTS_BACK, region="us-east")
AWAY = Absences(spans={"us-east": ((220 * MS, 700 * MS),)})


def with_hole(stream: Stream, before: str, after: str) -> ProbeStream:
    """Probes from 0 on, and again from 700 ms on."""
    first, second = stream(before, region="us-east"), stream(after, region="us-east", start_ns=700 * MS)
    columns = ("scheduled_ns", "invoked_ns", "returned_ns", "ok", "hollow")
    joined = {name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in columns}
    return replace(first, **joined)


def test_clients_are_lost_from_the_onset_until_they_are_back() -> None:
    assert absences([LOSS], [BACK]) == AWAY
    assert absences([LOSS], []).spans == {"us-east": ((220 * MS, NEVER_NS),)}
    earlier = replace(BACK, t_ns=100 * MS)
    other = replace(BACK, region=None, detail={"region": "eu-west"})
    assert absences([LOSS], [earlier, other]).for_good == {"us-east"}


def test_a_region_that_is_lost_twice_has_two_spans_and_overlapping_ones_are_one() -> None:
    again = replace(LOSS, onset_first_ns=900 * MS)
    assert absences([LOSS, again], [BACK]).of("us-east") == ((220 * MS, 700 * MS), (900 * MS, NEVER_NS))
    nested = replace(LOSS, onset_first_ns=300 * MS)
    assert absences([LOSS, nested], [BACK]) == AWAY


def test_a_span_ends_before_the_instant_of_the_return() -> None:
    instants = [219 * MS, 220 * MS, 699 * MS, 700 * MS]
    assert [AWAY.at("us-east", t) for t in instants] == [False, True, True, False]
    assert AWAY.cover("us-east", np.array(instants)).tolist() == [False, True, True, False]
    assert AWAY.absent_ns("us-east", 0, 300 * MS) == 80 * MS
    assert AWAY.lost_ns("us-east") is None


def test_probes_that_the_loss_cut_short_are_left_out_and_earlier_failures_are_not(stream: Stream) -> None:
    # Answered with an error at 110 ms; in flight at 220 ms; scheduled in the span.
    kept = present(stream("..e.xxx", region="us-east"), AWAY)
    assert (kept.scheduled_ns // MS).tolist() == [0, 50, 100, 150]
    elsewhere = stream("..x.", region="eu-west")
    assert present(elsewhere, AWAY) is elsewhere


def found(stream: ProbeStream, absent: Absences = AWAY) -> tuple[Outage, ...]:
    return outages(stream, causes([LOSS]), absent)


def test_the_hole_in_the_grid_is_no_outage(stream: Stream) -> None:
    assert found(with_hole(stream, "....xx", "." * 8)) == ()


def test_an_outage_before_the_loss_and_one_after_the_return_are_two(stream: Stream) -> None:
    first, second = found(with_hole(stream, "..ee", "ee" + "." * 6))
    assert (first.begin_ns, first.end_hi_ns, first.lost_ns) == (100 * MS, None, 220 * MS)
    assert (second.begin_ns, second.end_hi_ns, second.lost_ns) == (700 * MS, 810 * MS, None)


def told(stream: ProbeStream, absent: Absences = AWAY) -> list[Recovery]:
    known = causes([LOSS])
    return [*recoveries([present(stream, absent)], outages(stream, known, absent), known, absent)]


def test_the_loss_itself_is_excluded_and_the_return_is_a_row_of_the_heal(stream: Stream) -> None:
    onset, heal = told(with_hole(stream, "....x", "eee" + "." * 6))
    assert (onset.cause, onset.excluded, onset.lo_ns) == ("onset", True, None)
    # Last failure sent at 801 ms, first success back at 860 ms; healed from 600 to 610 ms.
    assert (heal.cause, heal.excluded, heal.lo_ns, heal.hi_ns) == ("heal", False, 191 * MS, 260 * MS)


def test_clients_that_return_and_can_write_at_once_have_nothing_to_recover_from(stream: Stream) -> None:
    assert [row.cause for row in told(with_hole(stream, "....x", "." * 8))] == ["onset"]


def test_clients_that_return_and_never_write_are_censored(stream: Stream) -> None:
    _, heal = told(with_hole(stream, "....x", "eeeee"))
    assert (heal.cause, heal.censored) == ("heal", True)


def test_a_region_whose_clients_returned_counts_but_for_its_absence(stream: Stream) -> None:
    one = with_hole(stream, "....xx", "ee" + "." * 6)
    (row,) = downtimes([present(one, AWAY)], found(one), end_ns=S, absent=AWAY)
    assert (row.scheduled, row.ok, row.excluded) == (12, 10, False)
    assert row.observed_s == pytest.approx(0.11)


def test_an_outage_that_the_loss_cut_short_counts_up_to_it(stream: Stream) -> None:
    one = with_hole(stream, "..ee", "." * 6)
    (row,) = downtimes([present(one, AWAY)], found(one), end_ns=S, absent=AWAY)
    assert row.observed_s == pytest.approx(0.12)
    assert (row.total_s.lo, row.total_s.hi) == pytest.approx((0.051, 0.12))
