"""A plan as ``plan.json``."""

from dataclasses import fields
from typing import Any

from chaoskit.model.ability import needs
from chaoskit.model.fault import Deed, LinkFault
from chaoskit.model.place import text
from chaoskit.model.plan import Plan, PlannedStep
from chaoskit.planning.doubts import warnings

SCHEMA = 1


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON values; all ``*_ns`` are since t0 or lengths."""
    probes = plan.probes
    return {
        "schema": SCHEMA,
        "scenario": plan.scenario.name,
        "variant": plan.scenario.variant,
        "run": plan.run,
        "seed": plan.seed,
        "duration_ns": plan.duration_ns,
        "max_connections": plan.max_connections,
        "probes": {
            "rate_hz": probes.rate_hz,
            "fresh_rate_hz": probes.fresh_rate_hz,
            "timeout_ns": probes.timeout_ns,
            "pool": probes.pool,
            "keys": probes.keys,
        },
        "steps": [_step(step) for step in plan.steps],
        "needs": [
            {"ability": str(need.ability), "step": need.step, "what": need.what}
            for need in needs(plan.scenario.timeline)
        ],
        "predictions": {
            step: {part: list(span) for part, span in prediction.parts.items()}
            for step, prediction in plan.predictions.items()
        },
        "dials": [dial.name for dial in plan.dials],
        "warnings": list(warnings(plan)),
        # A region's endpoints are proxies: re-pointing one closes its connections, as a load balancer does.
        "routing": "re-pointing an endpoint closes its connections",
    }


def _step(step: PlannedStep) -> dict[str, Any]:
    """``at_ns`` and ``until_ns`` are null where an event or the end of the run decides: the texts say which."""
    return {
        "name": step.name,
        "at_ns": step.at_ns,
        "at": str(step.at),
        "for_ns": step.for_ns,
        "until_ns": step.until_ns,
        "until": None if step.until is None else str(step.until),
        "deed": _deed(step.deed),
    }


def _deed(deed: Deed) -> dict[str, Any]:
    """The word, what it strikes in the scenario's words, and every figure by the name that the model gives it."""
    strikes = {"link": str(deed.link)} if isinstance(deed, LinkFault) else {"target": text(deed.target)}
    figures = {field.name: getattr(deed, field.name) for field in fields(deed) if field.name not in strikes}
    return {"word": deed.word, **strikes, **figures}
