"""``objectives``: bounds by name, each in the unit of its measure and with the scopes that mean something for it."""

from chaoskit.scenario_file.json_schema.shapes import Schema, closed_map, one_word
from chaoskit.scenario_file.json_schema.values import ref, refer
from chaoskit.scenario_file.measures import MEASURES, Measure
from chaoskit.scenario_file.objectives import CONNECTIONS, OPERATIONS

_BOUNDS = {"s": "duration", "fraction": "percentage", "count": "count", "bytes": "size"}


def objectives() -> Schema:
    """Return the section: a measure is named by ``measure`` or, left out, by the objective's own name."""
    tells = {"type": "object", "required": ["measure"]}
    return {
        "type": "object",
        "description": "What must hold: bounds on measures, by name.",
        "propertyNames": {"anyOf": [ref("name"), {"enum": list(MEASURES)}]},
        "properties": {
            name: {"if": tells, "then": refer("measured"), "else": refer(_kind(measure))}
            for name, measure in MEASURES.items()
        },
        "additionalProperties": refer("measured"),
    }


def objective_definitions() -> dict[str, Schema]:
    """Return what the section refers to: an objective of each kind of measure, and one that says which it is."""
    kinds = {_kind(measure): measure for measure in MEASURES.values()}
    return {
        "measure": one_word(MEASURES, "What is measured. Left out: what the objective is called."),
        "measured": {
            "type": "object",
            "properties": {"measure": refer("measure")},
            "required": ["measure"],
            "allOf": [_if_measured(kind) for kind in kinds],
        },
        **{kind: _bounded(measure) for kind, measure in kinds.items()},
    }


def _kind(measure: Measure) -> str:
    return "_by_".join(["bound", _BOUNDS[measure.unit], *measure.scopes])


def _if_measured(kind: str) -> Schema:
    names = [name for name, measure in MEASURES.items() if _kind(measure) == kind]
    return {"if": {"properties": {"measure": {"enum": names}}, "required": ["measure"]}, "then": refer(kind)}


def _bounded(measure: Measure) -> Schema:
    scopes = {
        "region": ref("region", "Only what clients of this region saw."),
        "operation": one_word(OPERATIONS, "Only writes, or only reads."),
        "connection": one_word(CONNECTIONS, "Only new connections, or only open ones."),
        "step": ref("name", "Only what this step of the timeline caused."),
    }
    keys = {
        "measure": refer("measure"),
        "min": ref(_BOUNDS[measure.unit], "At least this much."),
        "max": ref(_BOUNDS[measure.unit], "At most this much."),
        **{scope: scopes[scope] for scope in measure.scopes},
    }
    return {**closed_map(keys), "anyOf": [{"required": ["min"]}, {"required": ["max"]}]}
