from collections.abc import Callable

import pytest

from chaoskit.analysis.cause import NO_CAUSE, Cause, cause_of
from chaoskit.analysis.outages import outages
from chaoskit.analysis.probes import ProbeStream

MS = 1_000_000
Stream = Callable[..., ProbeStream]
ONSET = Cause(step="cut", event="onset", first_ns=220 * MS, last_ns=224 * MS)
HEAL = Cause(step="cut", event="heal", first_ns=700 * MS, last_ns=705 * MS)


def test_a_stream_without_failures_has_no_outage(stream: Stream) -> None:
    assert outages(stream("." * 20)) == ()
    assert outages(stream("")) == ()


def test_one_failed_probe_is_an_outage_that_ends_between_its_invocation_and_the_next_return(stream: Stream) -> None:
    (outage,) = outages(stream("....x....."))
    assert (outage.begin_ns, outage.end_lo_ns, outage.end_hi_ns) == (200 * MS, 201 * MS, 260 * MS)
    assert outage.failed_probes == 1
    assert outage.ended


def test_four_successes_do_not_end_an_outage_and_five_do(stream: Stream) -> None:
    (flapping,) = outages(stream("x....x....x....."))
    assert (flapping.begin_ns, flapping.end_lo_ns, flapping.end_hi_ns) == (0, 501 * MS, 560 * MS)
    assert flapping.failed_probes == 3
    first, second = outages(stream("x.....x....."))
    assert (first.end_hi_ns, second.begin_ns) == (60 * MS, 300 * MS)


def test_flapping_that_never_has_five_in_a_row_never_recovers(stream: Stream) -> None:
    (outage,) = outages(stream("..." + "x...." * 8))
    assert not outage.ended
    assert outage.end_hi_ns is None
    assert outage.failed_probes == 8


def test_a_stream_that_ends_in_failures_is_not_recovered(stream: Stream) -> None:
    (outage,) = outages(stream("....xxxx"))
    assert (outage.end_lo_ns, outage.end_hi_ns) == (351 * MS, None)


def test_hollow_writes_extend_an_outage(stream: Stream) -> None:
    (plain,) = outages(stream("....xx........"))
    (hollow,) = outages(stream("....xx..hh...." + "....."))
    assert plain.end_lo_ns == 251 * MS
    assert (hollow.end_lo_ns, hollow.failed_probes, hollow.hollow) == (451 * MS, 4, 2)


def test_a_probe_sent_late_does_not_empty_the_interval(stream: Stream) -> None:
    late = stream("x.....")
    late.invoked_ns[0] = 900 * MS
    (outage,) = outages(late)
    assert outage.end_lo_ns == outage.end_hi_ns == 60 * MS


def test_a_probe_in_flight_at_the_onset_belongs_to_it(stream: Stream) -> None:
    # Scheduled at 200 ms, before the onset at 220 ms; its deadline is at 701 ms.
    (outage,) = outages(stream("....xxxx....."), [ONSET])
    assert outage.cause == ONSET
    assert outage.begin_ns < ONSET.first_ns


def test_of_two_causes_in_flight_the_earlier_one_counts(stream: Stream) -> None:
    (outage,) = outages(stream("....xxxx....."), [ONSET, HEAL])
    assert outage.cause == ONSET


def test_an_outage_that_straddles_onset_and_heal_belongs_to_the_onset(stream: Stream) -> None:
    (outage,) = outages(stream("....." + "x" * 12 + "....."), [ONSET, HEAL])
    assert outage.cause == ONSET
    assert (outage.end_hi_ns or 0) > HEAL.last_ns


def test_an_outage_that_begins_after_the_heal_belongs_to_the_heal(stream: Stream) -> None:
    during, after = outages(stream("....." + "e" + "." * 9 + "ee" + "....."), [ONSET, HEAL])
    assert (during.cause, after.cause) == (ONSET, HEAL)


def test_a_fault_shorter_than_the_timeout_is_not_blamed_on_its_heal(stream: Stream) -> None:
    # The first failed probe was sent after the onset and waited past the heal; none succeeded in between.
    (outage,) = outages(stream("....." + "x" * 9 + "....."), [ONSET, HEAL])
    assert outage.cause == ONSET


def test_a_heal_that_breaks_a_stream_which_the_fault_left_alone_is_its_cause(stream: Stream) -> None:
    (outage,) = outages(stream("." * 10 + "xxx" + "....."), [ONSET, HEAL])
    assert outage.cause == HEAL


def test_a_first_probe_that_waits_past_the_heal_belongs_to_the_onset(stream: Stream) -> None:
    (outage,) = outages(stream("x" * 9 + ".....", start_ns=250 * MS), [ONSET, HEAL])
    assert outage.cause == ONSET


def test_an_outage_before_any_fault_has_no_cause(stream: Stream) -> None:
    (outage,) = outages(stream("e........."), [ONSET, HEAL])
    assert outage.cause == NO_CAUSE


@pytest.mark.parametrize(
    ("invoked_ns", "end_ns", "expected"),
    [
        (0, 219 * MS, NO_CAUSE),
        (0, 220 * MS, ONSET),
        (220 * MS, 220 * MS, ONSET),
        (221 * MS, 699 * MS, ONSET),
        (221 * MS, 700 * MS, HEAL),
        (800 * MS, 900 * MS, HEAL),
    ],
)
def test_the_cause_is_the_earliest_in_flight_else_the_latest_before(
    invoked_ns: int, end_ns: int, expected: Cause
) -> None:
    assert cause_of(invoked_ns, end_ns, [ONSET, HEAL], sound_ns=invoked_ns and invoked_ns + 4 * MS) == expected
