"""The values of the language as definitions: what their text looks like, from the tables that read them."""

from chaoskit.model.instant import RUN_EVENTS
from chaoskit.model.place import Part
from chaoskit.scenario_file.bounds import PHASES
from chaoskit.scenario_file.instants import STEP_EVENTS
from chaoskit.scenario_file.json_schema.shapes import Schema, described
from chaoskit.scenario_file.places import REST, STAND_ALONE
from chaoskit.scenario_file.values import (
    BANDWIDTH_UNITS,
    DURATION_UNITS,
    HIGHEST_COUNT,
    HIGHEST_FACTOR,
    NAME,
    NUMBER,
    RESERVED,
    SIZE_UNITS,
)

_DURATION = "".join(f"(?:{NUMBER}{unit})?" for unit in DURATION_UNITS)
_SIZE = f"{NUMBER}(?:{'|'.join(SIZE_UNITS)})"
_ONE_OR_MORE = r"0*(?:100(?:\.0+)?|[1-9][0-9]?(?:\.[0-9]+)?)%"
_PERCENTAGE = r"0*(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%"
_BANDWIDTH = f"{NUMBER}(?:{'|'.join(BANDWIDTH_UNITS)})"
_PART_OF_IT = r"0*[0-9]{1,2}(?:\.[0-9]+)?%"
_NOT_EMPTY, _NOT_ZERO, _NOT_ZERO_FACTOR = "(?=.)", "(?=.*[1-9])", "(?=[0-9.]*[1-9])"
_REGION = f"(?!(?:{'|'.join(sorted(RESERVED))})(?![a-z0-9]|-(?!>))){NAME}"
_NUMBERED = r"/[1-9][0-9]*"
_PART = rf"\.(?:{'|'.join(part.value for part in Part)})"
_ROLE = f"(?:{'|'.join(sorted(STAND_ALONE, key=len, reverse=True))})"
_NODE_ROLE = "(?:primary|replicas|replica)"
_NODES_PART = rf"\.{Part.NODES.value}"
_TERM = f"(?:{_REGION}(?:{_NUMBERED}(?:{_NODES_PART})?|{_PART})?|{_ROLE}(?:{_PART})?)"
_NODES = f"(?:{_REGION}(?:{_NUMBERED}(?:{_NODES_PART})?|{_NODES_PART})|{_NODE_ROLE}|{_ROLE}{_NODES_PART})"
_WHOLE = f"(?:{_REGION}|{_ROLE})"
_STEP_EVENT = f"{NAME}\\.(?:{'|'.join(STEP_EVENTS)})"
_DURATION_TEXT = f"(?=[0-9]){_DURATION}"
_EVENT = f"(?:{'|'.join(RUN_EVENTS)}|{_STEP_EVENT})(?:\\s*[+-]\\s*{_DURATION_TEXT})?"
_FIXED_INSTANT = f"(?:{_DURATION_TEXT}|{_EVENT})"
_INSTANT = f"(?:{_DURATION_TEXT}(?:\\s*\\.\\.\\s*{_DURATION_TEXT})?|{_EVENT})"


def _text(pattern: str, description: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$", **described(description)}


def _joined(term: str) -> str:
    return rf"\s*{term}(?:\s*\+\s*{term})*\s*"


def _link(arrow: str, term: str, rest: str) -> str:
    """Places, or on one side ``rest``."""
    places, alone = _joined(term), rf"\s*{rest}\s*"
    return rf"(?:{places}{arrow}(?:{alone}|{places})|{alone}{arrow}{places})"


VALUES: dict[str, Schema] = {
    "name": {
        **_text(NAME, "a-z first, then a-z, 0-9 and -, at most 40 characters; no reserved word."),
        "not": {"enum": sorted(RESERVED)},
    },
    "text": {"type": "string", "pattern": r"\S", "description": "Text for people."},
    "duration": _text(_NOT_EMPTY + _DURATION, "A duration such as 80ms, 1m30s or 0s."),
    "positive_duration": _text(_NOT_ZERO + _DURATION, "A duration above zero, such as 80ms or 1m30s."),
    "percentage": _text(_PERCENTAGE, "A percentage such as 99.9%."),
    "one_percent_or_more": _text(_ONE_OR_MORE, "A percentage from 1% on, such as 10%."),
    "some": _text(_NOT_ZERO + _PART_OF_IT, "A percentage above zero and below a hundred, such as 2.5%."),
    "positive_bandwidth": _text(_NOT_ZERO + _BANDWIDTH, "A bandwidth such as 2MiB/s or 10Mbit/s."),
    "offset": _text(rf"[+-]?{_NOT_ZERO}{_DURATION}", "A duration forwards or backwards: +30s, -80ms."),
    "positive_rate": _text(rf"{_NOT_ZERO}{NUMBER}/s", "A rate such as 20/s."),
    "size": _text(_SIZE, "A size such as 5MB or 1GiB."),
    "count": {"type": "integer", "minimum": 0, "maximum": HIGHEST_COUNT, "description": "A bare whole number."},
    "positive_count": {
        "type": "integer",
        "minimum": 1,
        "maximum": HIGHEST_COUNT,
        "description": "A bare whole number above zero.",
    },
    "slower": {
        "type": "number",
        "exclusiveMinimum": 1,
        "maximum": HIGHEST_FACTOR,
        "description": "A bare number above one.",
    },
    "relative": _text(
        rf"{_NOT_ZERO_FACTOR}{NUMBER}x\s+(?:{'|'.join(PHASES)})", "A multiple of a phase's value: 1.5x before."
    ),
    "instant": _text(_INSTANT, "5s since the steady state, 5s..8s (drawn for each trial), promoted + 10s, or cut.end."),
    "fixed_instant": _text(_FIXED_INSTANT, "5s since the steady state, promoted + 10s, or cut.end."),
    "region": _text(_REGION, "A region: us-east."),
    "region_or_node": _text(f"{_REGION}(?:{_NUMBERED})?", "A region or a node: us-east, us-east/1."),
    "whole_regions": _text(_joined(_WHOLE), "Regions, or a role that a region holds: us-east, primary."),
    "nodes": _text(_joined(_NODES), "Nodes, or their role: us-east/1, us-east.nodes, primary."),
    "one_node": _text(rf"\s*(?:{_REGION}{_NUMBERED}|replica)\s*", "A node, or `replica`: one of them, drawn."),
    "link": _text(
        _link("<?->", _TERM, rf"{REST}(?:{_PART})?"),
        "us-east <-> rest both ways, us-east -> eu-west.clients + ap-south/1 one way.",
    ),
    "round_trip": {
        "anyOf": [{"const": "default"}, {"type": "string", "pattern": f"^{_link('<->', _REGION, REST)}$"}],
        "description": "us-east <-> eu-west, or default.",
    },
}


def ref(value: str, description: str = "", *, default: str | int | None = None) -> Schema:
    """A value by its name in ``VALUES``; description and default are for the editor alone."""
    if value not in VALUES:
        raise ValueError(f"no definition of {value}")
    return {
        **refer(value),
        **described(description),
        **({"default": default} if default is not None else {}),
    }


def refer(definition: str) -> Schema:
    """Any definition by its name."""
    return {"$ref": f"#/definitions/{definition}"}
