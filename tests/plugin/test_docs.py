"""docs/pytest.md is a project: its files, its tests and its commands are run as they stand there, on real servers."""

import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from book import ROOT, Block, blocks

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(900)]

PAGE = ROOT / "docs" / "pytest.md"


def shown(language: str) -> list[Block]:
    """The page's code blocks of one language."""
    return [block for block in blocks(PAGE) if block.language == language]


COMMANDS = [command for block in shown("console") for command, _ in block.commands]


@pytest.fixture(scope="module")
def sessions(projects: Callable[[], Any]) -> dict[str, Any]:
    """Every command of the page, in its order."""
    project = projects()
    for block in (*shown("yaml"), *shown("python")):
        assert block.file is not None, f"{block} does not say which file it is"
        project.write(block.file, block.text)
    ran = {}
    for command in COMMANDS:
        program, *words = shlex.split(command)
        assert program == "pytest"
        ran[command] = project(*words)
    assert project.unfinished() == []
    return ran


def session(sessions: dict[str, Any], *words: str) -> Any:
    (found,) = (one for command, one in sessions.items() if shlex.split(command)[1:] == [*words])
    return found


def test_the_scenario_passes(sessions: dict[str, Any]) -> None:
    found = session(sessions, "scenarios")
    assert found.code == 0, found.out
    assert "1 passed" in found.out
    line, tally = found.table
    assert line.startswith("✓ pass  short-cut  lost_writes 0 (max 0)")
    assert (found.directory / line.split()[-1]).exists()
    assert tally == "1 run: 1 pass"


@pytest.mark.parametrize("words", [("--collect-only", "-q"), ("-m", "partition", "--collect-only", "-q")])
def test_it_is_found_by_its_tag(sessions: dict[str, Any], words: tuple[str, ...]) -> None:
    assert "scenarios/short-cut.chaos.yaml::short-cut" in session(sessions, "scenarios", *words).out.splitlines()


def test_the_rest_of_a_project_runs_without_scenarios(sessions: dict[str, Any]) -> None:
    assert "2 deselected" in session(sessions, "-m", "not chaoskit").out


def test_the_tests_pass(sessions: dict[str, Any]) -> None:
    found = session(sessions, "tests")
    assert found.code == 0, found.out
    assert "2 passed" in found.out


def test_workers_take_turns_and_their_runs_are_told_in_one_place(sessions: dict[str, Any]) -> None:
    (found,) = (one for command, one in sessions.items() if " -n 2 " in command)
    assert found.code == 0, found.out
    assert "4 passed" in found.out
    assert found.table[-1] == "3 runs: 3 pass"
    names = [name for name, case in found.cases.items() if case.properties.get("chaoskit_verdict") == "pass"]
    assert sorted(names) == ["short-cut[t1]", "short-cut[t2]", "test_a_cut_loses_nothing"]
    reports = [found.directory / found.cases[name].properties["chaoskit_report"] for name in names]
    spans = sorted(times(report) for report in reports)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


def times(report: Path) -> tuple[float, float]:
    """When the run that a report is of began and ended: its journal's first and last line."""
    journal = report.with_name("journal.ndjson").stat()
    return report.with_name("plan.json").stat().st_mtime, journal.st_mtime


def test_a_page_of_pytest_html_links_the_reports(sessions: dict[str, Any]) -> None:
    (found,) = (one for command, one in sessions.items() if " -n 2 " in command)
    page = (found.directory / "results.html").read_text(encoding="utf-8")
    for name in ("short-cut[t1]", "test_a_cut_loses_nothing"):
        assert found.cases[name].properties["chaoskit_report"] in page
