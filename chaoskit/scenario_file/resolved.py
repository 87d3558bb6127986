"""A scenario as YAML text with every default filled in; it parses back to the same scenario."""

import io
from collections.abc import Mapping
from itertools import combinations

from ruamel.yaml import YAML

from chaoskit.model.fault import Fault, Latency, Partition, RegionLoss
from chaoskit.model.scenario import Async, Load, NoFailover, Objective, Replication, Runbook, Scenario, Stack, Step
from chaoskit.model.topology import Topology
from chaoskit.scenario_file.values import duration_text, percent_text, rate_text, size_text

Plain = str | int | float | list[str] | Mapping[str, "Plain"]


def resolved(scenario: Scenario) -> str:
    """Return the file a person would write to leave nothing to a default. Positions and comments are not kept."""
    steady = scenario.steady_state
    document: dict[str, Plain] = {"chaoskit": 1, "name": scenario.name, "question": scenario.question}
    if scenario.hypothesis:
        document["hypothesis"] = scenario.hypothesis
    document["tags"] = list(scenario.tags)
    if scenario.seed is not None:
        document["seed"] = scenario.seed
    document["stack"] = _stack(scenario.stack)
    document["load"] = _load(scenario.load)
    document["steady_state"] = {
        "for": duration_text(steady.for_ns),
        "availability": percent_text(steady.availability),
        "within": duration_text(steady.within_ns),
    }
    document["timeline"] = {step.name: _step(step) for step in scenario.timeline}
    document["objectives"] = {objective.name: _objective(objective) for objective in scenario.objectives}
    if scenario.duration_ns is not None:
        document["duration"] = duration_text(scenario.duration_ns)
    return _dump(document)


def _dump(document: Mapping[str, Plain]) -> str:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _stack(stack: Stack) -> Plain:
    topology = stack.topology
    return {
        "regions": list(topology.regions),
        "primary": topology.primary_region,
        "replication": _replication(stack.replication),
        "failover": "none" if isinstance(stack.failover, NoFailover) else {"runbook": _runbook(stack.failover)},
        "routing": {"via": "direct", "writes": "primary", "reads": str(stack.reads), "health": "query"},
        "network": {"rtt": _rtt(topology)},
        "postgres": {"version": stack.postgres_version, "settings": dict(stack.settings)},
    }


def _rtt(topology: Topology) -> Plain:
    return {f"{a} <-> {b}": duration_text(topology.rtt(a, b)) for a, b in combinations(topology.regions, 2)}


def _replication(replication: Replication) -> Plain:
    if isinstance(replication, Async):
        return "async"
    return {"quorum": {"any": replication.any, "of": list(replication.of), "commit": str(replication.commit)}}


def _runbook(runbook: Runbook) -> Plain:
    return {
        "detect": {
            "every": duration_text(runbook.every_ns),
            "failures": runbook.failures,
            "timeout": duration_text(runbook.timeout_ns),
        },
        "decide": duration_text(runbook.decide_ns),
        "from": runbook.origin,
        "fence": str(runbook.fence),
        "failback": "none",
    }


def _load(load: Load) -> Plain:
    register: dict[str, Plain] = {
        "keys": load.workload.keys,
        "write_share": percent_text(load.workload.write_share),
        "read_from": "same_region",
    }
    if load.workload.read_after_ns is not None:
        register["read_after"] = duration_text(load.workload.read_after_ns)
    probes: dict[str, Plain] = {"rate": rate_text(load.probes.rate_hz)}
    if load.probes.timeout_ns is not None:
        probes["timeout"] = duration_text(load.probes.timeout_ns)
    return {
        "users": dict(load.users),
        "pace": rate_text(load.pace_hz),
        "workload": {"register": register},
        "probes": probes,
    }


def _step(step: Step) -> Plain:
    end: dict[str, Plain] = {"until": "end"} if step.for_ns is None else {"for": duration_text(step.for_ns)}
    return {"at": duration_text(step.at_ns), "fault": step.fault.word, **_fault(step.fault), **end}


def _fault(fault: Fault) -> dict[str, Plain]:
    match fault:
        case Partition():
            return {"link": str(fault.link), "mode": str(fault.mode)}
        case RegionLoss():
            return {"target": fault.region}
        case Latency():
            if fault.factor is not None:
                return {"link": str(fault.link), "factor": fault.factor}
            return {"link": str(fault.link), "add": duration_text(fault.add_ns or 0)}


def _objective(objective: Objective) -> Plain:
    scope = {key: value for key in ("region", "operation", "connection", "step") if (value := _scope(objective, key))}
    bounds = {
        end: _bound(objective, end, value)
        for end, value in (("min", objective.minimum), ("max", objective.maximum))
        if value is not None
    }
    return {"measure": objective.measure, **scope, **bounds}


def _scope(objective: Objective, key: str) -> str | None:
    match key:
        case "region":
            return objective.region
        case "operation":
            return objective.operation
        case "connection":
            return objective.connection
        case _:
            return objective.step


def _bound(objective: Objective, end: str, value: float) -> Plain:
    """Return the file's own words where there are any, so that 90s does not come back as 1m30s."""
    words = dict(bound.split(" ", 1) for bound in objective.expected_text.split(", ") if bound)
    match objective.unit:
        case "count":
            return int(value)
        case "s":
            return words.get(end) or duration_text(round(value * 1e9))
        case "fraction":
            return words.get(end) or percent_text(value)
        case _:
            return words.get(end) or size_text(round(value))
