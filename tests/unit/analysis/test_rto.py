from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from chaoskit.analysis.absence import Absences
from chaoskit.analysis.cause import Cause, causes
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.downtime import downtimes, longest, summed
from chaoskit.analysis.failback import Failback
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import outages
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.rto import Recovery, recoveries
from chaoskit.analysis.window import Window
from chaoskit.model.interval import Interval

MS = 1_000_000
S = 1_000_000_000
Stream = Callable[..., ProbeStream]
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=220 * MS, onset_last_ns=224 * MS)
CUT = replace(LOSS, step="cut", fault="partition", heal_first_ns=700 * MS, healed_ns=705 * MS, healed_by="timeline")


def rto(
    streams: list[ProbeStream], faults: list[FaultRecord], lost: Mapping[str, int] | None = None
) -> tuple[Recovery, ...]:
    known = causes(faults)
    absent = Absences(spans={region: ((from_ns, NEVER_NS),) for region, from_ns in (lost or {}).items()})
    return recoveries(streams, [o for s in streams for o in outages(s, known, absent)], known, absent)


def test_rto_runs_from_last_onset_to_last_failure_and_from_first_onset_to_first_success(stream: Stream) -> None:
    (row,) = rto([stream("....xxxxxx......")], [LOSS])
    assert (row.lo_ns, row.hi_ns) == (451 * MS - 224 * MS, 510 * MS - 220 * MS)
    assert (row.step, row.cause, row.hit, row.censored, row.excluded) == ("lose", "onset", True, False, False)


def test_no_outage_is_zero_to_one_probe_interval(stream: Stream) -> None:
    (row,) = rto([stream("." * 20, interval_ns=200 * MS)], [LOSS])
    assert (row.lo_ns, row.hi_ns, row.hit) == (0, 200 * MS, False)


def test_a_stream_that_sent_nothing_after_the_onset_was_not_seen_to_be_unhurt(stream: Stream) -> None:
    (row,) = rto([stream("." * 5)], [LOSS])
    assert (row.lo_ns, row.hi_ns, row.unseen) == (None, None, True)
    (row,) = rto([stream("." * 6)], [LOSS])
    assert (row.lo_ns, row.hi_ns, row.unseen) == (0, 50 * MS, False)
    (row,) = rto([stream("." * 5)], [LOSS], lost={"eu-west": 220 * MS})
    assert (row.excluded, row.unseen) == (True, False)


def test_fresh_and_established_connections_have_rows_of_their_own(stream: Stream) -> None:
    fresh = stream("." * 6 + "xxx.....", connection="fresh")
    rows = rto([stream("." * 6 + "x" + "." * 7), fresh], [LOSS])
    assert [(row.connection, row.lo_ns) for row in rows] == [("established", 77 * MS), ("fresh", 177 * MS)]


def test_only_the_last_outage_that_a_fault_caused_counts(stream: Stream) -> None:
    (row,) = rto([stream("....xx" + "." * 6 + "xx" + "." * 6)], [LOSS])
    assert row.lo_ns == 651 * MS - 224 * MS


def test_a_stream_that_did_not_recover_is_censored_and_never_a_number(stream: Stream) -> None:
    (row,) = rto([stream("....xxxxxx")], [LOSS])
    assert (row.lo_ns, row.hi_ns, row.censored) == (451 * MS - 224 * MS, None, True)


def test_a_failed_probe_that_was_in_flight_at_the_onset_cannot_make_rto_negative(stream: Stream) -> None:
    (row,) = rto([stream("....x.....")], [LOSS])
    assert (row.lo_ns, row.hi_ns) == (0, 40 * MS)


def test_a_region_whose_clients_were_lost_is_kept_as_an_excluded_row(stream: Stream) -> None:
    (row,) = rto([stream("....x", region="us-east")], [LOSS], {"us-east": 220 * MS})
    assert (row.excluded, row.censored, row.lo_ns, row.hi_ns) == (True, False, None, None)


def test_an_outage_that_a_later_loss_of_its_clients_cut_short_took_at_least_so_long(stream: Stream) -> None:
    lost = {"us-east": 800 * MS}
    ended, open_ended = stream("....xx......", region="us-east"), stream("....xxee", region="us-east")
    (row,) = rto([ended], [CUT], lost)
    assert (row.excluded, row.lo_ns, row.hi_ns) == (False, 27 * MS, 90 * MS)
    (row,) = rto([open_ended], [CUT], lost)
    assert (row.excluded, row.censored, row.lo_ns, row.hi_ns) == (False, False, 127 * MS, None)


def test_outages_of_a_heal_get_rows_of_their_own(stream: Stream) -> None:
    quiet = stream("." * 30, region="ap-south")
    rows = rto([stream("....xx" + "." * 10 + "ee" + "....."), quiet], [CUT])
    assert [(r.region, r.cause, r.lo_ns) for r in rows] == [
        ("eu-west", "onset", 251 * MS - 224 * MS),
        ("ap-south", "onset", 0),
        ("eu-west", "heal", 851 * MS - 705 * MS),
    ]


def test_the_heal_of_the_audit_causes_nothing() -> None:
    assert [c.event for c in causes([replace(CUT, healed_by="audit")])] == ["onset"]
    assert [c.event for c in causes([CUT])] == ["onset", "heal"]


def test_downtime_is_the_sum_of_outages(stream: Stream) -> None:
    twice = stream("x" + "." * 6 + "xx" + "......")
    (row,) = downtimes([twice], outages(twice), end_ns=S)
    # 0 to [1, 60] ms, and 350 to [401, 460] ms.
    assert (row.total_s.lo, row.total_s.hi) == pytest.approx((0.052, 0.170))
    assert row.observed_s == pytest.approx(0.170)
    assert row.availability == pytest.approx(12 / 15)
    assert not row.excluded


def test_no_outage_is_a_downtime_of_zero_to_one_interval(stream: Stream) -> None:
    gone = Absences(spans={"eu-west": ((S, NEVER_NS),)})
    (row,) = downtimes([stream("." * 9)], (), end_ns=S, absent=gone)
    assert (row.total_s.lo, row.total_s.hi, row.observed_s) == (0.0, 0.05, 0.0)
    assert row.excluded


def test_an_outage_that_had_not_ended_leaves_downtime_open_and_counts_to_the_end_of_the_load(stream: Stream) -> None:
    broken = stream("....xxxx")
    (row,) = downtimes([broken], outages(broken), end_ns=600 * MS)
    assert row.total_s.hi is None
    assert row.observed_s == pytest.approx(0.4)


def test_the_longest_outage_is_open_while_one_has_not_ended(stream: Stream) -> None:
    first, last = outages(stream("xxxx......xx"))
    assert longest([first], 50 * MS).hi == pytest.approx(0.210)
    assert longest([first, last], 50 * MS).hi is None
    assert longest([], 50 * MS).hi == summed([], 50 * MS).hi == pytest.approx(0.05)


def test_an_outage_counts_in_a_window_as_far_as_it_lies_in_it(stream: Stream) -> None:
    ended, open_ended = outages(stream("xxxx......xxxx"))  # 0 to [151, 210] ms; from 500 ms on
    window = Window(spans=((100 * MS, 180 * MS), (600 * MS, 900 * MS)))
    assert summed([ended], 50 * MS, window) == Interval(lo=0.051, hi=0.08)
    assert summed([open_ended], 50 * MS, window) == longest([open_ended], 50 * MS, window)
    assert summed([open_ended], 50 * MS, window) == Interval(lo=0.051, hi=0.3)
    assert summed([ended], 50 * MS, Window(spans=((300 * MS, 400 * MS),))) == Interval(lo=0.0, hi=0.05)
    assert summed([open_ended], 50 * MS, Window(spans=((600 * MS, NEVER_NS),))).hi is None


def overtaken(streams: list[ProbeStream], faults: list[FaultRecord]) -> list[tuple[str, str]]:
    return [(row.step, row.overtaken) for row in rto(streams, faults) if row.overtaken]


@pytest.mark.parametrize("course", ["..eeeeeeee......", "e.e.e.eeee......"])
def test_an_onset_that_meets_an_outage_underway_is_no_recovery_of_zero(stream: Stream, course: str) -> None:
    (row,) = rto([stream(course)], [LOSS])
    assert (row.overtaken, row.lo_ns, row.hi_ns, row.censored) == ("none", None, None, False)


def test_the_outage_that_a_second_onset_meets_belongs_to_the_first(stream: Stream) -> None:
    nested = replace(CUT, step="inside", onset_first_ns=400 * MS, onset_last_ns=400 * MS, healed_by=None)
    out, fine = stream("....xxxxxxxx....."), stream("." * 17, operation="read")
    first, unhurt, second, unhurt_again = rto([out, fine], [LOSS, nested])
    assert (first.step, first.lo_ns, first.hi_ns) == ("lose", 551 * MS - 224 * MS, 610 * MS - 220 * MS)
    assert (second.step, second.overtaken, second.lo_ns) == ("inside", "lose", None)
    assert [(row.operation, row.hi_ns) for row in (unhurt, unhurt_again)] == [("read", 50 * MS)] * 2


def test_an_onset_that_meets_an_outage_and_causes_another_is_judged_by_that(stream: Stream) -> None:
    again = replace(LOSS, step="again", onset_first_ns=320 * MS, onset_last_ns=320 * MS)
    twice = stream("....xxx" + "." * 6 + "ee" + "." * 6)
    assert [(row.step, row.overtaken) for row in rto([twice], [LOSS, again])] == [("lose", ""), ("again", "")]


def test_an_outage_of_the_onset_itself_or_one_that_was_over_overtakes_nothing(stream: Stream) -> None:
    assert overtaken([stream("....xxxxxx......")], [LOSS]) == []
    late = replace(LOSS, onset_first_ns=800 * MS, onset_last_ns=804 * MS)
    assert overtaken([stream("x" + "." * 20)], [late]) == []


def test_the_first_of_two_onsets_is_untold_where_the_outage_of_the_second_came_before_anything_had_worked(
    stream: Stream,
) -> None:
    first = replace(LOSS, step="first", fault="freeze", onset_first_ns=203 * MS, onset_last_ns=203 * MS)
    second = replace(first, step="second", onset_first_ns=207 * MS, onset_last_ns=207 * MS)
    read = stream("." * 5 + "xxxx" + "." * 10)
    assert [(row.step, row.overtaken) for row in rto([read], [first, second])] == [("first", "second"), ("second", "")]
    proved = replace(second, onset_first_ns=257 * MS, onset_last_ns=257 * MS)
    later = stream("." * 6 + "xxxx" + "." * 10)
    assert overtaken([later], [first, proved]) == []


def test_clients_that_were_lost_before_anything_had_worked_after_an_onset_tell_nothing_of_it(stream: Stream) -> None:
    first = replace(LOSS, onset_first_ns=203 * MS, onset_last_ns=203 * MS)
    assert [row.excluded for row in rto([stream("." * 9)], [first], {"eu-west": 240 * MS})] == [True]
    assert [row.excluded for row in rto([stream("." * 9)], [first], {"eu-west": 265 * MS})] == [False]


REWOUND = Failback(node="us-east/1", step="lose", deposed_ns=300 * MS, stopped_ns=700 * MS, done_ns=900 * MS,
                   how="rewind", took_ns=150 * MS)  # fmt: skip


def test_a_failback_strikes_when_it_stops_the_node_begins_to_rebuild_it_and_is_done() -> None:
    instants = [cause.first_ns // MS for cause in causes([LOSS], [REWOUND]) if cause.event == "failback"]
    assert instants == [700, 750, 900]
    never = replace(REWOUND, stopped_ns=None, done_ns=None)
    followed = replace(REWOUND, how="follow")
    assert [cause.event for cause in causes([LOSS], [never, followed])] == ["onset"]


def test_outages_of_a_failback_get_rows_of_their_own(stream: Stream) -> None:
    known = causes([LOSS], [REWOUND])
    one = stream("." * 14 + "ee" + "." * 9)
    rows = recoveries([one], outages(one, known), known)
    assert [(row.cause, row.hit, row.lo_ns) for row in rows] == [("onset", False, 0), ("failback", True, 51 * MS)]
    assert Cause(step="lose", event="failback", first_ns=700 * MS, last_ns=700 * MS) in known
