"""One whole run by the command line, and what can be done with its directory afterwards."""

import json
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import TypeAdapter

from chaoskit.analysis.shapes import ResultRow
from chaoskit.engine.lock import host_lock

pytestmark = [pytest.mark.stack, pytest.mark.slow]

CODES = {"pass": 0, "fail": 1, "inconclusive": 4}
FILES = {
    "report.html", "result.json", "history.parquet", "final.parquet", "audit.json", "events.ndjson", "journal.ndjson",
    "scenario.original.yaml", "scenario.resolved.yaml", "plan.json", "logs", "samples.ndjson", "price.json",
}  # fmt: skip
INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Done:
    """A finished ``run --json``."""

    chaoskit: Any
    code: int
    out: str
    said: str
    directory: Path
    footprint: Any
    events: list[dict[str, Any]]
    unfinished: list[Path]

    @property
    def result(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


@pytest.fixture(scope="module")
def done(command_lines: Callable[[], Any]) -> Done:
    chaoskit = command_lines()
    session = chaoskit.start("--json", "--seed", "7")
    session.await_event("steady")
    footprint = session.footprint()
    code, out = session.finish()
    return Done(
        chaoskit=chaoskit,
        code=code,
        out=out,
        said=session.said(),
        directory=session.directory,
        footprint=footprint,
        events=session.events(),
        unfinished=list(chaoskit.index.iterdir()),
    )


@pytest.fixture
def copied(done: Done, tmp_path: Path) -> Path:
    """The run's directory, to be tampered with."""
    return Path(shutil.copytree(done.directory, tmp_path / "copy"))


def same_figures(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {**one, "run_dir": ""} == {**other, "run_dir": ""}


def test_json_is_one_object_on_stdout_and_people_read_stderr(done: Done) -> None:
    assert done.out.count("\n") == 1
    assert done.result == json.loads((done.directory / "result.json").read_text())
    for words in ("starting", "waiting for a steady state", "lose-us-east", f"report: {done.directory}/report.html"):
        assert words in done.said
    assert '"schema"' not in done.said


def test_the_exit_code_is_that_of_the_verdict(done: Done) -> None:
    assert done.code == CODES[done.result["verdict"]]


def test_a_finished_run_leaves_nothing_but_its_directory(done: Done) -> None:
    assert done.footprint.remains() == []
    assert done.unfinished == []
    assert done.chaoskit("clean").stderr.strip() == "nothing to clean"


def test_the_run_directory_holds_every_file_of_the_contract(done: Done) -> None:
    assert {path.name for path in done.directory.iterdir()} >= FILES
    assert all((done.directory / name).stat().st_size for name in FILES)
    names = {path.name for path in (done.directory / "logs").iterdir()}
    assert {"toxiproxy.log", "us-east:1.log", "load.ap-south.probes.log", "load.eu-west.users.log"} <= names
    original = done.directory / "scenario.original.yaml"
    assert original.read_text() == done.chaoskit.scenario.read_text()
    resolved = shutil.copy(done.directory / "scenario.resolved.yaml", done.chaoskit.home / "resolved.chaos.yaml")
    assert done.chaoskit("validate", resolved).returncode == 0


def test_the_result_has_the_types_of_its_schema(done: Done) -> None:
    TypeAdapter(ResultRow).validate_python(done.result, strict=True)
    assert (done.result["scenario"], done.result["seed"], done.result["runtime"]) == ("short-region-loss", 7, "local")


def test_the_price_of_the_pattern_is_measured(done: Done) -> None:
    price = done.result["price"]
    sent = {(row["from_region"], row["to_region"]): row["bytes"] for row in price["wan"]}
    assert len(sent) == 6
    assert sent["us-east", "eu-west"] > sent["eu-west", "us-east"] > 0  # WAL flowed that way, confirmations this way
    assert ("eu-west/1", "during") in {(row["node"], row["phase"]) for row in price["cpu"]}
    assert all(row["used_s"] >= 0 for row in price["cpu"])


def test_the_servers_own_words_stand_where_they_were_said(done: Done) -> None:
    at_ns = {event["event"]: event["t_ns"] for event in done.events}
    said = {event["detail"]["line"]: event["t_ns"] for event in done.events if event["event"] == "log"}
    promoted_ns = said["startup: received promote request"]
    assert at_ns["decided"] <= promoted_ns <= at_ns["promoted"]
    assert "password=" not in "".join(said).replace("password=…", "")


def test_the_course_of_a_region_loss_is_told_in_order(done: Done) -> None:
    course = ["load_started", "steady", "start", "detected", "decided", "promoted", "routed", "load_stopped", "audited"]
    first = [next(i for i, event in enumerate(done.events) if event["event"] == name) for name in course]
    assert first == sorted(first)
    (end,) = (event for event in done.events if event["event"] == "end")
    assert end["detail"]["by"] == "audit"
    assert done.events[-1]["event"] == "end_of_run"


def test_an_analysis_repeated_gives_the_same_verdict_and_figures(done: Done, copied: Path) -> None:
    again = done.chaoskit("analyze", copied, "--json")
    assert again.returncode == done.code
    assert same_figures(json.loads(again.stdout), done.result)
    assert same_figures(json.loads((copied / "result.json").read_text()), done.result)


def test_a_report_is_rendered_again_from_the_result(done: Done, copied: Path) -> None:
    before = (copied / "report.html").read_text()
    (copied / "report.html").unlink()
    assert done.chaoskit("report", copied).returncode == 0
    assert (copied / "report.html").read_text() == before


def test_a_history_and_a_final_state_from_anywhere_are_analysed(done: Done, tmp_path: Path) -> None:
    for name in ("history", "final"):
        table = pd.read_parquet(done.directory / f"{name}.parquet")
        table.to_json(tmp_path / f"{name}.ndjson", orient="records", lines=True)
    bare = done.chaoskit("analyze", tmp_path, "--json")
    result = json.loads(bare.stdout)
    assert bare.returncode == CODES[result["verdict"]]
    assert result["verdict"] == "inconclusive", "nothing was asked, so nothing is answered"
    assert result["rpo"]["acknowledged"] == done.result["rpo"]["acknowledged"]
    lost, truth = (r["findings"]["lost_writes"] for r in (result, done.result))
    assert (lost["result"], lost["count"]) == (truth["result"], truth["count"])
    assert (tmp_path / "report.html").exists()


def test_a_lost_write_that_an_objective_forbids_fails_the_run(done: Done, copied: Path) -> None:
    history = pd.read_parquet(copied / "history.parquet")
    planted = history[(history["outcome"] == "ok") & (history["kind"] == "write")].iloc[[0]]
    planted = planted.assign(op=history["op"].max() + 1, value="planted", session="planted")
    pd.concat([history, planted]).to_parquet(copied / "history.parquet")
    result = judged_again(done, copied, objectives="  lost_writes: {max: 0}\n", verdict="fail")
    assert result["findings"]["lost_writes"]["count"] == done.result["findings"]["lost_writes"]["count"] + 1


def test_a_final_state_that_lacks_rows_the_audit_counted_proves_nothing(done: Done, copied: Path) -> None:
    final = pd.read_parquet(copied / "final.parquet")
    victim = final.loc[final["authoritative"], "value"].iloc[0]
    final[final["value"] != victim].to_parquet(copied / "final.parquet")
    judged_again(done, copied, objectives="  lost_writes: {min: 1}\n", verdict="inconclusive")


def judged_again(done: Done, copied: Path, *, objectives: str, verdict: str) -> dict[str, Any]:
    scenario = copied / "scenario.original.yaml"
    scenario.write_text(scenario.read_text().partition("objectives:")[0] + "objectives:\n" + objectives)
    again = done.chaoskit("analyze", copied, "--json")
    result = dict(json.loads(again.stdout))
    assert (again.returncode, result["verdict"]) == (CODES[verdict], verdict)
    return result


def test_a_failover_manager_that_died_makes_the_run_inconclusive(done: Done, copied: Path) -> None:
    died = {"t_ns": 1, "event": "broken", "detail": {"what": "the failover manager", "why": "KeyError: 'eu-west/1'"}}
    with (copied / "events.ndjson").open("a") as events:
        events.write(json.dumps(died) + "\n")
    again = done.chaoskit("analyze", copied, "--json")
    result = json.loads(again.stdout)
    assert (again.returncode, result["verdict"]) == (CODES["inconclusive"], "inconclusive")
    assert (
        "A part of the harness failed: the failover manager: KeyError: 'eu-west/1'." in result["instrument"]["doubts"]
    )


def test_a_second_run_waits_for_the_first_and_says_so(chaoskit: Any) -> None:
    with host_lock(waiting=lambda: None):
        session = chaoskit.start()
        session.await_words("waiting for another run on this machine")
        assert not chaoskit.reports.exists()
    session.await_words("\nstarting")
    session.signal(signal.SIGINT)
    assert session.finish()[0] == INTERRUPTED


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_waits_for_another_can_be_interrupted(chaoskit: Any, number: signal.Signals) -> None:
    with host_lock(waiting=lambda: None):
        session = chaoskit.start()
        session.await_words("waiting for another run on this machine")
        session.signal(number)
        assert session.finish() == (INTERRUPTED, "")
    assert not chaoskit.reports.exists()
    assert "Traceback" not in session.said()
