"""What the documents show works as it stands there."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer.main
from book import PAGES, ROOT, Block, Clone, blocks, named, prose, says
from ruamel.yaml import YAML

from chaoskit import planning, scenario_file
from chaoskit.cli import app
from chaoskit.cli.selection import Filter, load
from chaoskit.errors import UsageError

EVERY = tuple(block for page in PAGES for block in blocks(page))
REASONS = {
    "it is what runs this test": 2,
    "it installs packages": 1,
    "it needs a Grafana": 1,
    "it builds images for minutes": 1,
    "it is a file of Prometheus": 1,
    "it takes a night": 1,
    "it is an example for another system": 2,
}
"""Why a block is not tried, and how many blocks may say so."""
MARKS = re.compile(
    "|".join(
        (
            r"exits with (?P<exit>\d)",
            r"takes a minute",  # tests/stack/test_documents.py
            r"(?P<read>a run: read, and not begun)",
            r"(?P<wrong>wrong on purpose)",
            r"tried on (?P<page>docs/[\w-]+\.md)",
            r"run by (?P<test>tests/[\w/]+\.py)",
            r"merged into (?P<base>scenarios/[\w.-]+)",
            r"not tried: (?P<reason>.*)",
        )
    )
)


def marked(block: Block, kind: str) -> str | None:
    """What the block's mark says of one kind."""
    found = MARKS.fullmatch(block.mark)
    return found[kind] if found else None


def with_mark(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", [block for block in EVERY if marked(block, kind)], ids=str)


@pytest.mark.parametrize("block", EVERY, ids=str)
def test_a_block_names_its_language_and_how_it_is_tried(block: Block) -> None:
    assert block.language in {"console", "yaml", "python", "json", "text"}
    assert not block.mark or MARKS.fullmatch(block.mark), f"{block.mark} is no mark"


def test_few_blocks_are_not_tried_and_each_says_why() -> None:
    said = [reason for block in EVERY if (reason := marked(block, "reason"))]
    assert {reason: said.count(reason) for reason in said if said.count(reason) > REASONS.get(reason, 0)} == {}


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=named)
def test_a_page_can_be_followed_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    for block in blocks(page):
        if block.file:
            clone.write(block.file, block.text)
        if block.language == "console" and (not block.mark or marked(block, "exit")):
            for command, shown in block.commands:
                said = clone.type(command)
                assert said.code == int(marked(block, "exit") or 0), f"{block}: {command}\n{said.printed}"
                assert not shown.strip() or says(shown, said.printed), f"{block}: {command}\n{said.printed}"


SCENARIOS = [block for block in EVERY if block.language == "yaml" and "chaoskit: 1\n" in block.text]


@pytest.mark.parametrize("block", [block for block in SCENARIOS if not marked(block, "wrong")], ids=str)
def test_a_scenario_is_valid_and_its_plan_warns_of_nothing(block: Block) -> None:
    for scenario in scenario_file.parse_all(block.text, str(block)):
        assert not planning.warnings(planning.plan(scenario, seed=1, run="000000"))


@with_mark("wrong")
def test_a_scenario_that_is_wrong_on_purpose_is_refused(block: Block) -> None:
    with pytest.raises(scenario_file.ScenarioErrors):
        scenario_file.parse(block.text, str(block))


@with_mark("base")
def test_a_part_of_a_scenario_fits_into_the_whole(block: Block) -> None:
    base = ROOT / str(marked(block, "base"))
    sets = [f"{key}={json.dumps(value)}" for key, value in YAML(typ="safe").load(block.text).items()]
    planning.plan(scenario_file.load(base, sets), seed=1, run="000000")


@pytest.mark.parametrize("block", [b for b in EVERY if b.language in {"yaml", "json"}], ids=str)
def test_what_another_system_reads_is_yaml(block: Block) -> None:
    assert YAML(typ="safe").load(block.text)


@pytest.mark.parametrize("block", [b for b in EVERY if b.language == "python"], ids=str)
def test_what_is_python_compiles(block: Block) -> None:
    compile(block.text, str(block), "exec")


@with_mark("read")
def test_a_run_that_is_shown_is_understood_and_selects_scenarios(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = Clone(tmp_path)
    for other in blocks(block.page):
        if other.file:
            clone.write(other.file, other.text)
    monkeypatch.chdir(tmp_path)
    for command, _ in block.commands:
        program, name, *words = shlex.split(re.sub(r" [>|] .*| #.*", "", command))
        assert program == "chaoskit", f"{block}: {command}"
        asked = typer.main.get_group(app).commands[name].make_context(name, words).params
        Filter(expression=asked["expression"], tags=tuple(asked["tags"] or ())).keep(
            load([Path(path) for path in asked["paths"] or ["scenarios"]], tuple(asked["sets"] or ()))
        )


@with_mark("page")
def test_what_is_tried_on_another_page_stands_there(block: Block) -> None:
    elsewhere = {command for other in blocks(ROOT / str(marked(block, "page"))) for command in typed(other)}
    assert {*typed(block)} <= elsewhere


def typed(block: Block) -> list[str]:
    return [command for command, _ in block.commands] if block.language == "console" else []


@with_mark("test")
def test_what_another_test_runs_is_read_by_that_test(block: Block) -> None:
    assert block.page.name in (ROOT / str(marked(block, "test"))).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_positions_in_a_file_that_a_page_shows_are_right(page: Path) -> None:
    texts = {block.file: block.text.splitlines() for block in blocks(page)}
    for name, line, column, word in re.findall(r"`([\w./-]+\.yaml):(\d+):(\d+): (\w+)", prose(page)):
        assert texts[name][int(line) - 1][int(column) - 1 :].startswith(word)


@pytest.mark.parametrize(
    ("shown", "printed", "fits"),
    [
        ("one\ntwo", "one\ntwo\n", True),
        ("one\n…\nfour", "one\ntwo\nthree\nfour\n", True),
        ("one\n…", "one\n", True),
        ("in … s", "in 1.2 s\n", True),
        ("one\n…\nfour", "one\ntwo\n", False),
        ("one", "one\ntwo\n", False),
        ("a.b", "a-b\n", False),
    ],
)
def test_what_is_shown_is_compared_word_by_word_but_for_dots(shown: str, printed: str, fits: bool) -> None:
    assert says(shown, printed) is fits


def test_a_refused_command_is_noticed(tmp_path: Path) -> None:
    assert Clone(tmp_path).type("chaoskit validate scenarios/none.chaos.yaml").code == UsageError.exit_code
