"""A finished run in a test's hands: figures are numbers, or they raise."""

from pathlib import Path
from typing import Any

import pytest

from chaoskit.model.verdict import FindingResult, Verdict
from chaoskit.pytest_plugin.result import Result
from chaoskit.pytest_plugin.verdicts import Inconclusive, Missed

DOUBT = "The prober of us-east was late."


def recovery(
    region: str = "eu-west", lo_s: float | None = 7.4, hi_s: float | None = 7.5, **more: Any
) -> dict[str, Any]:
    row = {"step": "lose", "cause": "lose", "region": region, "operation": "write", "connection": "fresh"}
    return {**row, "lo_s": lo_s, "hi_s": hi_s, "censored": False, "excluded": False, "overtaken": "", **more}


def finding(result: str = "none", count: int = 0, **more: Any) -> dict[str, Any]:
    return {"result": result, "count": count, "checked": 100, "witness": None, **more}


def objective(verdict: str, expectation: str = "met", **more: Any) -> dict[str, Any]:
    row = {"name": "write-rto", "measure": "rto", "scope": {"region": "eu-west"}, "expected": "max 15 s"}
    seen = {"lo": 22.0, "hi": 22.1, "unit": "s", "text": "22.00-22.10 s", "where": "eu-west"}
    row |= {"observed": seen, "expectation": expectation, "because": "", "phase": "always", "reason": ""}
    return {**row, "verdict": verdict, "position": "scenarios/x.chaos.yaml:16:8", **more}


def result(*doubts: str, **data: Any) -> Result:
    whole = {"verdict": "pass", "reason": "", "instrument": {"doubts": [*doubts]}, "objectives": [], **data}
    return Result(data=whole, report=Path("reports/x/1/report.html"))


def test_a_recovery_is_a_pair_of_numbers() -> None:
    found = result(rto=[recovery()]).rto(region="eu-west", operation="write")
    assert (found.lo_s, found.hi_s) == (7.4, 7.5)


def test_of_several_recoveries_the_worst_is_told() -> None:
    rows = [recovery(), recovery(connection="established", hi_s=9.0), recovery("ap-south", hi_s=30.0)]
    assert result(rto=rows).rto(region="eu-west").hi_s == 9.0
    assert result(rto=rows).rto().hi_s == 30.0
    assert result(rto=rows).rto(region="eu-west", connection="fresh").hi_s == 7.5


def test_one_that_never_ended_is_the_worst_and_has_no_high_end() -> None:
    found = result(rto=[recovery(hi_s=99.0), recovery(lo_s=12.0, hi_s=None, censored=True)]).rto()
    assert found.censored
    assert found.lo_s == 12.0
    with pytest.raises(Inconclusive, match="had not recovered when the run ended"):
        assert found.hi_s < 1000


def test_a_region_whose_clients_were_lost_is_left_out_where_there_are_others() -> None:
    lost = recovery("us-east", None, None, excluded=True)
    assert result(rto=[lost, recovery()]).rto().region == "eu-west"
    with pytest.raises(Inconclusive, match="clients were lost with their region"):
        assert result(rto=[lost, recovery()]).rto(region="us-east").hi_s < 1000


def test_what_nobody_measured_is_told_and_not_taken_for_a_pass() -> None:
    with pytest.raises(LookupError, match="no recovery of region='eu-wset'; there are lose: eu-west write"):
        result(rto=[recovery()]).rto(region="eu-wset")
    with pytest.raises(LookupError, match="no objective rto; there are write-rto"):
        result(objectives=[objective("pass")]).objective("rto")


def test_no_figure_of_a_doubtful_run_is_a_number_but_that_at_least_so_many_were_witnessed() -> None:
    found = {"lost_writes": finding(), "ghosts": finding("some", 3)}
    doubtful = result(DOUBT, rto=[recovery()], findings=found, rpo={"lost_writes": 0, "window_s": 0.2})
    for figure in (
        lambda: doubtful.rto().hi_s,
        lambda: doubtful.rto().lo_s,
        lambda: doubtful.lost_writes,
        lambda: doubtful.rpo.lost_writes,
        lambda: doubtful.rpo.window_s,
        lambda: doubtful.findings["ghosts"].count,
        lambda: doubtful.findings["lost_writes"].at_least,
    ):
        with pytest.raises(Inconclusive, match=DOUBT):
            figure()
    assert doubtful.findings["ghosts"].at_least == 3
    assert result(findings=found).findings["lost_writes"].at_least == 0


def test_a_finding_that_could_not_be_checked_has_no_count() -> None:
    found = result(findings={"lost_writes": finding("unknown", reason="a stream lacks its end")})
    assert found.findings["lost_writes"].result is FindingResult.UNKNOWN
    with pytest.raises(Inconclusive, match="lost_writes is not known: a stream lacks its end"):
        assert found.lost_writes == 0


def test_what_is_gone_is_known_or_not() -> None:
    row = {"lost_writes": 14, "window_s": None, "wal_bytes": 9000, "reason": "no authority"}
    gone = result(rpo=row).rpo
    assert (gone.lost_writes, gone.wal_bytes) == (14, 9000)
    with pytest.raises(Inconclusive, match=r"rpo\.window_s is not known: no authority"):
        assert gone.window_s < 1
    with pytest.raises(Inconclusive, match=r"rpo\.wal_bytes is not known"):
        assert result(rpo={**row, "unplaced": 1}).rpo.wal_bytes < 10_000


def test_a_run_that_passes_is_held_to_nothing() -> None:
    assert result(objectives=[objective("pass")]).check() is None


def test_a_missed_objective_is_told_with_its_position_its_figures_and_the_report() -> None:
    with pytest.raises(Missed) as told:
        result(verdict="fail", objectives=[objective("pass"), objective("fail")]).check()
    assert str(told.value).splitlines() == [
        "scenarios/x.chaos.yaml:16:8: write-rto in eu-west: observed 22.00-22.10 s, max 15 s",
        "report: reports/x/1/report.html",
    ]


def test_an_inconclusive_run_says_why_once() -> None:
    rows = [objective("inconclusive", reason=DOUBT), objective("inconclusive", reason="a probe is too coarse")]
    with pytest.raises(Inconclusive) as told:
        result(verdict="inconclusive", reason=DOUBT.rstrip("."), objectives=rows).check()
    assert str(told.value).splitlines() == [
        "inconclusive: The prober of us-east was late",
        "scenarios/x.chaos.yaml:16:8: write-rto in eu-west: inconclusive: a probe is too coarse",
        "report: reports/x/1/report.html",
    ]


def test_hostile_words_of_a_server_do_not_act_on_the_terminal() -> None:
    with pytest.raises(Inconclusive, match="␛"):
        result(verdict="inconclusive", reason="\x1b[2J").check()


def test_only_an_expectation_that_came_true_makes_an_xfail() -> None:
    rows = [objective("pass", "missed", name="a"), objective("pass", name="b"), objective("fail", "missed", name="c")]
    assert [one.name for one in result(objectives=rows).missed_as_expected] == ["a"]
    assert result(objectives=rows).objective("c").verdict is Verdict.FAIL
