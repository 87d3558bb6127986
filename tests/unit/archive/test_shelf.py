"""Runs are found wherever they lie below a folder, read once, and told of when they cannot be read."""

import json
from pathlib import Path

from chaoskit.archive.kept import slim
from chaoskit.archive.nights import series
from chaoskit.archive.shelf import CACHE, read_shelf, write_atomically


def test_kept_results_of_real_runs_are_read_as_one_night(kept: Path) -> None:
    shelf = read_shelf(kept)
    assert (len(shelf.runs), shelf.unreadable) == (15, ())
    by_name = {(one.key.scenario, one.key.objective): one for one in series(shelf.runs)}
    (night,) = by_name["crash-restart", "write-rto"].nights
    assert (night.name, len(night.figures), night.unknown) == ("2026-11-21", 5, 0)
    assert all(1 < figure.value < 3 and not figure.censored for figure in night.figures)


def test_run_directories_are_found_at_any_depth_and_nothing_is_searched_inside_them(run_directory, tmp_path) -> None:
    one, two = run_directory("a"), run_directory("b", below="reports/deep/er")
    (one / "logs").mkdir()
    (one / "logs" / "result.json").write_text("{}")
    assert [run.path for run in read_shelf(tmp_path / "reports").runs] == [one, two]
    assert [run.path for run in read_shelf(one).runs] == [one]


def test_what_was_read_is_not_read_again_unless_it_changed(run_directory, tmp_path) -> None:
    root = tmp_path / "reports"
    one, two = run_directory("a"), run_directory("b")
    read_shelf(root, remember=True)
    cache = json.loads((root / CACHE).read_text())
    for entry in cache["runs"].values():
        entry["row"]["told"] = "from the cache"
    (root / CACHE).write_text(json.dumps(cache))
    changed = json.loads((two / "result.json").read_text())
    (two / "result.json").write_text(json.dumps({**changed, "verdict": "fail", "reason": "new"}))
    told = {run.path: run.row["told"] for run in read_shelf(root, remember=True).runs}
    assert told[one] == "from the cache"
    assert told[two] != "from the cache"


def test_a_broken_cache_is_no_more_than_slow(run_directory, tmp_path) -> None:
    run_directory("a")
    for text in ("{", "[]", '{"version": 99, "runs": {}}', '{"version": 1, "runs": {"x": 3}}'):
        (tmp_path / "reports" / CACHE).write_text(text)
        assert len(read_shelf(tmp_path / "reports", remember=True).runs) == 1


def test_runs_that_cannot_be_read_are_named_with_the_reason(run_directory, tmp_path) -> None:
    torn, running = run_directory("torn"), run_directory("running")
    (torn / "result.json").write_text('{"schema": 1, "objec')
    (running / "result.json").unlink()
    (tmp_path / "reports" / "note.json").write_text("{}")
    shelf = read_shelf(tmp_path / "reports")
    assert shelf.runs == ()
    why = {one.path.name: one.why for one in shelf.unreadable}
    assert why["running"] == "it has no result: it is still running, or was killed"
    assert why["torn"].startswith("JSONDecodeError")
    assert why["note.json"] == "ValueError: no result that chaoskit kept"


def test_what_is_kept_of_a_run_tells_nothing_of_the_machines_folders(run_directory) -> None:
    directory = run_directory("a")
    row = slim(directory, night="2026-11-22 02:00")
    assert str(directory) not in json.dumps(row)
    assert (row["night"], row["run"], row["digest"]) == ("2026-11-22 02:00", "a", slim(directory)["digest"])


def test_a_file_is_seen_whole_or_not_at_all(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.html", "old")
    write_atomically(tmp_path / "a.html", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.html", "new")]


def test_a_run_whose_instrument_was_in_doubt_has_no_figure_and_one_that_did_not_end_is_censored(
    run_directory, tmp_path
) -> None:
    first = json.loads((run_directory("a") / "result.json").read_text())
    (objective, *_) = first["objectives"]
    endless = {**objective, "observed": {**objective["observed"], "hi": None}, "verdict": "fail"}
    run_directory("b", objectives=[endless])
    run_directory("c", objectives=[objective], instrument={"doubts": ["late"]})
    found = {one.key.objective: one for one in series(read_shelf(tmp_path / "reports").runs)}
    (night,) = found[objective["name"]].nights
    assert (night.unknown, [figure.censored for figure in night.figures]) == (1, [False, True])
