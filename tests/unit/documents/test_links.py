"""What the documents point to is there: pages, headings, pictures, files."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from book import CODE_SPAN, GENERATED, PAGES, ROOT, blocks, named, prose

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
IN_REPOSITORY = re.compile(
    r"(?:\.\./)*(chaoskit/[\w/]+\.py|(?:compose|docs|scenarios|tests|\.ci|\.github)/[\w./-]*[\w/]|reports/README\.md)"
)

every_page = pytest.mark.parametrize("page", PAGES, ids=named)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Where a page's links inside the repository lead: the file, and the heading in it."""
    for target in LINK.findall(prose(page)):
        if "://" not in target:
            file, _, anchor = target.partition("#")
            yield (page.parent / file).resolve() if file else page, anchor


def anchors(page: Path) -> frozenset[str]:
    """The headings of a page as GitHub links them."""
    return frozenset(re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in HEADING.findall(prose(page)))


@every_page
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    lost = [
        (str(file), anchor)
        for file, anchor in links(page)
        if not file.exists() or (anchor and anchor not in anchors(file))
    ]
    assert lost == []


@every_page
def test_files_that_are_named_are_there(page: Path) -> None:
    shown = {block.file for block in blocks(page)}
    names = {found for span in CODE_SPAN.findall(prose(page)) for found in IN_REPOSITORY.findall(span)}
    assert sorted(name for name in names - shown if not (ROOT / name).exists()) == []


def test_the_table_of_contents_leads_to_every_page() -> None:
    contents = ROOT / "docs" / "README.md"
    own = {
        page for page in {*PAGES, *GENERATED} if page.parent in {ROOT / "docs", ROOT / "reports", ROOT / "scenarios"}
    }
    assert own - {contents} <= {file for file, _ in links(contents)}


def test_the_list_of_scenarios_names_every_one_and_no_other() -> None:
    table = prose(ROOT / "scenarios" / "README.md")
    named_there = re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)
    here = {path.name.removesuffix(".chaos.yaml") for path in (ROOT / "scenarios").glob("*.chaos.yaml")}
    assert sorted(named_there) == sorted(here)
