"""A scenario as YAML text with every default filled in; it parses back to the same scenario."""

import io
from collections.abc import Mapping
from itertools import combinations
from typing import assert_never

from ruamel.yaml import YAML

from chaoskit.model.instant import END
from chaoskit.model.scenario import (
    Async,
    Load,
    Locustfile,
    NoFailover,
    Objective,
    Quorum,
    Register,
    Relative,
    Replication,
    Runbook,
    Scenario,
    Stack,
    Step,
    Sync,
    Workload,
)
from chaoskit.model.topology import Topology
from chaoskit.scenario_file.deeds import own_keys
from chaoskit.scenario_file.instants import END_OF_RUN, instant_text
from chaoskit.scenario_file.measures import MEASURES
from chaoskit.scenario_file.values import duration_text, percent_text, rate_text, relative_text, size_text

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
    document["trials"] = scenario.trials
    if scenario.requires is not None:
        document["requires"] = {"runtime": str(scenario.requires)}
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
        "regions": {region: {"nodes": _count(topology, region)} for region in topology.regions},
        "primary": topology.primary,
        "replication": _replication(stack.replication),
        "failover": "none" if isinstance(stack.failover, NoFailover) else {"runbook": _runbook(stack.failover)},
        "routing": {"via": "direct", "writes": "primary", "reads": str(stack.reads), "health": "query"},
        "network": {"rtt": _rtt(topology)},
        "postgres": {"version": stack.postgres_version, "settings": dict(stack.settings)},
    }


def _count(topology: Topology, region: str) -> int:
    return sum(node.region == region for node in topology.nodes)


def _rtt(topology: Topology) -> Plain:
    return {f"{a} <-> {b}": duration_text(topology.rtt(a, b)) for a, b in combinations(topology.regions, 2)}


def _replication(replication: Replication) -> Plain:
    match replication:
        case Async():
            return "async"
        case Sync():
            return {"sync": {"commit": str(replication.commit)}}
        case Quorum():
            return {"quorum": {"any": replication.any, "of": list(replication.of), "commit": str(replication.commit)}}
        case _:
            assert_never(replication)


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
        "candidates": list(runbook.candidates),
        "failback": str(runbook.failback),
    }


def _load(load: Load) -> Plain:
    probes: dict[str, Plain] = {"rate": rate_text(load.probes.rate_hz)}
    if load.probes.timeout_ns is not None:
        probes["timeout"] = duration_text(load.probes.timeout_ns)
    spawning: dict[str, Plain] = {}
    if load.spawn_rate_hz is not None:
        spawning["spawn_rate"] = rate_text(load.spawn_rate_hz)
    return {
        "users": dict(load.users),
        **spawning,
        "pace": rate_text(load.pace_hz),
        "retry": str(load.retry),
        "workers": dict(load.workers),
        "workload": _workload(load.workload),
        "probes": probes,
    }


def _workload(workload: Workload) -> Plain:
    match workload:
        case Locustfile():
            lists = {"classes": list(workload.classes), "tags": list(workload.tags)}
            return {"locustfile": {"path": workload.path, **lists}}
        case Register():
            read_after: dict[str, Plain] = {}
            if workload.read_after_ns is not None:
                read_after["read_after"] = duration_text(workload.read_after_ns)
            share = percent_text(workload.write_share)
            return {"register": {"keys": workload.keys, "write_share": share, "read_from": "same_region", **read_after}}
        case _:
            assert_never(workload)


def _step(step: Step) -> Plain:
    kind = "action" if step.fault is None else "fault"
    return {"at": instant_text(step.at), kind: step.deed.word, **own_keys(step.deed), **_end(step)}


def _end(step: Step) -> dict[str, Plain]:
    if step.fault is None:
        return {}
    if step.for_ns is not None:
        return {"for": duration_text(step.for_ns)}
    return {"until": END if step.until is None else instant_text(step.until)}


def _objective(objective: Objective) -> Plain:
    bounds = {
        end: _bound(objective, end, value)
        for end, value in (("min", objective.minimum), ("max", objective.maximum))
        if value is not None
    }
    expected: dict[str, Plain] = {"expect": "missed", "because": objective.because} if objective.missed else {}
    return {"measure": objective.measure, **_scope(objective), **bounds, **expected}


def _scope(objective: Objective) -> dict[str, Plain]:
    keys = {
        "region": objective.region,
        "operation": objective.operation,
        "connection": objective.connection,
        "step": objective.step,
    }
    scope: dict[str, Plain] = {key: value for key, value in keys.items() if value is not None}
    if objective.between is not None:
        first, last = objective.between
        scope["between"] = [instant_text(first), END if last == END_OF_RUN else instant_text(last)]
    elif "phase" in MEASURES[objective.measure].scopes:
        scope["phase"] = str(objective.phase)
    return scope


def _bound(objective: Objective, end: str, value: float | Relative) -> Plain:
    """Return the file's own words where there are any, so that 90s does not come back as 1m30s."""
    words = dict(bound.split(" ", 1) for bound in objective.expected_text.split(", ") if bound)
    if isinstance(value, Relative):
        return words.get(end) or relative_text(value.factor, value.phase)
    match objective.unit:
        case "count":
            return int(value)
        case "s":
            return words.get(end) or duration_text(round(value * 1e9))
        case "fraction":
            return words.get(end) or percent_text(value)
        case _:
            return words.get(end) or size_text(round(value))
