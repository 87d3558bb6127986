"""``objectives``: bounds by name, each in the unit of its measure and with the scopes that mean something for it."""

from collections.abc import Iterable

from chaoskit.scenario_file.json_schema.shapes import Schema, closed_map, one_word
from chaoskit.scenario_file.json_schema.values import ref
from chaoskit.scenario_file.measures import MEASURES, Measure
from chaoskit.scenario_file.objectives import CONNECTIONS, OPERATIONS

_BOUNDS = {"s": "duration", "fraction": "percentage", "count": "count", "bytes": "size"}


def objectives() -> Schema:
    """Return the section: a measure may be named by ``measure`` or, left out, by the objective's own name."""
    kinds = sorted(set(MEASURES.values()), key=list(MEASURES.values()).index)
    named: Schema = {
        "type": "object",
        "properties": {"measure": _measure(MEASURES)},
        "required": ["measure"],
        "allOf": [_if_measured(kind) for kind in kinds],
    }
    return {
        "type": "object",
        "description": "What must hold: bounds on measures, by name.",
        "propertyNames": {"anyOf": [ref("name"), {"enum": list(MEASURES)}]},
        "properties": {
            name: {"if": {"type": "object", "required": ["measure"]}, "then": named, "else": _bounded(measure)}
            for name, measure in MEASURES.items()
        },
        "additionalProperties": named,
    }


def _if_measured(kind: Measure) -> Schema:
    names = [name for name, measure in MEASURES.items() if measure == kind]
    return {
        "if": {"properties": {"measure": {"enum": names}}, "required": ["measure"]},
        "then": _bounded(kind),
    }


def _bounded(measure: Measure) -> Schema:
    scopes = {
        "region": ref("region", "Only what clients of this region saw."),
        "operation": one_word(OPERATIONS, "Only writes, or only reads."),
        "connection": one_word(CONNECTIONS, "Only new connections, or only open ones."),
        "step": ref("name", "Only what this step of the timeline caused."),
    }
    keys = {
        "measure": _measure(MEASURES),
        "min": ref(_BOUNDS[measure.unit], "At least this much."),
        "max": ref(_BOUNDS[measure.unit], "At most this much."),
        **{scope: scopes[scope] for scope in measure.scopes},
    }
    return {**closed_map(keys), "anyOf": [{"required": ["min"]}, {"required": ["max"]}]}


def _measure(names: Iterable[str]) -> Schema:
    return one_word(names, "What is measured. Left out: what the objective is called.")
