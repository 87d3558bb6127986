import json
from pathlib import Path

import psutil

from chaoskit.engine.journal import Journal, index_directory, lines


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_text('{"kind": "directory", "path": "/a"}\n{"kind": "fault", "what": "cut"}\n{"kind": "proc')
    assert [line["kind"] for line in lines(path)] == ["directory", "fault"]


def test_a_journal_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert list(lines(tmp_path / "journal.ndjson")) == []


def test_every_line_is_on_disk_when_the_call_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.ndjson", run="abc", index=tmp_path / "index")
    me = psutil.Process()
    journal.directory(Path("/dev/shm/chaoskit-abc"))
    journal.process("toxiproxy", me)
    journal.fault("cut: partition")
    assert list(lines(tmp_path / "journal.ndjson")) == [
        {"kind": "directory", "path": "/dev/shm/chaoskit-abc"},
        {"kind": "process", "name": "toxiproxy", "pid": me.pid, "started": me.create_time()},
        {"kind": "fault", "what": "cut: partition"},
    ]
    journal.close()


def test_the_index_names_the_run_until_the_journal_is_closed(tmp_path: Path) -> None:
    index = tmp_path / "index"
    journal = Journal(tmp_path / "journal.ndjson", run="abc", index=index)
    (entry,) = index.iterdir()
    facts = json.loads(entry.read_text())
    assert (facts["run"], facts["journal"]) == ("abc", str(tmp_path / "journal.ndjson"))
    assert facts["pid"] == psutil.Process().pid
    journal.close()
    journal.close()
    assert list(index.iterdir()) == []
    assert [line["kind"] for line in lines(tmp_path / "journal.ndjson")] == ["closed"]


def test_the_index_names_the_run_while_an_engine_holds_something_of_it(tmp_path: Path) -> None:
    index, address = tmp_path / "index", "unix:///var/run/docker.sock"
    for run, removed in (("abc", True), ("def", False)):
        journal = Journal(tmp_path / f"{run}.ndjson", run=run, index=index)
        journal.engine(address)
        assert json.loads((index / f"{run}.json").read_text())["engines"] == [address]
        if removed:
            journal.removed(address)
        journal.close()
        assert journal.unfinished is not removed
    assert [entry.name for entry in index.iterdir()] == ["def.json"]
    assert list(lines(tmp_path / "abc.ndjson")) == [
        {"kind": "engine", "address": address},
        {"kind": "removed", "address": address},
        {"kind": "closed"},
    ]


def test_the_index_follows_the_xdg_state_directory() -> None:
    assert index_directory({"XDG_STATE_HOME": "/state"}) == Path("/state/chaoskit/runs")
    assert index_directory({"XDG_STATE_HOME": ""}) == Path.home() / ".local/state/chaoskit/runs"
