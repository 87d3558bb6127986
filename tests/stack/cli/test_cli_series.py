"""Several runs by one command: trials, folders, and what one of them does to the others."""

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaoskit.session.trials import trial_seed

pytestmark = [pytest.mark.stack, pytest.mark.slow]

INTERRUPTED = 130
QUIET = """\
chaoskit: 1
name: {name}
question: Does {name} go on?
tags: [series]
trials: {trials}
stack:
  regions: [us-east, eu-west]
  network: {{rtt: {{default: 10ms}}}}
  postgres: {postgres}
load: {{users: {{default: 1}}, probes: {{rate: 10/s}}}}
steady_state: {{for: 1s, availability: 90%, within: 30s}}
duration: 2s
objectives:
  lost_writes: {{max: 0}}
"""


@dataclass(frozen=True, kw_only=True)
class Series:
    """A finished series."""

    code: int
    results: list[dict[str, Any]]
    said: str
    directories: dict[str, list[Path]]
    page: str


@pytest.fixture(scope="module")
def series(command_lines: Callable[[], Any]) -> Series:
    """Of a folder: one that cannot start, one with two trials, one for another PostgreSQL, one that is not wanted."""
    chaoskit = command_lines()
    folder = chaoskit.home / "many"
    folder.mkdir()
    for name, trials, postgres in (
        ("a-unstartable", 1, "{version: 18, settings: {shared_buffers: 1TB}}"),
        ("b-twice", 2, "{version: 18}"),
        ("c-older", 1, "{version: 16}"),
        ("d-unwanted", 1, "{version: 18}"),
    ):
        (folder / f"{name}.chaos.yaml").write_text(QUIET.format(name=name, trials=trials, postgres=postgres))
    chaoskit.scenario = folder
    session = chaoskit.start("--json", "--seed", "7", "-k", "not unwanted", "--tag", "series", "--set", "load.pace=5/s")
    code, out = session.finish()
    return Series(
        code=code,
        results=[json.loads(line) for line in out.splitlines()],
        said=session.said(),
        directories={path.name: sorted(path.iterdir()) for path in chaoskit.reports.iterdir() if path.is_dir()},
        page=(chaoskit.reports / "index.html").read_text(encoding="utf-8"),
    )


def test_each_trial_is_a_run_of_its_own_with_its_own_line_of_json(series: Series) -> None:
    runs = [(result["scenario"], result["trial"], result["seed"], result["variant"]) for result in series.results]
    assert runs == [("b-twice", 1, 7, None), ("b-twice", 2, trial_seed(7, 2), None)]
    assert len({result["run_dir"] for result in series.results}) == len(series.directories["b-twice"]) == 2


def test_every_result_is_kept_as_it_was_printed(series: Series) -> None:
    for result in series.results:
        assert json.loads((Path(result["run_dir"]) / "result.json").read_text()) == result


def test_the_page_over_all_runs_leads_to_every_report_and_names_those_without(series: Series) -> None:
    for directory in series.directories["b-twice"]:
        assert f'href="b-twice/{directory.name}/report.html"' in series.page
    (unstarted,) = series.directories["a-unstartable"]
    assert f"a-unstartable/{unstarted.name}" in series.page


def test_what_was_set_is_kept_for_whoever_judges_again(series: Series) -> None:
    for directory in series.directories["b-twice"]:
        assert json.loads((directory / "run.json").read_text())["sets"] == ["load.pace=5/s"]
        assert "pace: 5/s" in (directory / "scenario.resolved.yaml").read_text()


def test_one_that_cannot_start_does_not_stop_the_others_and_decides_the_exit_code(series: Series) -> None:
    assert [result["verdict"] for result in series.results] == ["pass", "pass"]
    assert series.code == 3


def test_one_for_another_postgresql_is_skipped_with_its_reason(series: Series) -> None:
    assert "skipped c-older: it needs PostgreSQL 16, and the one found is 18" in series.said
    assert set(series.directories) == {"a-unstartable", "b-twice"}


def test_all_seeds_are_told_before_the_first_run(series: Series) -> None:
    seeds = f"b-twice: 2 trials, seeds 7, {trial_seed(7, 2)}"
    assert seeds in series.said
    assert series.said.index(seeds) < series.said.index("starting")


def test_a_table_ends_it_with_one_line_per_run(series: Series) -> None:
    *lines, tally = series.said.strip().splitlines()[-5:]
    assert [line.split()[:3] for line in lines] == [
        ["not", "run", "a-unstartable"],
        ["✓", "pass", "b-twice"],
        ["✓", "pass", "b-twice"],
        ["skipped", "c-older", "skipped:"],
    ]
    assert all(str(result["run_dir"]) in line for result, line in zip(series.results, lines[1:3], strict=True))
    assert tally == "4 runs: 1 not run, 2 pass, 1 skipped"


def test_after_an_interrupt_the_runs_that_remain_are_not_started(command_lines: Callable[[], Any]) -> None:
    chaoskit = command_lines()
    session = chaoskit.start("--json", "--trials", "3", "--seed", "7")
    session.await_words("waiting for a steady state")
    session.signal(signal.SIGINT)
    code, out = session.finish()
    assert code == INTERRUPTED
    assert [json.loads(line)["trial"] for line in out.splitlines()] == [1]
    assert session.said().strip().splitlines()[-1] == "3 runs: 1 interrupted, 2 not started"
    assert session.directory.exists()
