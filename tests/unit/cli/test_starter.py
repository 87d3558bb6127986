"""What ``chaoskit init`` writes: a scenario that is right, and comments that name nothing that does not exist."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from chaoskit import planning, scenario_file
from chaoskit.cli.starter import STARTER, write_starter
from chaoskit.errors import UsageError

TEXT = files("chaoskit.cli").joinpath(STARTER).read_text(encoding="utf-8")
COMMENT = re.compile(r"^ *# ([a-z_]+): ", re.MULTILINE)
KEY = re.compile(r"^ *([a-z_]+):(?: |$)", re.MULTILINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.chaos.yaml"
    write_starter(path)
    return path


def known_keys(schema: Any) -> set[str]:
    """Every key that a scenario file may have anywhere."""
    if isinstance(schema, list):
        return {key for item in schema for key in known_keys(item)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own | {key for item in schema.values() for key in known_keys(item)}


def test_the_starter_is_valid_and_its_plan_raises_no_warning(path: Path) -> None:
    plan = planning.plan(scenario_file.load(path), seed=1, run="000000")
    assert not planning.warnings(plan)


def test_what_stands_in_a_comment_as_another_value_is_valid_too(path: Path) -> None:
    for line in re.findall(r"^ *# ((?:seed|trials|from|postgres|matrix): \S.*)$", TEXT, re.MULTILINE):
        if not re.match(r"(seed: \d|trials: \d|from: [a-z-]+$|postgres: \{|matrix: \{)", line):
            continue
        path.write_text(TEXT.replace(f"# {line}", line), encoding="utf-8")
        scenario_file.load_all(path)
        assert f"\n{line}" in path.read_text() or f" {line}" in path.read_text()


def test_comments_name_only_keys_that_exist() -> None:
    keys = known_keys(json.loads(json.dumps(scenario_file.schema())))
    assert not set(COMMENT.findall(TEXT)) - keys - {"yaml"}


def test_every_key_of_the_starter_is_explained() -> None:
    comments = " ".join(line for line in TEXT.splitlines() if line.lstrip().startswith("#"))
    explained = set(re.findall(r"\b([a-z_]+):", comments))
    named = {"lost_writes", "split_brain"}  # names of the writer's own, explained by what they are
    assert set(KEY.findall(TEXT)) - named <= explained


def test_nothing_is_overwritten(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        write_starter(path)
    assert path.read_text() == "mine"


def test_a_name_that_no_folder_run_would_find_is_refused_with_one_that_it_would(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        write_starter(tmp_path / "mine.yaml")
    assert error.value.fix == f"chaoskit init {tmp_path / 'mine.chaos.yaml'}"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        write_starter(tmp_path / "nowhere" / "mine.chaos.yaml")
