"""Two groups of runs side by side: intervals over trials, failures as failures, and what else changed."""

import json
from pathlib import Path

import pytest

from chaoskit.archive.pair import compare
from chaoskit.errors import UsageError
from chaoskit.report.comparison import comparison_json, comparison_markdown, reading


def by_name(a: Path, b: Path) -> dict[str, dict[str, object]]:
    return {row["objective"]: row for row in comparison_json(compare(a, b))["objectives"]}


def test_a_group_beside_itself_does_not_differ(kept: Path) -> None:
    rows = by_name(kept / "crash-restart", kept / "crash-restart")
    assert {row["reading"] for row in rows.values()} == {"no difference seen"}
    low, high = rows["write-rto"]["interval"]  # type: ignore[misc]
    assert low < 0 < high


def test_the_same_comparison_gives_the_same_interval(kept: Path) -> None:
    a, b = kept / "crash-restart", kept / "client-ack-loss"
    assert comparison_json(compare(a, b)) == comparison_json(compare(a, b))


def test_one_trial_has_no_interval_and_it_says_so(run_directory, kept: Path) -> None:
    text = comparison_markdown(compare(run_directory("a"), kept / "crash-restart"))
    assert "no interval: 1 and 5 trials" in text
    assert "too few trials to tell" in text


def test_runs_that_did_not_recover_are_counted_and_never_made_a_number(run_directory, kept: Path, tmp_path) -> None:
    for number in range(5):
        row = json.loads((run_directory(f"t{number}") / "result.json").read_text())
        row["objectives"][0]["observed"]["hi"] = None
        (tmp_path / "reports" / "crash-restart" / f"t{number}" / "result.json").write_text(json.dumps(row))
    rows = by_name(kept / "crash-restart", tmp_path / "reports")
    assert (rows["write-rto"]["shift"], rows["write-rto"]["interval"]) == (None, None)
    assert rows["write-rto"]["b"] == {"median": None, "trials": 5, "not_recovered": 5, "unknown": 0}
    assert rows["write-rto"]["reading"] == "B is worse"


def test_what_changed_in_scenario_versions_and_overlays_is_told(run_directory) -> None:
    a = run_directory("a")
    environment = json.loads((a / "result.json").read_text())["environment"]
    b = run_directory("b", environment={**environment, "versions": {**environment["versions"], "postgresql": "19"}})
    (b / "scenario.resolved.yaml").write_text("name: crash-restart\nduration: 9s\n")
    (b / "run.json").write_text(json.dumps({"run": "b", "sets": ["duration=9s"]}))
    told = compare(a, b)
    assert told.news == ("postgresql version 18.4 → 19", "--set none → duration=9s")
    assert "+duration: 9s" in told.scenario_diff
    assert "```diff" in comparison_markdown(told)


def test_an_objective_of_one_side_is_shown_and_not_compared(kept: Path) -> None:
    told = compare(kept / "crash-restart", kept / "client-ack-loss")
    (one,) = [one for one in told.objectives if one.objective == "eu-west-rto"]
    assert (one.difference, one.levels[0] is None, one.levels[1] is None) == (None, True, False)
    assert reading(one) == "too few trials to tell"


@pytest.mark.parametrize("folder", ["", "none"])
def test_folders_without_runs_or_with_several_scenarios_are_refused(kept: Path, folder: str) -> None:
    with pytest.raises(UsageError, match=r"3 scenarios|there is no"):
        compare(kept / "crash-restart", kept / folder)


def test_variants_are_compared_with_each_other_and_never_mixed(run_directory, tmp_path: Path) -> None:
    folders = {
        name: run_directory("run", below=f"reports/crash-restart/{name}", variant=name).parent for name in ("a", "b")
    }
    told = compare(folders["a"], folders["b"])
    assert [side.scenario for side in (told.a, told.b)] == ["crash-restart[a]", "crash-restart[b]"]
    with pytest.raises(UsageError, match=r"2 scenarios\n.*crash-restart\[a\], crash-restart\[b\]\n.*crash-restart/a$"):
        compare(folders["a"], tmp_path / "reports")
