"""A whole night on real servers: drawn, run, kept, told."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytestmark = [pytest.mark.stack, pytest.mark.slow]

NIGHT = """\
chaoskit: 1
name: short-cut
question: Does anybody notice?
stack:
  regions: [us-east, eu-west]
  network: {rtt: {default: 10ms}}
load: {users: {default: 1}, probes: {rate: 5/s}}
steady_state: {for: 1s, availability: 90%, within: 30s}
timeline:
  cut: {at: 500ms, fault: partition, link: us-east <-> eu-west, mode: refuse, for: 1s}
duration: 4s
objectives:
  eu-west-availability: {measure: availability, region: eu-west, operation: write, min: 99.9%}
"""


@dataclass(frozen=True, kw_only=True)
class Night:
    """A finished night of two trials."""

    code: int
    out: str
    said: str
    summary: str
    home: Path


@pytest.fixture(scope="module")
def night(command_lines: Callable[[], Any]) -> Night:
    chaoskit = command_lines()
    chaoskit.scenario.write_text(NIGHT)
    summary = chaoskit.home / "summary.md"
    options = ("--trials", "2", "--seed", "7", "--history", chaoskit.home / "history", "--format", "junit")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    session = chaoskit.start(*options, command="nightly", **env)
    code, out = session.finish()
    return Night(code=code, out=out, said=session.said(), summary=summary.read_text(), home=chaoskit.home)


def test_an_objective_that_was_missed_decides_the_night_and_is_marked_at_its_line(night: Night) -> None:
    assert night.code == 1
    (mark,) = [line for line in night.said.splitlines() if line.startswith("::error ")]
    assert re.search(r"file=.*chaos\.yaml,line=13,col=3,", mark)
    assert "(2 of 2 trials failed)" in mark


def test_the_fault_phase_is_drawn_and_kept_with_the_run_for_whoever_judges_again(night: Night) -> None:
    runs = sorted((night.home / "reports" / "short-cut").iterdir())
    sets = [json.loads((run / "run.json").read_text())["sets"] for run in runs]
    assert sets == [["timeline.cut.at=500ms..1s500ms"]] * 2
    begins = [json.loads((run / "plan.json").read_text())["steps"][0]["at_ns"] for run in runs]
    assert len(set(begins)) == 2
    assert all(500_000_000 <= at_ns <= 1_500_000_000 for at_ns in begins)


def test_small_results_are_kept_and_the_page_over_all_nights_is_made(night: Night) -> None:
    kept = [json.loads(path.read_text()) for path in (night.home / "history" / "short-cut").glob("*.json")]
    assert sorted(row["trial"] for row in kept) == [1, 2]
    assert len({row["night"] for row in kept}) == 1
    assert str(night.home) not in json.dumps([{**row, "objectives": []} for row in kept])
    assert "eu-west-availability" in (night.home / "history" / "index.html").read_text()


def test_the_summary_and_the_document_tell_the_same(night: Night) -> None:
    assert night.summary.startswith("## chaoskit: 2 runs: 2 fail\n")
    assert "No change was found tonight in 1 night." in night.summary
    assert ElementTree.fromstring(night.out).get("failures") == "2"
