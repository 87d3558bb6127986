"""The variants of a file as runs: each on its own stack, kept apart, and judged again as what it was."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaoskit.archive.pair import compare
from chaoskit.archive.shelf import read_shelf
from chaoskit.judging import judge

pytestmark = [pytest.mark.stack, pytest.mark.slow]

FILE = """\
chaoskit: 1
name: quiet
question: What does a confirmation cost?
stack:
  regions: [us-east, eu-west]
  network: {rtt: {default: 40ms}}
load: {users: {default: 1}, probes: {rate: 10/s}}
steady_state: {for: 1s, availability: 90%, within: 30s}
duration: 2s
objectives:
  lost_writes: {max: 0}
  write-latency: {measure: latency.p50, region: us-east, operation: write, connection: established, max: 10s}
matrix:
  replication:
    async: {}
    sync: {stack: {replication: sync}}
    broken: {stack: {postgres: {settings: {shared_buffers: 1TB}}}}
"""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a run of two of the three variants left."""

    code: int
    results: dict[str, dict[str, Any]]
    reports: Path
    said: str


@pytest.fixture(scope="module")
def made(command_lines: Callable[[], Any]) -> Made:
    chaoskit = command_lines()
    chaoskit.scenario = chaoskit.home / "quiet.chaos.yaml"
    chaoskit.scenario.write_text(FILE)
    session = chaoskit.start("--json", "-k", "quiet[async] or sync", "--set", "load.pace=5/s")
    code, out = session.finish()
    results = {result["variant"]: result for result in map(json.loads, out.splitlines())}
    return Made(code=code, results=results, reports=chaoskit.reports, said=session.said())


def test_each_variant_that_is_selected_is_a_run_with_the_same_seed(made: Made) -> None:
    assert (made.code, [*made.results]) == (0, ["async", "sync"])
    assert {result["scenario"] for result in made.results.values()} == {"quiet"}
    assert len({result["seed"] for result in made.results.values()}) == 1
    assert "[2 of 2] quiet[sync], seed " in made.said


def test_each_variant_ran_on_the_stack_of_its_overlay_under_what_was_set(made: Made) -> None:
    fastest = {v: latency(result) for v, result in made.results.items()}
    assert fastest["async"] < 0.04 < fastest["sync"]
    for variant, result in made.results.items():
        text = (Path(result["run_dir"]) / "scenario.resolved.yaml").read_text()
        assert "pace: 5/s" in text
        assert "matrix" not in text
        assert ("sync:" in text) is (variant == "sync")


def latency(result: dict[str, Any]) -> float:
    (row,) = [row for row in result["objectives"] if row["name"] == "write-latency"]
    return float(row["observed"]["lo"])


def test_runs_of_variants_lie_apart_and_are_read_apart(made: Made) -> None:
    for variant, result in made.results.items():
        assert Path(result["run_dir"]).parent == made.reports / "quiet" / variant
    assert [run.title for run in read_shelf(made.reports).runs] == ["quiet[async]", "quiet[sync]"]
    page = (made.reports / "index.html").read_text(encoding="utf-8")
    assert all(f"quiet[{variant}]" in page for variant in made.results)
    told = compare(made.reports / "quiet" / "async", made.reports / "quiet" / "sync")
    assert "+    sync:" in told.scenario_diff


def test_a_run_is_judged_again_as_the_variant_that_it_was(made: Made) -> None:
    for variant, result in made.results.items():
        again = judge(Path(result["run_dir"]))
        assert (again.result["variant"], again.result["objectives"]) == (variant, result["objectives"])
        facts = [json.loads((Path(result["run_dir"]) / name).read_text()) for name in ("run.json", "plan.json")]
        assert [one["variant"] for one in facts] == [variant, variant]
