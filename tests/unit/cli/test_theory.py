"""The table of what theory says and what was observed: spans over runs, and nothing that was not recorded."""

import json
from pathlib import Path
from typing import Any

import pytest

from chaoskit import __version__
from chaoskit.cli.observed import print_table
from chaoskit.cli.theory import theory_table
from chaoskit.errors import UsageError


def recovery(lo_s: float | None, hi_s: float | None, region: str = "eu-west", **more: Any) -> dict[str, Any]:
    row = {"step": "lose", "cause": "onset", "region": region, "operation": "write", "connection": "fresh"}
    return {**row, "lo_s": lo_s, "hi_s": hi_s, "censored": False, "excluded": False, **more}


def result(name: str = "loss", *, lost: int | None = 3, verdict: str = "pass", **more: Any) -> dict[str, Any]:
    observed = {"lo": 7.4, "hi": 7.5, "unit": "s", "text": "", "where": ""}
    objective = {"name": "write-rto", "expected": "max 15s", "verdict": verdict, "observed": observed}
    return {
        "scenario": name,
        "question": f"What of {name}?",
        "hypothesis": "It is | lost.",
        "verdict": verdict,
        "started_at": "2026-01-01T00:00:00+00:00",
        "run_dir": "a",
        "rpo": {"lost_writes": lost},
        "objectives": [objective],
        "rto": [recovery(7.4, 7.5)],
        "environment": {"cores": 2, "versions": {"chaoskit": __version__, "postgresql": "18.4"}},
        **more,
    }


def lines(*results: dict[str, Any]) -> list[str]:
    return theory_table(results, version="1").splitlines()


def test_figures_span_all_runs() -> None:
    other = result(lost=14, rto=[recovery(8.0, 8.2), recovery(5.0, 5.1, "ap-south")])
    other["objectives"][0]["observed"] |= {"lo": 8.0, "hi": 8.2}
    told = lines(result(), other)
    assert "| [loss](#loss) | What of loss? | 2 × pass | 7.40-8.20 s | 3-14 |" in told
    assert "| write-rto | max 15s | 7.40-8.20 s | 2 × pass |" in told
    assert "| onset of lose | eu-west | write | 7.40-8.20 s |" in told
    assert "| onset of lose | ap-south | write | 5.00-5.10 s |" in told


def test_runtimes_stand_side_by_side_and_what_one_did_not_run_is_no_figure() -> None:
    only = result("cable", runtime="docker")
    told = lines(result(runtime="docker", rto=[recovery(6.1, 6.2)]), result(runtime="local"), only)
    assert "| objective | expected | local: observed | local: verdicts | docker: observed | docker: verdicts |" in told
    assert "| [loss](#loss) | What of loss? | 1 × pass | 7.40-7.50 s | 3 | 1 × pass | 6.10-6.20 s | 3 |" in told
    assert "| [cable](#cable) | What of cable? | – | – | – | 1 × pass | 7.40-7.50 s | 3 |" in told
    assert "| onset of lose | eu-west | write | 7.40-7.50 s | 6.10-6.20 s |" in told
    assert "| onset of lose | eu-west | write | – | 7.40-7.50 s |" in told
    assert "| write-rto | max 15s | – | – | 7.40-7.50 s | 1 × pass |" in told
    assert told[told.index("## cable") :].count("**Observed on local:** not run there.") == 1


def test_variants_are_not_each_other_s_runs() -> None:
    told = lines(result(variant="a"), result(variant="b", lost=9))
    assert "| [loss[b]](#lossb) | What of loss? | 1 × pass | 7.40-7.50 s | 9 |" in told


def test_verdicts_are_counted_the_good_ones_first() -> None:
    told = lines(result(verdict="inconclusive"), result(), result(verdict="fail"), result())
    assert "**Observed:** 2 × pass, 1 × fail, 1 × inconclusive; lost writes: 3." in told


def test_what_was_unknown_or_did_not_recover_is_said_and_never_a_number() -> None:
    unknown = result(lost=None, rto=[recovery(9.0, None, censored=True)])
    unknown["objectives"][0]["observed"] |= {"lo": None, "hi": None}
    assert "| write-rto | max 15s | 7.40-7.50 s (1 unknown) | 2 × pass |" in lines(result(), unknown)
    overview = next(line for line in lines(result(), unknown) if line.startswith("| [loss]"))
    assert "7.40-7.50 s (1 not before the end of the run) | 3 (1 unknown) |" in overview
    assert "| unknown |" in next(line for line in lines(unknown) if line.startswith("| [loss]"))


def test_a_run_without_an_outage_is_not_one_that_recovered() -> None:
    calm = result(rto=[recovery(0, 0.05)])
    assert "| no outage |" in next(line for line in lines(calm) if line.startswith("| [loss]"))
    mixed = next(line for line in lines(calm, result()) if line.startswith("| [loss]"))
    assert "7.40-7.50 s (1 without an outage)" in mixed


def test_the_same_runs_give_the_same_document_in_any_order() -> None:
    runs = [result("b"), result("a"), result("b", run_dir="z", lost=1)]
    assert theory_table(runs, version="1") == theory_table(runs[::-1], version="1")


def test_words_stay_inside_their_cell() -> None:
    assert any("What \\| of it?" in line for line in lines(result(question="What | of\nit?")))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for number, (version, sets) in enumerate([(__version__, []), ("0.0.0", []), (__version__, ["load.pace=1/s"])]):
        directory = tmp_path / "loss" / str(number)
        directory.mkdir(parents=True)
        made = result()
        made["environment"]["versions"]["chaoskit"] = version
        (directory / "result.json").write_text(json.dumps(made))
        (directory / "run.json").write_text(json.dumps({"sets": sets}))
    return tmp_path


def test_only_runs_of_this_version_and_of_the_file_s_own_scenario_count(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_table(runs)
    out, said = capsys.readouterr()
    assert f"1 run with chaoskit {__version__}" in out
    assert "it is of chaoskit 0.0.0" in said
    assert "(--set load.pace=1/s)" in said


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no runs of chaoskit"):
        print_table(tmp_path)
