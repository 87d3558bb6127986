"""The values of the language as definitions: what their text looks like, from the tables that read them."""

from chaoskit.scenario_file.json_schema.shapes import Schema, described
from chaoskit.scenario_file.values import (
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
_PERCENTAGE = r"0*(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%"
_NOT_EMPTY, _NOT_ZERO = "(?=.)", "(?=.*[1-9])"
_REGION = f"(?!(?:{'|'.join(sorted(RESERVED))})(?![a-z0-9]|-(?!>))){NAME}"
_REGIONS = rf"{_REGION}(?:\s*\+\s*{_REGION})*"


def _text(pattern: str, description: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$", **described(description)}


def _link(arrow: str) -> str:
    """Regions, or on one side ``rest``."""
    between = rf"\s*{arrow}\s*"
    return rf"\s*(?:{_REGIONS}{between}(?:rest|{_REGIONS})|rest{between}{_REGIONS})\s*"


VALUES: dict[str, Schema] = {
    "name": {
        **_text(NAME, "a-z first, then a-z, 0-9 and -, at most 40 characters; no reserved word."),
        "not": {"enum": sorted(RESERVED)},
    },
    "text": {"type": "string", "pattern": r"\S", "description": "Text for people."},
    "duration": _text(_NOT_EMPTY + _DURATION, "A duration such as 80ms, 1m30s or 0s."),
    "positive_duration": _text(_NOT_ZERO + _DURATION, "A duration above zero, such as 80ms or 1m30s."),
    "percentage": _text(_PERCENTAGE, "A percentage such as 99.9%."),
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
    "region": _text(f"{_REGION}(?:/1)?", "A region, or its node: us-east, us-east/1."),
    "link": _text(_link("<?->"), "us-east <-> rest both ways, us-east -> eu-west + ap-south one way."),
    "round_trip": {
        "anyOf": [{"const": "default"}, {"type": "string", "pattern": f"^{_link('<->')}$"}],
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
