"""What the documents show works, and what they point to is there."""

import re
from pathlib import Path

import pytest

from chaoskit import planning, scenario_file

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "reports" / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_the_scenario_in_the_readme_is_valid_and_raises_no_warning(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    path = tmp_path / "readme.chaos.yaml"
    path.write_text(shown[1], encoding="utf-8")
    plan = planning.plan(scenario_file.load(path), seed=1, run="000000")
    assert not planning.warnings(plan)


def test_the_readme_names_every_scenario_that_is_here() -> None:
    named = set(re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {path.name.removesuffix(".chaos.yaml") for path in (ROOT / "scenarios").glob("*.chaos.yaml")} <= named


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []
