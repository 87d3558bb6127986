"""A plan as ``plan.json``."""

from typing import Any

from chaoskit.model.fault import Fault, Latency, Partition, RegionLoss
from chaoskit.model.plan import Plan
from chaoskit.planning.doubts import warnings

SCHEMA = 1


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON values; all ``*_ns`` are since t0 or lengths."""
    probes = plan.probes
    return {
        "schema": SCHEMA,
        "scenario": plan.scenario.name,
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
        "steps": [
            {"name": step.name, "at_ns": step.at_ns, "until_ns": step.until_ns, "fault": _fault(step.fault)}
            for step in plan.steps
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


def _fault(fault: Fault) -> dict[str, Any]:
    match fault:
        case Partition():
            return {"word": fault.word, "link": str(fault.link), "mode": str(fault.mode)}
        case Latency():
            return {"word": fault.word, "link": str(fault.link), "add_ns": fault.add_ns, "factor": fault.factor}
        case RegionLoss():
            return {"word": fault.word, "target": fault.region}
