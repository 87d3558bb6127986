"""Results as documents: nothing of other people's text acts, nothing is green that was not judged, nothing too long."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from chaoskit.report.formats.annotations import annotations
from chaoskit.report.formats.csv import HEAD, table_csv
from chaoskit.report.formats.junit import junit
from chaoskit.report.formats.markdown import MOST_BYTES, document, fenced, plain
from chaoskit.report.formats.summary import summary
from chaoskit.report.formats.unrun import Unrun

KEPT = Path(__file__).parents[2] / "data" / "kept"
HOSTILE = "<b>|`x`\n## [a](javascript:1)\x00\x1b[31m\u202e]]>&\ufffe"
MISSED = {
    "name": "write-rto", "measure": "rto", "scope": {}, "expected": "max 15s", "expect": {"max": 15.0},
    "observed": {"lo": 22.0, "hi": 22.1, "unit": "s", "text": "22.0-22.1 s", "where": "eu-west write"},
    "verdict": "fail", "reason": "22.0-22.1 s, asked for: max 15s", "position": "scenarios/x.chaos.yaml:16:8",
}  # fmt: skip


def result(*objectives: dict[str, Any], **changes: Any) -> dict[str, Any]:
    worst = "fail" if any(one["verdict"] == "fail" for one in objectives) else "inconclusive"
    about = {"scenario": "x", "trial": 1, "seed": 7, "started_at": "2026-11-21T16:01:02+00:00", "duration_s": 16.0}
    return {**about, "verdict": worst, "objectives": list(objectives), "run_dir": "reports/x/1", **changes}


def real() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((KEPT / "crash-restart").glob("*.json"))]


def suites(text: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    return {suite.get("name", ""): suite for suite in root}


def test_junit_has_a_suite_per_scenario_and_a_case_per_objective_and_trial() -> None:
    (suite,) = suites(junit(real())).values()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("crash-restart", "20", "0")
    assert {case.get("classname") for case in suite} == {"crash-restart"}
    assert len({case.get("name") for case in suite}) == 20


def test_a_missed_objective_is_a_failure_with_its_position_and_an_inconclusive_one_an_error() -> None:
    doubtful = {**MISSED, "name": "reads", "verdict": "inconclusive", "reason": "the prober was late"}
    suite = suites(junit([result(MISSED, doubtful)]))["x"]
    failure, error = suite.find("testcase/failure"), suite.find("testcase/error")
    assert failure is not None
    assert error is not None
    assert failure.get("message", "").startswith("scenarios/x.chaos.yaml:16:8: write-rto in eu-west write: observed 22")
    assert "the prober was late" in (error.text or "")
    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("1", "1", "2")


def test_what_was_not_run_or_not_judged_is_no_success() -> None:
    missing = [
        Unrun(scenario="x", trial=2, why="no disk", skipped=False),
        Unrun(scenario="y", trial=1, why="old", skipped=True),
    ]
    found = suites(junit([result(reason="no objectives")], missing))
    assert (found["x"].get("errors"), found["y"].get("skipped"), found["y"].get("tests")) == ("2", "1", "1")


def test_hostile_text_stays_text_in_every_format() -> None:
    hostile = {**MISSED, "name": HOSTILE, "reason": HOSTILE, "position": HOSTILE}
    results = [result(hostile, scenario=HOSTILE)]
    assert ElementTree.fromstring(junit(results)).find("testsuite/testcase/failure") is not None
    markdown = summary(results)
    assert "<b>" not in markdown
    assert "\x1b" not in markdown + junit(results) + table_csv(results)
    assert all(line.count("|") - line.count("\\|") in {0, 6, 8} for line in markdown.splitlines())
    assert len(list(csv.reader(io.StringIO(table_csv(results))))) == 2
    assert all("\n" not in line for line in annotations(results))


def test_markdown_tells_first_what_was_not_met() -> None:
    lines = summary([result(MISSED), result(MISSED, trial=2), *real()]).splitlines()
    assert lines[0] == "## chaoskit: 7 runs: 5 pass, 2 fail"
    (missed,) = [line for line in lines if "2 of 2 fail" in line]
    assert "`x` `write-rto`" in missed
    assert "scenarios/x.chaos.yaml:16:8" in missed


def test_a_summary_is_never_longer_than_a_job_takes_and_says_what_was_cut() -> None:
    many = [result({**MISSED, "name": f"objective-{i}", "reason": "é" * 400}, scenario=f"s{i}") for i in range(1500)]
    text = summary(many)
    assert len(text.encode()) <= MOST_BYTES
    assert text.splitlines()[-1].startswith("**Cut here:** ")
    assert len(summary(many, most_bytes=5000).encode()) <= 5000


@pytest.mark.parametrize("most_bytes", [300, 1000, 2000])
def test_what_is_cut_is_cut_at_a_line(most_bytes: int) -> None:
    lines = [f"line {number} é" for number in range(500)]
    text = document(lines, most_bytes=most_bytes)
    assert len(text.encode()) <= most_bytes
    kept = text.splitlines()[:-2]
    assert kept == lines[: len(kept)]
    assert f"{500 - len(kept)} of 500 lines" in text


def test_a_block_cannot_be_ended_from_inside() -> None:
    assert next(fenced("a\n````\nb")) == "`````"
    assert plain("a\n|b|") == "a \\|b\\|"


def test_csv_has_numbers_as_they_are_and_an_empty_end_where_nothing_ended() -> None:
    endless = {**MISSED, "observed": {**MISSED["observed"], "hi": None}}  # type: ignore[dict-item]
    first, second = csv.DictReader(io.StringIO(table_csv([result(MISSED), result(endless)])))
    assert list(first) == list(HEAD)
    assert (first["lo"], first["hi"], first["censored"]) == ("22.0", "22.1", "0")
    assert (second["lo"], second["hi"], second["censored"]) == ("22.0", "", "1")


def test_no_cell_is_a_formula() -> None:
    (row,) = csv.DictReader(io.StringIO(table_csv([result({**MISSED, "name": "=1+1"})])))
    assert row["objective"] == "'=1+1"


def test_github_marks_each_failed_objective_once_at_its_line() -> None:
    (line,) = annotations([result(MISSED), result(MISSED, trial=2), *real()])
    assert line == (
        "::error file=scenarios/x.chaos.yaml,line=16,col=8,title=x%3A write-rto::observed 22.0-22.1 s in "
        "eu-west write, max 15s (2 of 2 trials failed)"
    )
