"""``kill -9`` of the harness while a region is frozen, then ``chaoskit clean``."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaoskit.processes import Launcher, Process, alive

pytestmark = [pytest.mark.stack, pytest.mark.slow]


class Strangers:
    """Processes and a directory that look like the run's and are not."""

    def __init__(self, run: str, data: Path, logs: Path) -> None:
        self.directory = data.with_name(f"{data.name}0")
        self.directory.mkdir()
        (self.directory / "diary").write_text("mine")
        other = Launcher(run=f"{run}0", logs=logs, started=lambda _name, _process: None)
        named = ["bash", "-c", f"exec -a 'postgres: chaoskit-{run} -D {data}' sleep 600"]
        self.processes: list[Process] = [
            other.start("labelled", ["sleep", "600"], cwd=self.directory),
            other.start("named", named, cwd=self.directory),
            other.start("visitor", ["sleep", "600"], cwd=data),  # a person who looks into the run's data
        ]

    def untouched(self) -> bool:
        return (self.directory / "diary").read_text() == "mine" and all(p.running() for p in self.processes)

    def leave(self) -> None:
        for process in self.processes:
            process.stop()
        shutil.rmtree(self.directory)


@dataclass(frozen=True, kw_only=True)
class Story:
    """What was seen on the way from the kill to the second clean."""

    footprint: Any
    while_running: subprocess.CompletedProcess[str]
    started: set[str]
    harmed_while_running: list[str]
    left_by_the_kill: list[psutil.Process]
    data_left_by_the_kill: bool
    first: subprocess.CompletedProcess[str]
    strangers_untouched: bool
    index_afterwards: list[Path]
    second: subprocess.CompletedProcess[str]
    kept: set[str]


@pytest.fixture(scope="module")
def story(command_lines: Callable[[], Any]) -> Iterator[Story]:
    chaoskit = command_lines()
    session = chaoskit.start()
    session.await_frozen("us-east")
    frozen = session.of_region("us-east")
    footprint, started = session.footprint(), session.started()
    strangers = Strangers(session.run, footprint.data, chaoskit.home / "logs")
    try:
        while_running = chaoskit("clean")
        harmed = [name for name, process in started.items() if not alive(process)]
        session.signal(signal.SIGKILL)
        session.finish()
        left = [process for process in frozen if alive(process)]
        data_left = footprint.data.is_dir()
        first = chaoskit("clean")
        yield Story(
            footprint=footprint,
            while_running=while_running,
            started=set(started),
            harmed_while_running=harmed,
            left_by_the_kill=left,
            data_left_by_the_kill=data_left,
            first=first,
            strangers_untouched=strangers.untouched(),
            index_afterwards=list(chaoskit.index.iterdir()),
            second=chaoskit("clean"),
            kept={path.name for path in session.directory.iterdir()},
        )
    finally:
        strangers.leave()


def test_a_run_that_goes_on_is_left_alone(story: Story) -> None:
    assert story.while_running.returncode == 0
    assert "still running, left alone" in story.while_running.stderr
    assert {"us-east/1", "eu-west/1", "ap-south/1", "toxiproxy", "load.eu-west.users"} <= story.started
    assert story.harmed_while_running == []


def test_a_killed_harness_leaves_frozen_backends_and_data_behind(story: Story) -> None:
    assert story.left_by_the_kill, "else the tests below prove nothing"
    assert story.data_left_by_the_kill


def test_no_process_no_port_and_no_data_of_a_killed_run_survive_clean(story: Story) -> None:
    assert len(story.footprint.processes) > 3 * 5 + 6 + 1  # servers with backends, clients, the WAN
    assert len(story.footprint.ports) > 3 + 21
    assert (story.first.returncode, story.first.stdout) == (0, "")
    assert story.footprint.remains() == []


def test_clean_says_what_it_ended_and_removed(story: Story) -> None:
    assert "processes ended" in story.first.stderr
    assert f"removed {story.footprint.data}" in story.first.stderr


def test_clean_touches_no_stranger(story: Story) -> None:
    assert story.strangers_untouched


def test_clean_keeps_the_report_and_forgets_the_run(story: Story) -> None:
    assert story.kept >= {"events.ndjson", "journal.ndjson", "logs", "scenario.original.yaml", "streams"}
    assert story.index_afterwards == []


def test_a_second_clean_has_nothing_to_do(story: Story) -> None:
    assert story.second.returncode == 0
    assert "nothing to clean" in story.second.stderr
