"""Which scenarios are run: as named, as found, narrowed by name and tag."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chaoskit.cli import selection
from chaoskit.cli.selection import Filter
from chaoskit.errors import UsageError

Write = Callable[..., Path]
VARIANTS = "duration: 5s\nmatrix: {replication: {any1: {}, any10: {}}, distance: {near: {}, far: {}}}\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario below a folder."""

    def one(where: str, name: str, *tags: str, more: str = "duration: 5s\n") -> Path:
        path = tmp_path / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"chaoskit: 1\nname: {name}\nquestion: q\ntags: [{', '.join(tags)}]\nstack: {{regions: [us-east]}}\n{more}"
        )
        return path

    return one


def names(chosen: tuple[selection.Chosen, ...]) -> list[str]:
    return [one.scenario.title for one in chosen]


def test_a_folder_is_searched_to_any_depth_in_the_order_of_its_paths(write: Write, tmp_path: Path) -> None:
    write("b.chaos.yaml", "b")
    write("a/z.chaos.yaml", "z")
    write("a/deep/y.chaos.yaml", "y")
    write("notes.yaml", "notes")
    assert names(selection.load([tmp_path])) == ["y", "z", "b"]


def test_a_file_that_is_named_and_found_is_run_once_where_it_was_named(write: Write, tmp_path: Path) -> None:
    named = write("b.chaos.yaml", "b")
    write("a.chaos.yaml", "a")
    chosen = selection.load([named, tmp_path])
    assert [(one.scenario.name, one.found) for one in chosen] == [("b", False), ("a", True)]


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \*\.chaos\.yaml in"):
        selection.load([tmp_path])


def test_every_file_with_errors_is_told_not_only_the_first(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("a.chaos.yaml", "a", more="duratoin: 5s\n")
    write("b.chaos.yaml", "b")
    write("c.chaos.yaml", "c", more="")
    with pytest.raises(UsageError, match=r"c\.chaos\.yaml|the scenario c has no end"):
        selection.load([tmp_path])
    assert "a.chaos.yaml:6:1: error:" in capsys.readouterr().err


def test_values_are_set_in_every_file(write: Write, tmp_path: Path) -> None:
    write("a.chaos.yaml", "a")
    write("b.chaos.yaml", "b")
    chosen = selection.load([tmp_path], ("duration=7s", "load.pace=3/s"))
    assert {(one.scenario.duration_ns, one.scenario.load.pace_hz) for one in chosen} == {(7_000_000_000, 3.0)}


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (Filter(), ["cut-long", "cut-short", "loss"]),
        (Filter(expression="cut and not long"), ["cut-short"]),
        (Filter(tags=("slow",)), ["cut-long", "loss"]),
        (Filter(tags=("quick", "demo")), ["cut-short", "loss"]),
        (Filter(expression="cut", tags=("slow",)), ["cut-long"]),
    ],
)
def test_names_and_tags_narrow_what_was_found(write: Write, tmp_path: Path, wanted: Filter, kept: list[str]) -> None:
    write("1.chaos.yaml", "cut-long", "slow")
    write("2.chaos.yaml", "cut-short", "quick")
    write("3.chaos.yaml", "loss", "slow", "demo")
    assert names(wanted.keep(selection.load([tmp_path]))) == kept


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("loss", ["loss[any1-near]", "loss[any1-far]", "loss[any10-near]", "loss[any10-far]"]),
        ("any1-", ["loss[any1-near]", "loss[any1-far]"]),
        ("loss[any1-far]", ["loss[any1-far]"]),
        ("far] and not any10", ["loss[any1-far]"]),
        ("cut or near", ["cut", "loss[any1-near]", "loss[any10-near]"]),
    ],
)
def test_variants_are_scenarios_of_their_own_and_selected_by_their_names(
    write: Write, tmp_path: Path, expression: str, kept: list[str]
) -> None:
    write("1.chaos.yaml", "cut")
    write("2.chaos.yaml", "loss", more=VARIANTS)
    assert names(Filter(expression=expression).keep(selection.load([tmp_path]))) == kept


def test_variants_have_tags_of_their_own(write: Write, tmp_path: Path) -> None:
    write("1.chaos.yaml", "loss", "slow", more=VARIANTS.replace("any1: {}", "any1: {tags: [quick]}"))
    assert names(Filter(tags=("quick",)).keep(selection.load([tmp_path]))) == ["loss[any1-near]", "loss[any1-far]"]


def test_where_nothing_is_selected_it_says_what_there_was(write: Write, tmp_path: Path) -> None:
    write("1.chaos.yaml", "cut", "slow")
    with pytest.raises(UsageError) as error:
        Filter(expression="loss").keep(selection.load([tmp_path]))
    assert "there are cut; tags: slow" in error.value.why
