"""``objectives``: bounds by name, each in the unit of its measure and with the scopes that mean something for it."""

from chaoskit.model.instant import END
from chaoskit.model.scenario import Phase
from chaoskit.scenario_file.bounds import PHASES
from chaoskit.scenario_file.json_schema.shapes import Schema, closed_map, described, one_word
from chaoskit.scenario_file.json_schema.values import ref, refer
from chaoskit.scenario_file.measures import MEASURES, WHEN, Measure
from chaoskit.scenario_file.objectives import EXPECT
from chaoskit.scenario_file.scopes import CONNECTIONS, OPERATIONS

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
        **{f"scope_{key}": scope for key, scope in _scopes().items()},
        **{kind: _bounded(measure) for kind, measure in kinds.items()},
    }


def _kind(measure: Measure) -> str:
    return "_by_".join(["bound", _BOUNDS[measure.unit], *measure.scopes])


def _if_measured(kind: str) -> Schema:
    names = [name for name, measure in MEASURES.items() if _kind(measure) == kind]
    return {"if": {"properties": {"measure": {"enum": names}}, "required": ["measure"]}, "then": refer(kind)}


def _bounded(measure: Measure) -> Schema:
    keys = {
        "measure": refer("measure"),
        "min": _bound(measure, "At least this much."),
        "max": _bound(measure, "At most this much."),
        "expect": one_word(EXPECT, "A goal that is not reached yet: meeting it fails the run."),
        "because": ref("text", "Why it is missed."),
        **{scope: refer(f"scope_{scope}") for scope in measure.every_scope},
    }
    return {
        **closed_map(keys),
        "anyOf": [{"required": ["min"]}, {"required": ["max"]}],
        "dependencies": {"expect": ["because"], "because": ["expect"], **_step_needs_phase(measure)},
        **({"not": {"required": list(WHEN)}} if measure.phased else {}),
    }


def _bound(measure: Measure, description: str) -> Schema:
    unit = _BOUNDS[measure.unit]
    if not measure.phased:
        return ref(unit, description)
    return {"anyOf": [refer(unit), refer("relative")], **described(description)}


def _step_needs_phase(measure: Measure) -> Schema:
    """Where a step causes nothing, it says whose phase is meant, and then there must be one."""
    if not measure.phased or "step" in measure.scopes:
        return {}
    phases = [phase for phase in PHASES if phase != Phase.ALWAYS]
    return {"step": {"properties": {"phase": {"enum": phases}}, "required": ["phase"]}}


def _scopes() -> dict[str, Schema]:
    ends = [refer("fixed_instant"), {"anyOf": [{"const": END}, refer("fixed_instant")]}]
    return {
        "region": ref("region", "Only what clients of this region saw."),
        "operation": one_word(OPERATIONS, "Only writes, or only reads."),
        "connection": one_word(CONNECTIONS, "Only new connections, or only open ones."),
        "step": ref("name", "Only what this step of the timeline caused; with a phase, that step's."),
        "phase": one_word(
            PHASES, "Only before the first onset, inside a step's interval, after its end.", default=Phase.ALWAYS.value
        ),
        "between": {
            "type": "array",
            "items": ends,
            "minItems": 2,
            "maxItems": 2,
            "description": "Only from one instant to another: [5s, promoted + 10s].",
        },
    }
