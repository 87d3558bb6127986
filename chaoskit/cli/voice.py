"""Where words go: results to stdout, everything for people to stderr."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

people = Console(stderr=True, highlight=False)


def say(text: str | RenderableType) -> None:
    """Tell people. Lines of text are never broken here: what a terminal wraps can still be searched and copied."""
    people.print(text, markup=False, soft_wrap=isinstance(text, str | Text))


def answer(text: Text) -> None:
    """A result for people on stdout: what they asked to see."""
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


def show(renderable: RenderableType) -> None:
    """A result for people on stdout: a table, or several."""
    Console(highlight=False).print(renderable, markup=False)


def document(data: Mapping[str, Any]) -> None:
    """An indented JSON document on stdout, to be kept in a file."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.flush()


def result(data: Mapping[str, Any]) -> None:
    """One JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()
