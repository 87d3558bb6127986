"""A JSON Schema of the scenario language as far as it is built, for editors.

It helps while typing: keys, words and the shapes of values. What needs more than one key (regions that exist, round
trips that are missing) is ``chaoskit validate``'s to say.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chaoskit.model.fault import Mode
from chaoskit.model.scenario import Commit, Fence, Reads
from chaoskit.scenario_file.measures import MEASURES

Schema = dict[str, Any]

NAME = r"^[a-z][a-z0-9-]{0,39}$"
DURATION: Schema = {"type": "string", "pattern": r"^(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+$"}
PERCENTAGE: Schema = {"type": "string", "pattern": r"^\d+(\.\d+)?%$"}
RATE: Schema = {"type": "string", "pattern": r"^\d+(\.\d+)?/s$"}
TEXT: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
POSITIVE: Schema = {"type": "integer", "minimum": 1}


def schema() -> Schema:
    """Return the schema, draft 2020-12."""
    keys = {
        "chaoskit": {"const": 1, "description": "The version of the language."},
        "name": _name("Identity in reports and trends."),
        "question": {**TEXT, "description": "What is asked; printed first."},
        "hypothesis": {**TEXT, "description": "What is expected; printed beside the result."},
        "tags": {"type": "array", "items": _name()},
        "seed": COUNT,
        "stack": _stack(),
        "load": _load(),
        "steady_state": _map({"for": DURATION, "availability": PERCENTAGE, "within": DURATION}),
        "timeline": {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": _step()},
        "duration": {**DURATION, "description": "Since the steady state was confirmed."},
        "objectives": {
            "type": "object",
            "propertyNames": {"pattern": _objective_name()},
            "additionalProperties": _bound(),
        },
    }
    whole = _map(keys, required=["chaoskit", "name", "question", "stack"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chaoskit scenario",
        **whole,
        "patternProperties": {"^x-": {}},
    }


def _stack() -> Schema:
    nodes = _map({"nodes": {"const": 1}})
    regions = {
        "oneOf": [
            {"type": "array", "items": _name(), "minItems": 1, "uniqueItems": True},
            {
                "type": "object",
                "propertyNames": {"pattern": NAME},
                "additionalProperties": {"oneOf": [{"type": "null"}, nodes]},
            },
        ]
    }
    places = {"oneOf": [TEXT, {"type": "array", "items": TEXT}]}
    quorum = _map({"any": POSITIVE, "of": places, "commit": _words(Commit)})
    detect = _map({"every": DURATION, "failures": POSITIVE, "timeout": DURATION})
    runbook = _map(
        {"detect": detect, "decide": DURATION, "from": TEXT, "fence": _words(Fence), "failback": {"const": "none"}},
        required=["failback"],
    )
    routing = {
        "via": {"const": "direct"},
        "writes": {"const": "primary"},
        "reads": _words(Reads),
        "health": {"const": "query"},
    }
    keys = {
        "regions": regions,
        "primary": TEXT,
        "replication": _choice("async", quorum=quorum),
        "failover": _choice("none", runbook=runbook),
        "routing": _map(routing),
        "network": _map({"rtt": {"type": "object", "additionalProperties": DURATION}}),
        "postgres": _map({"version": POSITIVE, "settings": {"type": "object"}}),
    }
    return _map(keys, required=["regions"])


def _load() -> Schema:
    register = _map(
        {"keys": POSITIVE, "write_share": PERCENTAGE, "read_after": DURATION, "read_from": {"const": "same_region"}}
    )
    keys = {
        "users": {"type": "object", "additionalProperties": COUNT},
        "probes": _map({"rate": RATE, "timeout": DURATION}),
        "pace": RATE,
        "workload": _choice("register", register=register),
    }
    return _map(keys)


def _step() -> Schema:
    keys: dict[str, Schema] = {
        "at": {**DURATION, "description": "Since the steady state was confirmed."},
        "fault": {"enum": ["partition", "latency", "region_loss"]},
        "link": {**TEXT, "description": "`us-east <-> rest`, `us-east -> eu-west + ap-south`"},
        "mode": _words(Mode),
        "add": DURATION,
        "factor": {"type": "number", "exclusiveMinimum": 1},
        "target": TEXT,
        "for": DURATION,
        "until": {"const": "end"},
    }
    return _map(keys, required=["at", "fault"]) | {"oneOf": [{"required": ["for"]}, {"required": ["until"]}]}


def _bound() -> Schema:
    amount = {"oneOf": [{"type": "number"}, {"type": "string"}]}
    keys: dict[str, Schema] = {
        "measure": {"enum": sorted(MEASURES)},
        "min": amount,
        "max": amount,
        "region": TEXT,
        "operation": {"enum": ["write", "read"]},
        "connection": {"enum": ["fresh", "established"]},
        "step": TEXT,
    }
    return _map(keys) | {"anyOf": [{"required": ["min"]}, {"required": ["max"]}]}


def _objective_name() -> str:
    """A NAME, or a measure that names itself."""
    return r"^[a-z][a-z0-9_.-]{0,39}$"


def _name(description: str = "") -> Schema:
    return {"type": "string", "pattern": NAME} | ({"description": description} if description else {})


def _words(words: Iterable[str]) -> Schema:
    return {"enum": [str(word) for word in words]}


def _choice(word: str, **options: Schema) -> Schema:
    """A word, or a map of one word to its options."""
    maps = [_map({name: body}, required=[name]) for name, body in options.items()]
    return {"oneOf": [{"enum": [word, *(name for name in options if name != word)]}, *maps]}


def _map(keys: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    needed = list(required)
    return {
        "type": "object",
        "properties": dict(keys),
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }
