"""``matrix``: axes of named overlays. What an overlay makes of the file is ``chaoskit validate``'s to say."""

from collections.abc import Mapping

from chaoskit.scenario_file.json_schema.shapes import Schema, described, map_of
from chaoskit.scenario_file.json_schema.values import ref, refer
from chaoskit.scenario_file.matrix import EXCLUDE, FIXED


def matrix(keys: Mapping[str, Schema]) -> Schema:
    """Return the section; ``keys`` are those of the whole file."""
    axis = map_of(_overlay(keys), "Its names, and what each of them changes.", names=ref("name"))
    entry = map_of(ref("name"), "A name on each of some axes.", names=ref("name"))
    return {
        **map_of(
            {**axis, "minProperties": 1},
            "Axes of variants: each combination of one name of every axis is a scenario of its own, `name[a-b]`.",
            names={"anyOf": [{"const": EXCLUDE}, refer("name")]},
        ),
        "properties": {
            EXCLUDE: {
                "type": "array",
                "items": {**entry, "minProperties": 1},
                "description": "Combinations that are left out.",
            }
        },
        "anyOf": [{"minProperties": 2}, {"minProperties": 1, "not": {"required": [EXCLUDE]}}],
    }


def _overlay(keys: Mapping[str, Schema]) -> Schema:
    """Any part of a file: a section as a whole is not to be completed here, nor is null wrong in it."""
    free = {key: described(schema.get("description", "")) for key, schema in keys.items() if key not in FIXED}
    return {
        "type": "object",
        "description": "What differs from the file: maps merge, null removes, everything else replaces.",
        "properties": free,
        "propertyNames": {"anyOf": [{"enum": list(free)}, {"pattern": "^x-"}]},
    }
