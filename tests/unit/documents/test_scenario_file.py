"""docs/scenario-file.md holds the whole language: each word of the schema, and each that is not built yet."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from book import ROOT

from chaoskit.scenario_file import later
from chaoskit.scenario_file.json_schema import schema

PAGE = (ROOT / "docs" / "scenario-file.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"[\w-]+", " ".join(re.findall(r"`([^`]+)`", PAGE))))


def words(part: Any) -> Iterator[str]:
    """Every key and every fixed word of a part of the schema; settings are PostgreSQL's own."""
    if isinstance(part, list):
        for one in part:
            yield from words(one)
    if not isinstance(part, dict):
        return
    yield from (name for name in part.get("properties", {}) if isinstance(part["properties"], dict))
    yield from (word for word in part.get("enum", ()) if isinstance(word, str))
    for name, below in part.items():
        if name not in ("enum", "const", "default", "examples", "propertyNames", "not"):
            yield from words(below)


LATER = {word for name, found in vars(later).items() if name.isupper() for word in found}


@pytest.mark.parametrize("word", sorted({part for word in words(schema()) for part in word.split(".")}))
def test_every_key_and_word_of_the_schema_stands_in_the_page(word: str) -> None:
    assert word in WORDS


@pytest.mark.parametrize("word", sorted(LATER))
def test_every_word_that_is_not_built_stands_in_the_page(word: str) -> None:
    assert word in WORDS
