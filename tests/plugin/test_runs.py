"""What a run is to pytest, on real servers."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.processes import alive, descendants

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(600)]

# Answers to eu-west's customers are lost for a moment: what they wrote is there, and they were never told.
DEAF = """\
chaoskit: 1
name: {name}
question: Which answers never arrive?
seed: 7
stack:
  regions: [us-east, eu-west]
  primary: us-east
  replication: async
  network: {{rtt: {{default: 10ms}}}}
load: {{users: {{default: 2}}, pace: 10/s, probes: {{rate: 5/s}}}}
steady_state: {{for: 1s, availability: 90%, within: 30s}}
timeline:
  deaf: {{at: 100ms, fault: partition, link: primary -> eu-west.clients, mode: drop, for: {lasts}}}
duration: {duration}
objectives:
  ghosts: {{{bounds}}}
"""
IDLE = """\
chaoskit: 1
name: {name}
question: What if it cannot be made?
stack:
  regions: [us-east]
  postgres: {postgres}
load: {{users: {{default: 1}}, probes: {{rate: 5/s}}}}
steady_state: {{for: 1s, availability: 90%, within: 30s}}
duration: 1s
"""
UNSTARTABLE = "{version: 18, settings: {shared_buffers: 1TB}}"
BOTH = """\
import pytest
@pytest.mark.chaoskit("scenarios/unjudged.chaos.yaml")
def test_both(chaoskit_stack, chaoskit_run): chaoskit_run()
"""
BECAUSE = "a client that hears nothing cannot know"


def deaf(name: str, bounds: str, *, lasts: str = "800ms", duration: str = "2s") -> str:
    return DEAF.format(name=name, bounds=bounds, lasts=lasts, duration=duration)


@pytest.fixture(scope="module")
def project(projects: Callable[[], Any]) -> Any:
    """One scenario for each way in which a run can end."""
    project = projects()
    texts = {
        "missed": deaf("missed", "max: 0"),
        "expected": deaf("expected", f"max: 0, expect: missed, because: {BECAUSE}"),
        "strict": deaf("strict", f"max: 1000, expect: missed, because: {BECAUSE}"),
        "unjudged": IDLE.format(name="unjudged", postgres="{version: 18}"),
        "unstartable": IDLE.format(name="unstartable", postgres=UNSTARTABLE),
        "elsewhere": IDLE.format(name="elsewhere", postgres="{version: 16}"),
    }
    for name, text in texts.items():
        project.write(f"scenarios/{name}.chaos.yaml", text)
    return project


@pytest.fixture(scope="module")
def session(project: Any) -> Any:
    """All of them, in one session."""
    session = project("scenarios", "-v", "--junitxml", "results.xml")
    assert project.unfinished() == []
    return session


def status(session: Any, name: str) -> str:
    """What pytest called it."""
    (line,) = (line for line in session.out.splitlines() if line.startswith(f"scenarios/{name}.chaos.yaml::{name} "))
    return str(line.split()[1])


def told(session: Any, name: str) -> str:
    (line,) = (line for line in session.table if f" {name} " in line)
    return str(line)


def test_a_missed_objective_fails_with_its_position_and_figures(session: Any) -> None:
    case = session.cases["missed"]
    assert (status(session, "missed"), case.outcome) == ("FAILED", "failure")
    first, second = case.text.splitlines()[:2]
    assert first.startswith("scenarios/missed.chaos.yaml:16:3: ghosts: observed ")
    assert first.endswith(", max 0")
    assert second == f"report: {case.properties['chaoskit_report']}"
    assert (session.directory / case.properties["chaoskit_report"]).exists()
    assert case.properties["chaoskit_seed"] == "7"


def test_an_objective_that_is_missed_as_expected_is_an_xfail(session: Any) -> None:
    assert status(session, "expected") == "XFAIL"
    assert f"ghosts: {BECAUSE}" in session.cases["expected"].message


def test_an_objective_that_is_met_against_expectation_fails(session: Any) -> None:
    assert status(session, "strict") == "FAILED"
    assert f"expected to be missed (because {BECAUSE}), but it held: " in session.cases["strict"].text


def test_an_inconclusive_run_is_a_failure_of_its_own_kind(session: Any) -> None:
    case = session.cases["unjudged"]
    assert (status(session, "unjudged"), case.outcome) == ("INCONCLUSIVE", "failure")
    assert case.text.startswith("inconclusive: no objectives")
    assert case.properties["chaoskit_verdict"] == "inconclusive"


def test_what_cannot_be_started_is_an_error(session: Any) -> None:
    case = session.cases["unstartable"]
    assert (status(session, "unstartable"), case.outcome) == ("ERROR", "error")
    assert "Traceback" not in case.text
    assert told(session, "unstartable").startswith("not run")


def test_what_this_machine_cannot_run_is_skipped_with_its_reason(session: Any) -> None:
    assert status(session, "elsewhere") == "SKIPPED"
    assert "it needs PostgreSQL 16" in session.cases["elsewhere"].message
    assert told(session, "elsewhere").startswith("skipped")


def test_every_run_has_its_line_in_the_end(session: Any) -> None:
    words = [" ".join(line.split()[:3]) for line in session.table[:-1]]
    assert sorted(words) == [
        "? inconclusive unjudged",
        "not run unstartable",
        "skipped elsewhere it",
        "✓ pass expected",
        "✕ fail missed",
        "✕ fail strict",
    ]
    assert session.table[-1].startswith("6 runs: ")
    assert session.code == pytest.ExitCode.TESTS_FAILED


READ = """\
from pathlib import Path
from chaoskit.pytest_plugin.result import read
def test_read(chaoskit_run): read(Path({run!r})).check()
"""


@pytest.mark.parametrize(("word", "outcome"), [("skip", "skipped"), ("xfail", "xfailed"), ("fail", "failed")])
def test_inconclusive_is_what_the_project_says(session: Any, project: Any, word: str, outcome: str) -> None:
    (report,) = (session.directory / "reports" / "unjudged").glob("*/report.html")
    project.write("read/test_read.py", READ.format(run=str(report.parent)))
    again = project("read", "-o", f"chaoskit_inconclusive={word}", "-rsx", "--junitxml", "results.xml")
    assert f"1 {outcome}" in again.out
    assert "inconclusive: no objectives" in again.out


def test_a_second_stack_beside_the_first_is_an_error(session: Any, project: Any) -> None:
    project.write("both/test_both.py", BOTH)
    both = project("both")
    assert "1 error" in both.out
    assert "why: the one of both/test_both.py::test_both is up" in both.out
    assert project.unfinished() == []


def test_the_first_failure_ends_the_session_and_is_run_first_next_time(projects: Callable[[], Any]) -> None:
    project = projects()
    for name in ("a-unstartable", "b-unstartable"):
        project.write(f"scenarios/{name}.chaos.yaml", IDLE.format(name=name, postgres=UNSTARTABLE))
    first = project("scenarios", "-x")
    assert "1 error" in first.out
    assert first.table[-1] == "1 run: 1 not run"
    listed = project("scenarios", "--lf", "--collect-only", "-q").out.splitlines()
    assert [line for line in listed if "::" in line] == ["scenarios/a-unstartable.chaos.yaml::a-unstartable"]


def test_ctrl_c_heals_reports_what_was_seen_and_leaves_nothing(projects: Callable[[], Any]) -> None:
    project = projects()
    project.write("scenarios/long.chaos.yaml", deaf("long", "max: 0", lasts="50s", duration="60s"))
    project.write("scenarios/next.chaos.yaml", deaf("next", "max: 0"))
    process = project.start("scenarios")
    events = project.directory / "reports" / "long"

    def not_struck() -> str | None:
        assert process.running(), project.finish(process).out
        return None if any('"proved"' in path.read_text() for path in events.glob("*/events.ndjson")) else "not yet"

    wait_for(not_struck, clock=MonotonicClock(), timeout_s=200, what="the fault has not struck")
    started = descendants(process.pid)
    process.popen.send_signal(signal.SIGINT)
    session = project.finish(process)
    assert session.code == pytest.ExitCode.INTERRUPTED
    line, tally = session.table
    assert line.startswith("interrupted  long  ")
    assert tally == "1 run: 1 interrupted"
    report = session.directory / line.split()[-1]
    assert report.exists()
    assert '"by": "interrupt"' in report.with_name("events.ndjson").read_text()
    assert [process for process in started if alive(process)] == []
    assert project.unfinished() == []
