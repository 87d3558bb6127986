"""A night: what is run, kept, reported, and what decides its exit code."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from chaoskit import scenario_file, wiring
from chaoskit.archive.shelf import read_shelf
from chaoskit.cli import series
from chaoskit.cli.budget import Budget, read_budget
from chaoskit.cli.job import job_of
from chaoskit.cli.night import Nightly, run_nightly
from chaoskit.cli.selection import Filter
from chaoskit.errors import Exit, UsageError
from chaoskit.judging import Judgement
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.verdict import Verdict
from chaoskit.session.running import Audience, Finished, Manner
from chaoskit.session.trials import Chosen, Trial, trials

KEPT = Path(__file__).parents[2] / "data" / "kept" / "crash-restart"
TEXT = "chaoskit: 1\nname: {name}\nquestion: q\nstack: {{regions: [us-east]}}\nduration: 5s\n"


class Clock:
    def __init__(self) -> None:
        self.ns = 0

    def now_ns(self) -> int:
        return self.ns

    def sleep(self, seconds: float) -> None:
        self.ns += round(seconds * 1e9)

    def epoch_wall_ns(self) -> int:
        return 0


def judged(trial: Trial, report_dir: Path, verdict: Verdict) -> Finished:
    """What a real run left, under this trial's name."""
    row = json.loads(min(KEPT.glob("*.json")).read_text())
    row |= {"scenario": trial.chosen.scenario.name, "trial": trial.number, "verdict": verdict.value}
    row["objectives"][0]["verdict"] = verdict.value
    directory = report_dir / trial.chosen.scenario.name / trial.plan.run
    directory.mkdir(parents=True)
    (directory / "result.json").write_text(json.dumps(row))
    (directory / "run.json").write_text(json.dumps({"run": trial.plan.run, "sets": list(trial.chosen.sets)}))
    judgement = Judgement(verdict=verdict, result=row, report=directory / "report.html")
    return Finished(exit=verdict.exit_code, judgement=judgement)


class Willing:
    """A kit that refuses nothing."""

    def refuses(self, _scenario: object) -> None:
        return None


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Exit]:
    """Run a night of two scenarios; each trial ends with that verdict, without a stack."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.chaos.yaml").write_text(TEXT.format(name=name))
    monkeypatch.setattr(wiring, "kit", lambda _runtime, _env, _say: Willing())

    def run(verdict: Verdict = Verdict.PASS, *, history: str = "history", budget_s: float | None = None) -> Exit:
        monkeypatch.setattr(series, "run_trial", lambda trial, _kit, manner: judged(trial, manner.report_dir, verdict))
        asked = Nightly(
            paths=(tmp_path,), filter=Filter(), runtime=RuntimeName.LOCAL,
            total=None, seed=None, history=tmp_path / history,
            budget_ns=None if budget_s is None else round(budget_s * 1e9), json=False, shape=None,
        )  # fmt: skip
        audience = Audience(say=lambda _text: None, watching=lambda _name: nullcontext(lambda _progress: None))
        reports = tmp_path / "reports"
        manner = Manner(report_dir=reports, keep_stack=False, lock=False, sets=(), env={}, audience=audience)
        env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        return run_nightly(asked, manner, job_of(env))

    return run


def test_five_trials_of_each_scenario_are_run_and_kept_as_one_night(night, tmp_path) -> None:
    assert night() is Exit.PASS
    shelf = read_shelf(tmp_path / "history")
    assert (len(shelf.runs), shelf.unreadable, len({run.night for run in shelf.runs})) == (10, (), 1)
    assert (tmp_path / "history" / "index.html").exists()


def test_objectives_decide_the_exit_code_and_each_that_failed_is_marked_once(night, tmp_path, capsys) -> None:
    assert night(Verdict.FAIL) is Exit.FAIL
    marks = [line for line in capsys.readouterr().out.splitlines() if line.startswith("::error")]
    assert len(marks) == 2
    assert "(5 of 5 trials failed)" in marks[0]
    assert (tmp_path / "summary.md").read_text().startswith("## chaoskit: 10 runs: 10 fail")


def test_seeds_are_printed_and_no_night_is_like_another(night, tmp_path, capsys) -> None:
    night()
    night(history="other")
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("tonight's seed: ")]
    assert len(set(told)) == 2


def test_a_budget_leaves_out_last_trials_first_says_so_and_is_no_pass(night, tmp_path, capsys) -> None:
    assert night(budget_s=10) is Exit.INCONCLUSIVE
    assert "not run: it takes 25 s, and 10 s of the budget are left" in capsys.readouterr().err
    assert "10 not run" in (tmp_path / "summary.md").read_text()


def test_a_history_that_cannot_be_written_is_said_and_decides_nothing(night, tmp_path, capsys) -> None:
    (tmp_path / "history").mkdir()
    for name in ("one", "two"):
        (tmp_path / "history" / name).write_text("in the way")
    assert night() is Exit.PASS
    assert "warning: one 1/5 could not be kept in" in capsys.readouterr().err


def test_a_history_inside_the_reports_is_refused_before_anything_starts(night) -> None:
    with pytest.raises(UsageError, match="lies in"):
        night(history="reports/history")


def test_a_budget_learns_how_long_a_scenario_takes(tmp_path: Path) -> None:
    path = tmp_path / "one.chaos.yaml"
    path.write_text(TEXT.format(name="one"))
    first, second, third = trials(Chosen(path=path, scenario=scenario_file.load(path), found=True), total=3, seed=1)
    clock = Clock()
    budget = Budget(read_budget("1m"), clock)
    assert budget.halt(first) is None
    clock.sleep(20)
    assert budget.halt(second) is None
    clock.sleep(31)
    outcome = budget.halt(third)
    assert outcome is not None
    assert outcome.told == "not run: it takes 31 s, and 9 s of the budget are left"


def test_a_budget_that_is_no_duration_is_refused() -> None:
    with pytest.raises(UsageError, match="--budget 90"):
        read_budget("90")
