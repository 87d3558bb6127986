"""The shapes that sections are made of: a map of known keys, a map of the user's names, a word with its options."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]
"""A JSON Schema: JSON at the edge, so its values are whatever its keywords take."""


def closed_map(keys: Mapping[str, Schema], description: str = "", *, required: Iterable[str] = ()) -> Schema:
    """A map that knows all its keys."""
    needed = list(required)
    return {
        "type": "object",
        **described(description),
        "properties": dict(keys),
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def map_of(values: Schema, description: str, *, names: Schema) -> Schema:
    """A map whose keys are made up by the user."""
    return {"type": "object", **described(description), "propertyNames": names, "additionalProperties": values}


def list_of(items: Schema, description: str) -> Schema:
    """A list in which nothing stands twice."""
    return {"type": "array", "items": items, "uniqueItems": True, **described(description)}


def exactly_one(*keys: str) -> Schema:
    """A map that has one of ``keys`` and no more."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def one_word(words: Iterable[str], description: str, *, default: str | None = None) -> Schema:
    """One of several words."""
    return {"enum": list(words), **described(description), **({"default": default} if default is not None else {})}


def choice(words: Iterable[str], options: Mapping[str, Schema], description: str, *, default: str) -> Schema:
    """A CHOICE: one of ``words`` bare, or a map of one word to its ``options``."""
    maps = [closed_map({word: body}, required=(word,)) for word, body in options.items()]
    return {**described(description), "default": default, "anyOf": [{"enum": list(words)}, *maps]}


def described(description: str) -> Schema:
    """The keyword ``description``, where there is one."""
    return {"description": description} if description else {}
