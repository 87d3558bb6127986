import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEPT = Path(__file__).parents[2] / "data" / "kept"


@pytest.fixture
def kept() -> Path:
    """Kept results of real runs: three scenarios, five trials each."""
    return KEPT


@pytest.fixture
def run_directory(tmp_path: Path) -> Callable[..., Path]:
    """Make a run directory with a result, as small as it can be, out of one that was kept."""

    def make(name: str, *, below: str = "reports/crash-restart", **changes: Any) -> Path:
        directory = tmp_path / below / name
        directory.mkdir(parents=True)
        row = json.loads(min((KEPT / "crash-restart").glob("*.json")).read_text())
        facts = {"run": name, "sets": row.pop("sets")}
        for key in ("kept", "night", "run", "digest", "told"):
            row.pop(key)
        (directory / "result.json").write_text(json.dumps({**row, "run_dir": str(directory), **changes}))
        (directory / "run.json").write_text(json.dumps(facts))
        (directory / "scenario.resolved.yaml").write_text("name: crash-restart\n")
        (directory / "report.html").write_text("<p>")
        return directory

    return make


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A history of its own, with what is stored."""
    return Path(shutil.copytree(KEPT, tmp_path / "history"))
