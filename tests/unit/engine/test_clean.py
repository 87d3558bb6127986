"""What ``clean`` takes for the run's own, with real processes; a whole killed run is in ``tests/stack``."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from chaoskit.engine.clean import Cleaned, Swept, clean
from chaoskit.errors import StackError
from chaoskit.processes import Launcher, Process

DEAD = {"pid": 2**22 + 1, "started": 0.0}  # beyond the largest pid


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts ``sleep`` under a run's label."""
    started: list[Process] = []

    def make(run: str, cwd: Path | None = None) -> Process:
        launcher = Launcher(run=run, logs=tmp_path / "logs", started=lambda _name, _process: None)
        started.append(launcher.start(f"sleep-{len(started)}", ["sleep", "600"], cwd=cwd))
        return started[-1]

    yield make
    for process in started:
        process.stop()


def no_engine(address: str, run: str) -> Swept:
    raise AssertionError(f"the run {run} has nothing at {address}")


def held_by_an_engine(tmp_path: Path) -> Path:
    """The index of a killed harness that had things in an engine, and whose reports are gone."""
    index = tmp_path / "index"
    index.mkdir()
    facts = {"run": "abc", "journal": str(tmp_path / "gone"), "engines": ["unix:///engine"], **DEAD}
    (index / "abc.json").write_text(json.dumps(facts))
    return index


def killed_run(tmp_path: Path, *journal: dict[str, object], harness: dict[str, object] = DEAD) -> list[Cleaned]:
    """Clean after a harness that left this journal."""
    path, index = tmp_path / "journal.ndjson", tmp_path / "index"
    path.write_text("".join(json.dumps(line) + "\n" for line in journal) + '{"kind": "torn')
    index.mkdir(exist_ok=True)
    (index / "abc.json").write_text(json.dumps({"run": "abc", "journal": str(path), **harness}))
    return clean(index, no_engine)


def journaled(process: Process, *, older_s: float = 0.0) -> dict[str, object]:
    started = psutil.Process(process.pid).create_time() - older_s
    return {"kind": "process", "name": "sleep", "pid": process.pid, "started": started}


def test_a_journaled_process_is_ended_even_when_it_is_frozen(tmp_path: Path, start: Callable[..., Process]) -> None:
    ours = start("unlabelled")
    psutil.Process(ours.pid).suspend()
    (done,) = killed_run(tmp_path, journaled(ours))
    assert (done.killed, done.left) == (1, ())
    assert not ours.running()
    assert list((tmp_path / "index").iterdir()) == []


def test_a_labelled_process_that_never_reached_the_journal_is_ended(
    tmp_path: Path, start: Callable[..., Process]
) -> None:
    ours, other = start("abc"), start("abcd")
    (done,) = killed_run(tmp_path)
    assert done.killed == 1
    assert (ours.running(), other.running()) == (False, True)


def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path, start: Callable[..., Process]) -> None:
    stranger = start("other")
    (done,) = killed_run(tmp_path, journaled(stranger, older_s=60))
    assert done.killed == 0
    assert stranger.running()


def test_a_journaled_directory_is_removed_and_its_neighbour_and_visitor_are_not(
    tmp_path: Path, start: Callable[..., Process]
) -> None:
    data, neighbour = tmp_path / "chaoskit-abc", tmp_path / "chaoskit-abc0"
    for directory in (data, neighbour):
        (directory / "us_east_1").mkdir(parents=True)
    visitor = start("other", cwd=data / "us_east_1")
    (done,) = killed_run(tmp_path, {"kind": "directory", "path": str(data)})
    assert done.removed == (str(data),)
    assert (data.exists(), neighbour.exists()) == (False, True)
    assert visitor.running()


def test_a_run_whose_harness_lives_is_left_alone(tmp_path: Path, start: Callable[..., Process]) -> None:
    ours = start("abc")
    me = {"pid": os.getpid(), "started": psutil.Process().create_time()}
    assert killed_run(tmp_path, journaled(ours), harness=me) == [Cleaned(run="abc", running=True)]
    assert ours.running()
    assert len(list((tmp_path / "index").iterdir())) == 1


def test_a_journal_that_is_gone_still_lets_labelled_processes_be_found(
    tmp_path: Path, start: Callable[..., Process]
) -> None:
    ours = start("abc")
    index = tmp_path / "index"
    index.mkdir()
    (index / "abc.json").write_text(json.dumps({"run": "abc", "journal": str(tmp_path / "gone"), **DEAD}))
    assert clean(index, no_engine) == [Cleaned(run="abc", running=False, killed=1)]
    assert not ours.running()


def test_without_an_index_there_is_nothing_to_clean(tmp_path: Path) -> None:
    assert clean(tmp_path / "none", no_engine) == []


def test_what_an_engine_holds_is_removed_even_when_the_journal_is_gone(tmp_path: Path) -> None:
    index, asked = held_by_an_engine(tmp_path), []

    def sweep(address: str, run: str) -> Swept:
        asked.append((address, run))
        return Swept(removed=("container wan",))

    assert clean(index, sweep) == [Cleaned(run="abc", running=False, removed=("container wan",))]
    assert asked == [("unix:///engine", "abc")]
    assert list(index.iterdir()) == []


def test_what_an_engine_does_not_let_go_of_keeps_the_entry(tmp_path: Path) -> None:
    index = held_by_an_engine(tmp_path)
    (done,) = clean(index, lambda _address, _run: Swept(removed=("volume a",), left=("network b (in use)",)))
    assert (done.removed, done.left) == (("volume a",), ("network b (in use)",))
    assert [entry.name for entry in index.iterdir()] == ["abc.json"]


def test_an_engine_that_does_not_answer_is_named_and_keeps_the_entry(tmp_path: Path) -> None:
    index = held_by_an_engine(tmp_path)

    def gone(_address: str, _run: str) -> Swept:
        raise StackError("no engine", why="connection refused")

    (done,) = clean(index, gone)
    assert done.left == ("what the Docker engine at unix:///engine holds (connection refused)",)
    assert [entry.name for entry in index.iterdir()] == ["abc.json"]
