"""What docs/what-each-number-means.md says a report looks like is what reports look like."""

import re

import pytest
from book import CODE_SPAN, ROOT

from chaoskit.report.words import FINDINGS

PAGE = (ROOT / "docs" / "what-each-number-means.md").read_text(encoding="utf-8")
TEMPLATES = [path.read_text(encoding="utf-8") for path in (ROOT / "chaoskit/report/templates").glob("*.jinja")]
SECTIONS = {name for text in TEMPLATES for name in re.findall(r"<h2>([\w ]+)</h2>", text)} | {"the sentence at the top"}
ENTRIES = dict(
    re.findall(r"^\*\*([^*]+)\.\*\* .*?^> Looks like this in the report: (.*?)$", PAGE, re.DOTALL | re.MULTILINE)
)


def test_every_entry_says_how_it_looks() -> None:
    assert list(ENTRIES) == re.findall(r"^\*\*([^*]+)\.\*\* ", PAGE, re.MULTILINE)


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_it_looks_like_is_in_a_section_of_the_report(entry: str) -> None:
    section, _, rest = ENTRIES[entry].partition(", ")
    assert section in SECTIONS
    if section == "Findings" and (shown := [span for span in CODE_SPAN.findall(rest) if " " in span]):
        assert any(words.startswith(shown[0]) for words in FINDINGS.values())


def test_every_finding_is_told() -> None:
    assert [name for name in FINDINGS if name not in PAGE] == []
