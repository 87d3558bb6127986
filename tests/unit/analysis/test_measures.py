"""From an objective's words to its figures."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chaoskit.analysis.absence import Absences
from chaoskit.analysis.evidence import Evidence, Finding
from chaoskit.analysis.facts import Facts, Measured
from chaoskit.analysis.failback import Failback
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.measures import measure
from chaoskit.analysis.objectives import judge
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.promotion import Promotion
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.waterfall import Part, Waterfall
from chaoskit.model.instant import since_t0
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective, Phase, Relative
from chaoskit.model.verdict import Verdict

MS = 1_000_000
S = 1_000_000_000
Stream = Callable[..., ProbeStream]
Build = Callable[..., Facts]
Findings = Callable[..., Finding]
Histories = Callable[[list[dict[str, object]]], pd.DataFrame]
LOSS = FaultRecord(step="lose", fault="region_loss", onset_first_ns=220 * MS, onset_last_ns=220 * MS)
CUT = replace(LOSS, step="cut", fault="partition", heal_first_ns=700 * MS, healed_ns=705 * MS, healed_by="timeline")


def ask(name: str, **scope: Any) -> Objective:
    return Objective(name=name, measure=name, unit="s", maximum=10, **scope)


def wheres(measured: Measured) -> list[str]:
    return [value.where for value in measured.values]


@pytest.fixture
def lossy(stream: Stream, facts: Build) -> Facts:
    """us-east lost with its clients; eu-west cannot write for a while, and reads on."""
    return facts(
        stream("....xx", region="us-east"),
        stream("....xxxxxx" + "." * 10),
        stream("....xx" + "." * 14, connection="fresh"),
        stream("." * 20, operation="read"),
        faults=[LOSS],
        lost={"us-east": 220 * MS},
    )


def test_rto_has_a_value_per_stream_and_leaves_out_lost_clients(lossy: Facts) -> None:
    measured = measure(ask("rto"), lossy)
    assert wheres(measured) == ["eu-west write established", "eu-west write fresh", "eu-west read established"]
    assert measured.values[0].interval.lo == pytest.approx(0.231)
    assert measured.values[0].resolution_s == 0.05


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"operation": "read"}, ["eu-west read established"]),
        ({"operation": "probe_read"}, ["eu-west read established"]),
        ({"connection": "fresh"}, ["eu-west write fresh"]),
        ({"region": "eu-west", "operation": "write"}, ["eu-west write established", "eu-west write fresh"]),
        ({"region": "us-east"}, []),
        ({"region": "ap-south"}, []),
    ],
)
def test_scopes_pick_streams(lossy: Facts, scope: dict[str, str], expected: list[str]) -> None:
    for name in ("rto", "availability", "downtime", "latency.p50"):
        measured = measure(ask(name, **scope), lossy)
        assert wheres(measured) == expected
        assert bool(measured.unknown) is not bool(expected)


def test_an_onset_after_the_last_probe_of_a_stream_is_no_recovery_at_once(stream: Stream, facts: Build) -> None:
    seen = facts(stream("." * 40), stream("." * 5, connection="fresh"), faults=[LOSS])
    for name in ("rto", "downtime", "outage.max"):
        judged = judge(ask(name, step="lose"), seen, ())
        assert judged.verdict is Verdict.INCONCLUSIVE
        assert judged.reason.startswith("no probe of eu-west write fresh was sent after lose struck")
    assert judge(ask("rto", connection="established"), seen, ()).verdict is Verdict.PASS


def test_rto_of_nothing_that_struck_is_unknown(stream: Stream, facts: Build) -> None:
    assert "no fault struck" in measure(ask("rto"), facts(stream("...."))).unknown


def test_a_lost_regions_rto_says_that_its_clients_were_lost(lossy: Facts) -> None:
    assert "lost with their region" in measure(ask("rto", region="us-east"), lossy).unknown


def test_rto_after_a_heal_is_judged_too_and_says_so(stream: Stream, facts: Build) -> None:
    both = facts(stream("....xx" + "." * 10 + "ee" + "....."), faults=[CUT])
    assert wheres(measure(ask("rto"), both)) == [
        "eu-west write established, onset of cut",
        "eu-west write established, heal of cut",
    ]
    assert len(measure(ask("rto", step="cut"), both).values) == 2
    assert measure(ask("rto", step="other"), both).unknown


def test_downtime_and_longest_outage_of_a_stream_that_did_not_recover_miss_every_maximum(
    stream: Stream, facts: Build
) -> None:
    broken = facts(stream("....xxxx"), stream("x......", region="ap-south"), faults=[LOSS])
    for name in ("downtime", "outage.max"):
        judged = judge(ask(name), broken, ())
        assert judged.verdict is Verdict.FAIL
        assert judged.value is not None
        assert judged.value.where == "eu-west write established"


def test_the_longest_outage_is_one_figure_for_the_run(lossy: Facts) -> None:
    (value,) = measure(ask("outage.max"), lossy).values
    assert (value.where, value.interval.lo, value.interval.hi) == (
        "eu-west write established", pytest.approx(0.251), pytest.approx(0.310),
    )  # fmt: skip
    (value,) = measure(ask("outage.max", operation="read"), lossy).values
    assert (value.interval.lo, value.interval.hi) == (0.0, 0.05)
    assert measure(ask("outage.max", region="us-east"), lossy).unknown


def test_downtime_can_be_limited_to_the_outages_of_a_step(lossy: Facts) -> None:
    assert measure(ask("downtime", step="lose"), lossy).values[0].interval.lo == pytest.approx(0.251)
    assert measure(ask("downtime", step="other"), lossy).values[0].interval.lo == 0.0


def test_availability_is_ok_over_scheduled(lossy: Facts) -> None:
    assert [v.interval.lo for v in measure(ask("availability"), lossy).values] == [0.7, 0.9, 1.0]


@pytest.mark.parametrize("name", ["availability", "latency.p99", "staleness.p99"])
def test_what_cannot_be_limited_to_a_step_says_so(lossy: Facts, name: str) -> None:
    assert "cannot be limited to a step" in measure(ask(name, step="lose"), lossy).unknown


def test_latency_is_a_percentile_of_probes_in_seconds(lossy: Facts) -> None:
    for name in ("latency.p50", "latency.p99.9", "latency.max"):
        assert {v.interval.lo for v in measure(ask(name), lossy).values} == {0.01}


def test_where_no_probe_succeeded_there_is_no_latency(stream: Stream, facts: Build) -> None:
    silent = facts(stream("xxx"), stream("...", region="ap-south"))
    assert "eu-west write established" in measure(ask("latency.p50"), silent).unknown
    assert measure(ask("latency.p50", region="ap-south"), silent).values


def evidence(**given: Any) -> Evidence:
    return Evidence(absent=np.zeros(0, dtype=bool), **given)


def reads(history: Histories) -> pd.DataFrame:
    """Four reads of eu-west, one each 100 ms; one of us-east."""
    regions = ["eu-west"] * 4 + ["us-east"]
    rows = [{"region": region, "kind": "read", "scheduled_ns": 100 * MS * i} for i, region in enumerate(regions)]
    return history(rows)  # type: ignore[arg-type]


def test_staleness_is_a_percentile_over_all_ok_reads_by_region(facts: Build, history: Histories) -> None:
    behind = {
        "behind_ns": {"eu-west": np.array([0, 0, 0, 2 * S]), "us-east": np.array([9 * S])},
        "behind_k": {"eu-west": np.array([0, 0, 1, 3]), "us-east": np.array([9])},
        "read_rows": {"eu-west": np.array([0, 1, 2, 3]), "us-east": np.array([4])},
    }
    seen = facts(evidence=evidence(**behind), lost={"us-east": 350 * MS}, history=reads(history), faults=[LOSS])
    assert measure(ask("staleness.max"), seen).values[0].interval.lo == 2.0
    assert measure(ask("staleness_versions.max"), seen).values[0].interval.lo == 3
    assert wheres(measure(ask("staleness.p50"), seen)) == ["eu-west read"]
    assert measure(ask("staleness.p50", operation="read"), seen).values[0].interval.lo == 0.0
    assert measure(ask("staleness.max", phase=Phase.BEFORE), seen).values[0].interval.lo == 0.0
    assert (
        measure(ask("staleness_versions.max", between=(since_t0(0), since_t0(250 * MS))), seen).values[0].interval.lo
        == 1
    )
    assert measure(ask("staleness.p50", operation="write"), seen).unknown
    assert measure(ask("staleness.p50", connection="fresh"), seen).unknown
    assert measure(ask("staleness.p50", region="us-east"), seen).unknown
    unknown = facts(evidence=evidence(staleness_unknown="no audit"))
    assert measure(ask("staleness.p50"), unknown).unknown == "no audit"


def test_a_region_whose_reads_all_failed_or_were_lost_is_no_pass_for_staleness(
    facts: Build, history: Histories
) -> None:
    behind = {"behind_ns": {"eu-west": np.array([0, 0, 0, 0])}, "read_rows": {"eu-west": np.array([0, 1, 2, 3])}}
    seen = facts(evidence=evidence(**behind), history=reads(history))
    judged = judge(ask("staleness.max"), seen, ())
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert judged.reason == ("no read of us-east returned a value that survived, so none shows how far behind it was")
    assert judge(ask("staleness.max", region="eu-west"), seen, ()).verdict is Verdict.PASS
    away = Absences(spans={"us-east": ((300 * MS, 900 * MS),)})
    gone = facts(evidence=evidence(**behind), history=reads(history), absent=away)
    assert judge(ask("staleness.max"), gone, ()).verdict is Verdict.PASS


def test_a_stream_without_a_probe_in_a_window_passes_nothing_there(stream: Stream, facts: Build) -> None:
    # Fresh probes every 200 ms: none is due from 210 to 390 ms, and all of them fail.
    seen = facts(stream("." * 40), stream("x" * 10, connection="fresh", interval_ns=200 * MS), faults=[CUT])
    short = (since_t0(210 * MS), since_t0(390 * MS))
    share = judge(replace(ask("availability", between=short), minimum=0.9, maximum=None), seen, ())
    assert share.verdict is Verdict.INCONCLUSIVE
    assert share.reason == "no probe of eu-west write fresh was due then"
    assert measure(ask("latency.max", between=short), seen).unknown
    for name in ("downtime", "outage.max"):
        assert judge(replace(ask(name, between=short), maximum=0.1), seen, ()).verdict is Verdict.FAIL


def test_a_region_without_clients_in_a_window_is_left_out_of_it(stream: Stream, facts: Build) -> None:
    away = Absences(spans={"us-east": ((200 * MS, 900 * MS),)})
    seen = facts(stream("." * 40), stream("." * 40, region="us-east"), faults=[CUT], absent=away)
    short = (since_t0(300 * MS), since_t0(500 * MS))
    for name in ("availability", "latency.max", "downtime"):
        assert wheres(measure(ask(name, between=short), seen)) == ["eu-west write established"]


@pytest.mark.parametrize("phase", [Phase.ALWAYS, Phase.BEFORE])
def test_reads_of_the_warm_up_are_in_no_percentile(facts: Build, history: Histories, phase: Phase) -> None:
    behind = {
        "behind_ns": {"eu-west": np.array([9 * S, 9 * S, 0, 2 * S])},
        "read_rows": {"eu-west": np.array([0, 1, 2, 3])},
    }
    late = replace(LOSS, onset_first_ns=S, onset_last_ns=S)
    seen = facts(evidence=evidence(**behind), history=reads(history), faults=[late], t0_ns=200 * MS)
    assert measure(ask("staleness.max", phase=phase), seen).values[0].interval.lo == 2.0


def test_a_lost_region_counts_in_a_phase_in_which_it_had_its_clients(stream: Stream, facts: Build) -> None:
    seen = facts(
        stream("....xx", region="us-east"), stream("....xx" + "." * 14), faults=[LOSS], lost={"us-east": 220 * MS}
    )
    assert len(measure(ask("availability", phase=Phase.BEFORE), seen).values) == 2
    assert wheres(measure(ask("availability", phase=Phase.DURING), seen)) == ["eu-west write established"]


def test_availability_downtime_and_latency_of_a_phase_are_those_of_its_probes(stream: Stream, facts: Build) -> None:
    # Out from 200 ms to 500 ms; the cut lasts from 220 ms to 705 ms.
    one = stream("....xxxxxx" + "." * 10)
    one.returned_ns[10:] += 30 * MS
    seen = facts(one, faults=[CUT])

    def of(name: str, phase: Phase, **scope: Any) -> Interval:
        (value,) = measure(ask(name, phase=phase, **scope), seen).values
        return value.interval

    assert of("availability", Phase.BEFORE).lo == pytest.approx(4 / 5)
    assert of("availability", Phase.DURING).lo == pytest.approx(5 / 10)
    assert of("availability", Phase.AFTER, step="cut").lo == 1.0
    assert of("latency.max", Phase.BEFORE).lo == pytest.approx(0.01)
    assert of("latency.max", Phase.AFTER).lo == pytest.approx(0.04)
    assert (of("downtime", Phase.BEFORE).lo, of("downtime", Phase.BEFORE).hi) == (0.02, 0.02)
    assert of("downtime", Phase.DURING).lo == pytest.approx(0.231)
    assert of("outage.max", Phase.AFTER) == Interval(lo=0.0, hi=0.05)


def test_a_bound_of_another_phase_is_that_streams_own_figure(stream: Stream, facts: Build) -> None:
    slow, fine = stream("." * 20), stream("." * 20, region="ap-south")
    slow.returned_ns[5:] += 8 * MS
    asked = ask("latency.p50", phase=Phase.DURING)
    asked = replace(asked, maximum=Relative(factor=1.5, phase=Phase.BEFORE), expected_text="max 1.5x before")
    judged = judge(asked, facts(slow, fine, faults=[CUT]), ())
    assert judged.verdict is Verdict.FAIL
    assert judged.reason == "0.018 s (eu-west write established), asked for: max 1.5x before"
    assert judge(replace(asked, region="ap-south"), facts(slow, fine, faults=[CUT]), ()).verdict is Verdict.PASS


def nested(stream: Stream, facts: Build) -> Facts:
    """Out from the loss on; a second fault strikes in the middle of the outage, and hits the reads."""
    inside = replace(LOSS, step="inside", onset_first_ns=400 * MS, onset_last_ns=400 * MS)
    read = stream("." * 8 + "xx" + "." * 10, operation="read")
    return facts(stream("....xxxxxx" + "." * 10), read, faults=[LOSS, inside])


PARTED = replace(CUT, onset_first_ns=4 * S, onset_last_ns=4 * S, heal_first_ns=24 * S, healed_ns=24 * S)
GONE = replace(LOSS, onset_first_ns=14 * S, onset_last_ns=14 * S, excluded_regions=("eu-west",))


@pytest.fixture
def cut_then_lost(stream: Stream, facts: Build) -> Facts:
    """eu-west is out from 4 s on, and its clients are lost for good at 14 s."""
    out = stream("." * 80 + "e" * 300)
    fine = stream("." * 380, region="ap-south")
    return facts(out, fine, faults=[PARTED, GONE], lost={"eu-west": 14 * S})


@pytest.mark.parametrize("name", ["rto", "downtime", "outage.max"])
@pytest.mark.parametrize("step", [None, "cut"])
def test_an_outage_cut_short_by_the_loss_of_its_clients_fails_what_it_had_exceeded_by_then(
    cut_then_lost: Facts, name: str, step: str | None
) -> None:
    judged = judge(replace(ask(name, step=step), maximum=5), cut_then_lost, ())
    assert judged.verdict is Verdict.FAIL
    assert judged.observed == "at least 9.95 s"
    judged = judge(replace(ask(name, step=step), maximum=30), cut_then_lost, ())
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert "at least 9.95 s" in judged.reason
    least = replace(ask(name, step=step, region="eu-west"), maximum=None, minimum=5)
    assert judge(least, cut_then_lost, ()).verdict is Verdict.PASS


def test_what_a_region_suffered_before_it_was_lost_for_good_is_exact_where_it_recovered(
    stream: Stream, facts: Build
) -> None:
    seen = facts(
        stream("." * 80 + "e" * 60 + "." * 200), stream("." * 340, region="us-east"), faults=[PARTED, GONE],
        lost={"eu-west": 14 * S, "us-east": 14 * S},
    )  # fmt: skip
    (value,) = measure(ask("downtime"), seen).values
    assert (value.where, value.interval.lo, value.interval.hi) == (
        "eu-west write established", pytest.approx(2.951), pytest.approx(3.01),
    )  # fmt: skip
    assert measure(ask("availability"), seen).unknown


def test_an_outage_that_overtook_an_onset_covers_it_only_where_it_is_judged_itself(
    stream: Stream, facts: Build
) -> None:
    inside = replace(PARTED, step="inside", onset_first_ns=6 * S, onset_last_ns=6 * S)
    both = facts(stream("." * 80 + "e" * 300), faults=[PARTED, inside, GONE], lost={"eu-west": 14 * S})
    assert [value.interval.lo for value in measure(ask("rto"), both).values] == [pytest.approx(9.951)]
    unjudged = replace(both, recoveries=tuple(r for r in both.recoveries if r.step != "cut"))
    assert judge(ask("rto"), unjudged, ()).verdict is Verdict.INCONCLUSIVE


def test_the_first_of_two_faults_that_overlap_is_judged_to_the_end_of_the_outage(stream: Stream, facts: Build) -> None:
    both = nested(stream, facts)
    first = judge(ask("rto", step="lose"), both, ())
    assert first.verdict is Verdict.PASS
    assert first.value is not None
    assert first.value.interval.hi == pytest.approx(0.29)


def test_only_the_second_of_two_overlapping_faults_is_not_told_and_only_where_it_met_an_outage(
    stream: Stream, facts: Build
) -> None:
    both = nested(stream, facts)
    second = judge(ask("rto", step="inside"), both, ())
    assert second.verdict is Verdict.INCONCLUSIVE
    assert second.reason == (
        "eu-west write established was out before it was seen to work after inside struck, "
        "so its recovery from that cannot be told"
    )
    assert judge(ask("rto", step="inside", operation="read"), both, ()).verdict is Verdict.PASS
    for name in ("downtime", "outage.max"):
        assert judge(ask(name, step="inside"), both, ()).verdict is Verdict.INCONCLUSIVE
        assert judge(ask(name, step="lose"), both, ()).verdict is Verdict.PASS
        assert judge(ask(name), both, ()).verdict is Verdict.PASS


def test_over_all_faults_an_outage_is_judged_once_from_the_onset_that_caused_it(stream: Stream, facts: Build) -> None:
    assert wheres(measure(ask("rto"), nested(stream, facts))) == [
        "eu-west write established, onset of lose",
        "eu-west read established, onset of lose",
        "eu-west read established, onset of inside",
    ]
    slow = replace(ask("rto"), maximum=0.3)
    assert judge(slow, nested(stream, facts), ()).verdict is Verdict.PASS


def test_a_finding_is_a_witnessed_count_or_unknown(facts: Build, finding: Findings) -> None:
    seen = facts(
        evidence=evidence(
            findings={
                "lost_writes": finding("some", 14),
                "ghosts": finding("none"),
                "phantom": finding("unknown", reason="a stream has no end"),
                "duplicated": finding("unknown"),
            }
        )
    )
    lost = measure(ask("lost_writes"), seen)
    assert (lost.values[0].interval.lo, lost.witnessed) == (14, True)
    assert measure(ask("ghosts"), seen).values[0].interval.hi == 0
    assert measure(ask("phantom"), seen).unknown == "a stream has no end"
    assert measure(ask("duplicated"), seen).unknown == "duplicated is unknown"
    assert "cannot be limited" in measure(ask("ghosts", region="eu-west"), seen).unknown
    assert "cannot be limited to a region" in measure(ask("duplicated", region="eu-west"), seen).unknown
    assert measure(ask("conflicts"), seen).unknown == "conflicts was not checked"


def test_split_brain_is_the_window_of_its_finding(facts: Build, finding: Findings) -> None:
    split = evidence(findings={"split_brain": finding("some", 2)}, split_brain_s=3.5)
    measured = measure(ask("split_brain"), facts(evidence=split))
    assert (measured.values[0].interval.lo, measured.witnessed) == (3.5, True)
    none = facts(evidence=evidence(findings={"split_brain": finding("none")}))
    assert measure(ask("split_brain"), none).values[0].interval.lo == 0
    assert measure(ask("split_brain", region="eu-west"), none).unknown
    unknown = facts(evidence=evidence(findings={"split_brain": finding("unknown", reason="two hosts")}))
    assert measure(ask("split_brain"), unknown).unknown == "two hosts"
    assert measure(ask("split_brain"), facts()).unknown == "split_brain was not checked"


def test_the_window_and_bytes_of_a_loss_are_one_figure_or_unknown(facts: Build) -> None:
    seen = facts(rpo=Rpo(acknowledged=9, lost_writes=3, window_ns=2 * S, wal_bytes=640))
    assert measure(ask("rpo_window"), seen).values[0].interval.lo == 2.0
    assert measure(ask("rpo_bytes"), seen).values[0].interval.lo == 640
    assert measure(ask("rpo_bytes", region="eu-west"), seen).unknown
    assert measure(ask("rpo_window"), facts(rpo=Rpo(acknowledged=9, unknown="no audit"))).unknown == "no audit"
    apart = facts(rpo=Rpo(acknowledged=9, lost_writes=3, window_ns=2 * S))
    assert "cannot be compared" in measure(ask("rpo_bytes"), apart).unknown


def fall(region: str, *ends_s: int) -> Waterfall:
    names = ("detect", "decide", "promote", "route", "reconnect")
    starts = (0, *ends_s)
    parts = [Part(part=n, start_ns=a * S, end_ns=b * S) for n, a, b in zip(names, starts, ends_s, strict=False)]
    return Waterfall(step="lose", region=region, parts=tuple(parts))


def test_a_waterfall_is_judged_by_its_longest_part_over_the_regions(facts: Build) -> None:
    seen = facts(waterfalls=[fall("eu-west", 3, 4, 5, 6, 7), fall("ap-south", 3, 4, 5, 7, 9)])
    route, total = measure(ask("waterfall.route"), seen), measure(ask("waterfall.total"), seen)
    assert (route.values[0].where, route.values[0].interval.lo) == ("ap-south", 2.0)
    assert total.values[0].interval.lo == 9.0
    assert measure(ask("waterfall.total", region="eu-west"), seen).values[0].interval.lo == 7.0
    assert measure(ask("waterfall.total", operation="write"), seen).unknown


def test_a_part_that_never_happened_is_unknown(facts: Build) -> None:
    seen = facts(waterfalls=[fall("eu-west", 3, 4, 5, 6, 7), fall("ap-south", 3, 4)])
    assert measure(ask("waterfall.detect"), seen).values
    assert measure(ask("waterfall.route"), seen).unknown == "route never happened for ap-south"
    assert measure(ask("waterfall.total"), seen).unknown == "total never happened for ap-south"
    assert measure(ask("waterfall.detect"), facts()).unknown == "detect never happened"


def test_a_checker_that_crashes_makes_its_objective_inconclusive(facts: Build, history: Histories) -> None:
    broken = facts(evidence=evidence(behind_ns={"eu-west": None}), history=reads(history))
    judged = judge(ask("staleness.p50"), broken, ())
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert "crashed: TypeError" in judged.reason


@pytest.mark.parametrize("name", ["rto", "waterfall.total", "rpo_bytes", "failovers", "client_rto.p99"])
def test_what_has_no_phases_says_so(lossy: Facts, name: str) -> None:
    assert measure(ask(name, phase=Phase.DURING), lossy).unknown == f"{name} cannot be limited to a phase"


def test_a_phase_of_a_step_that_never_began_is_unknown(lossy: Facts) -> None:
    assert "step other never began" in measure(ask("availability", phase=Phase.DURING, step="other"), lossy).unknown


def test_failovers_are_promotions_but_for_planned_ones(facts: Build) -> None:
    failed_over = Promotion(t_ns=1, node="eu-west/1")
    seen = facts(promotions=[failed_over, replace(failed_over, planned=True)])
    assert measure(ask("failovers"), seen).values[0].interval.lo == 1
    assert measure(ask("failovers"), facts()).values[0].interval.lo == 0


def test_parts_outside_their_prediction_are_counted(facts: Build) -> None:
    missed = Part(part="detect", start_ns=0, end_ns=9 * S, predicted_ns=(S, 4 * S))
    others = fall("eu-west", 3, 4, 5, 6, 7).parts[1:]
    rows = [Waterfall(step="lose", region=region, parts=(missed, *others)) for region in ("eu-west", "ap-south")]
    assert measure(ask("prediction_misses"), facts(waterfalls=rows)).values[0].interval.lo == 2
    assert measure(ask("prediction_misses", region="eu-west"), facts(waterfalls=rows)).values[0].interval.lo == 1
    assert measure(ask("prediction_misses"), facts(waterfalls=[fall("eu-west", 3, 4, 5, 6, 7)])).unknown
    stuck = replace(rows[1], parts=rows[1].parts[:3])
    seen = facts(waterfalls=[rows[0], stuck])
    assert measure(ask("prediction_misses"), seen).unknown == "the failover was not over for ap-south"
    assert measure(ask("prediction_misses", region="eu-west"), seen).values[0].interval.lo == 1


def test_failback_debt_runs_until_redundancy_is_back_and_is_censored_where_it_is_not(facts: Build) -> None:
    done = Failback(node="us-east/1", step="lose", deposed_ns=S, done_ns=4 * S, how="rewind", bytes=640, verified=True)
    never = Failback(node="eu-west/1", step="again", deposed_ns=6 * S, why="it cannot be reached")
    assert measure(ask("failback"), facts(failbacks=[done])).values[0].interval == Interval(lo=3.0, hi=3.0)
    censored = judge(ask("failback"), facts(failbacks=[done, never]), ())
    assert censored.verdict is Verdict.FAIL
    assert censored.reason == "not over after 4.0 s, when the run ended (eu-west/1), asked for: max 10.00 s"
    assert measure(ask("failback_bytes"), facts(failbacks=[done])).values[0].interval.lo == 640
    assert "eu-west/1" in measure(ask("failback_bytes"), facts(failbacks=[done, never])).unknown
    for name in ("failback", "failback_bytes"):
        assert "no primary was deposed" in measure(ask(name), facts()).unknown


def test_bytes_of_the_wan_are_known_only_where_they_were_measured(facts: Build) -> None:
    assert measure(ask("wan_bytes"), facts(wan_bytes=7)).values[0].interval.lo == 7
    assert "not measured" in measure(ask("wan_bytes"), facts()).unknown
