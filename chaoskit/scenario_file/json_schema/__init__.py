"""A JSON Schema of the scenario language as far as it is built, for editors.

It helps while typing: keys, words and the shapes of values. What needs more than one key (regions that exist, round
trips that are missing, timeouts that are too short) is ``chaoskit validate``'s to say. It takes what stands outside
``matrix`` for a whole scenario, which ``validate`` asks of the variants alone.
"""

from chaoskit.model.scenario import SteadyState
from chaoskit.scenario_file.json_schema.load import load
from chaoskit.scenario_file.json_schema.matrix import matrix
from chaoskit.scenario_file.json_schema.objectives import objective_definitions, objectives
from chaoskit.scenario_file.json_schema.shapes import Schema, closed_map, one_word
from chaoskit.scenario_file.json_schema.stack import stack
from chaoskit.scenario_file.json_schema.timeline import timeline
from chaoskit.scenario_file.json_schema.values import VALUES, ref
from chaoskit.scenario_file.matrix import MATRIX
from chaoskit.scenario_file.scenario import LANGUAGE_VERSION, RUNTIMES
from chaoskit.scenario_file.values import duration_text, percent_text

__all__ = ["schema"]


def schema() -> Schema:
    """Return the schema: draft 7, the newest that all editors know."""
    keys: dict[str, Schema] = {
        "chaoskit": {
            "type": "integer",
            "const": LANGUAGE_VERSION,
            "description": "The version of the scenario language.",
        },
        "name": ref("name", "What reports and trends call this scenario."),
        "question": ref("text", "What the run answers. Printed first."),
        "hypothesis": ref("text", "What is expected, and why. Printed beside the result."),
        "tags": {
            "type": "array",
            "items": ref("name"),
            "uniqueItems": True,
            "description": "Words to select scenarios by.",
        },
        "seed": ref("count", "What every drawn number comes from. Left out: drawn, and recorded."),
        "trials": ref("positive_count", "How often the scenario is run.", default=1),
        "requires": closed_map(
            {"runtime": one_word(RUNTIMES, "What runs the stack.")},
            "What the scenario cannot do without.",
            required=("runtime",),
        ),
        "stack": stack(),
        "load": load(),
        "steady_state": _steady_state(),
        "timeline": timeline(),
        "duration": ref(
            "positive_duration",
            "How long the run lasts after the steady state. Required if the timeline is empty or a step lasts "
            "`until: end` or waits for an event; else 10s after the last step, or more where an `rto` objective needs "
            "it.",
        ),
        "objectives": objectives(),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "chaoskit scenario",
        **closed_map({**keys, MATRIX: matrix(keys)}, required=("chaoskit", "name", "question", "stack")),
        "patternProperties": {"^x-": {"description": "Yours: chaoskit does not read it."}},
        "definitions": {**VALUES, **objective_definitions()},
    }


def _steady_state() -> Schema:
    default = SteadyState()
    keys = {
        "for": ref("positive_duration", "How long.", default=duration_text(default.for_ns)),
        "availability": ref("percentage", "How available.", default=percent_text(default.availability)),
        "within": ref(
            "positive_duration",
            "How long to wait for it. Not reached: the run is inconclusive.",
            default=duration_text(default.within_ns),
        ),
    }
    return closed_map(keys, "What every probe stream must show before the timeline begins.")
