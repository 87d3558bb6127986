from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from chaoskit.analysis.cause import causes
from chaoskit.analysis.downtime import downtimes, longest, summed
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.outages import outages
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.rto import Recovery, overtaken, recoveries

MS = 1_000_000
S = 1_000_000_000
Stream = Callable[..., ProbeStream]
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=220 * MS, onset_last_ns=224 * MS)
CUT = replace(LOSS, step="cut", fault="partition", heal_first_ns=700 * MS, healed_ns=705 * MS, healed_by="timeline")


def rto(
    streams: list[ProbeStream], faults: list[FaultRecord], lost: Mapping[str, int] | None = None
) -> tuple[Recovery, ...]:
    known = causes(faults)
    return recoveries(streams, [o for s in streams for o in outages(s, known)], known, lost or {})


def test_rto_runs_from_last_onset_to_last_failure_and_from_first_onset_to_first_success(stream: Stream) -> None:
    (row,) = rto([stream("....xxxxxx......")], [LOSS])
    assert (row.lo_ns, row.hi_ns) == (451 * MS - 224 * MS, 510 * MS - 220 * MS)
    assert (row.step, row.cause, row.hit, row.censored, row.excluded) == ("lose", "onset", True, False, False)


def test_no_outage_is_zero_to_one_probe_interval(stream: Stream) -> None:
    (row,) = rto([stream("." * 20, interval_ns=200 * MS)], [LOSS])
    assert (row.lo_ns, row.hi_ns, row.hit) == (0, 200 * MS, False)


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


def test_clients_lost_later_exclude_an_outage_that_had_not_ended(stream: Stream) -> None:
    lost = {"us-east": 800 * MS}
    ended, open_ended = stream("....xx......", region="us-east"), stream("....xxxx", region="us-east")
    assert [row.excluded for row in rto([ended], [CUT], lost)] == [False]
    assert [row.excluded for row in rto([open_ended], [CUT], lost)] == [True]


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
    (row,) = downtimes([twice], outages(twice), end_ns=S, lost=[])
    # 0 to [1, 60] ms, and 350 to [401, 460] ms.
    assert (row.total_s.lo, row.total_s.hi) == pytest.approx((0.052, 0.170))
    assert row.observed_s == pytest.approx(0.170)
    assert row.availability == pytest.approx(12 / 15)
    assert not row.excluded


def test_no_outage_is_a_downtime_of_zero_to_one_interval(stream: Stream) -> None:
    (row,) = downtimes([stream("." * 9)], (), end_ns=S, lost=["eu-west"])
    assert (row.total_s.lo, row.total_s.hi, row.observed_s) == (0.0, 0.05, 0.0)
    assert row.excluded


def test_an_outage_that_had_not_ended_leaves_downtime_open_and_counts_to_the_end_of_the_load(stream: Stream) -> None:
    broken = stream("....xxxx")
    (row,) = downtimes([broken], outages(broken), end_ns=600 * MS, lost=[])
    assert row.total_s.hi is None
    assert row.observed_s == pytest.approx(0.4)


def test_the_longest_outage_is_open_while_one_has_not_ended(stream: Stream) -> None:
    first, last = outages(stream("xxxx......xx"))
    assert longest([first], 50 * MS).hi == pytest.approx(0.210)
    assert longest([first, last], 50 * MS).hi is None
    assert longest([], 50 * MS).hi == summed([], 50 * MS).hi == pytest.approx(0.05)


def doubts(streams: list[ProbeStream], faults: list[FaultRecord]) -> tuple[str, ...]:
    known = causes(faults)
    return overtaken([o for s in streams for o in outages(s, known)], known)


@pytest.mark.parametrize("course", ["..eeeeeeee......", "e.e.e.eeee......"])
def test_an_onset_that_meets_an_outage_underway_is_no_recovery_of_zero(stream: Stream, course: str) -> None:
    (doubt,) = doubts([stream(course)], [LOSS])
    assert doubt.endswith("was out already when lose struck, so the recovery from lose cannot be told.")


def test_an_outage_of_the_onset_itself_or_one_that_was_over_leaves_no_doubt(stream: Stream) -> None:
    assert doubts([stream("....xxxxxx......")], [LOSS]) == ()
    late = replace(LOSS, onset_first_ns=800 * MS, onset_last_ns=804 * MS)
    assert doubts([stream("x" + "." * 20)], [late]) == ()
