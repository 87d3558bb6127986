"""The commands about many runs, on what real runs left."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from chaoskit.cli import app
from chaoskit.errors import UsageError

KEPT = Path(__file__).parents[2] / "data" / "kept"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "history"))


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_trend_renews_the_page_and_says_that_nothing_changed(history: Path) -> None:
    done = call("trend", history)
    assert (done.exit_code, done.stdout) == (0, "no change found\n")
    assert (history / "index.html").exists()


def test_trend_prints_every_series_for_programs(history: Path) -> None:
    told = json.loads(call("trend", history, "--json").stdout)
    (series,) = [one for one in told["series"] if (one["scenario"], one["objective"]) == ("crash-restart", "write-rto")]
    (night,) = series["nights"]
    assert (night["night"], night["trials"], night["not_recovered"], series["changes"]) == ("2026-11-21", 5, 0, [])
    assert 1 < night["median"] < 3


def test_compare_prints_a_table_markdown_or_json(history: Path) -> None:
    a, b = history / "crash-restart", history / "client-ack-loss"
    assert "no difference seen" in call("compare", a, a).stdout
    assert call("compare", a, b, "--format", "markdown").stdout.startswith("## chaoskit compare: crash-restart and")
    assert json.loads(call("compare", a, b, "--json").stdout)["a"]["runs"] == 5


def test_report_prints_documents_of_a_folder_of_runs(history: Path) -> None:
    assert len(ElementTree.fromstring(call("report", history, "--format", "junit").stdout)) == 3
    assert len(json.loads(call("report", history, "--format", "json").stdout)["runs"]) == 15
    assert call("report", history, "--format", "csv").stdout.startswith("scenario,variant,trial,")
    assert call("report", history, "--format", "markdown").stdout.startswith("## chaoskit: 15 runs: 15 pass\n")


@pytest.mark.parametrize("words", [("trend",), ("report", "--format", "csv")])
def test_a_folder_without_runs_is_an_error_with_a_way_out(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="no runs"):
        call(*words, tmp_path)
