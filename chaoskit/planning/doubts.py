"""What a plan will not be able to show, said before it runs."""

from collections.abc import Iterator

from chaoskit.model.fault import Clients, RegionLoss
from chaoskit.model.place import at_start, regions
from chaoskit.model.plan import Plan
from chaoskit.model.round_trips import CHECK_ROUND_TRIPS, manager, situations
from chaoskit.model.scenario import Fence, Objective, Register, Runbook, Scenario, needed, voters
from chaoskit.model.topology import party
from chaoskit.planning.hindrances import hindrances

# Asynchronous loss is about the primary region's write rate x half a round trip.
WRITES_TO_LOSE_SOME_HZ = 200.0
# A probe interval may be at most this share of an rto's bound.
INTERVALS_PER_TARGET = 5


def warnings(plan: Plan) -> tuple[str, ...]:
    """Return one sentence for everything that makes a verdict doubtful or a step pointless."""
    scenario = plan.scenario
    return (
        *_coarse_probes(plan),
        *_too_few_writes(scenario),
        *_lost_regions_asked(scenario),
        *_no_failover(scenario),
        *_slow_checks(scenario),
        *_blocked_quorum(scenario),
        *_short_run(plan),
        *_beyond_the_end(plan),
        *hindrances(plan),
    )


def _coarse_probes(plan: Plan) -> Iterator[str]:
    for objective in plan.scenario.objectives:
        rate_hz = plan.probes.rate_hz if objective.connection == "established" else plan.probes.fresh_rate_hz
        target_s = objective.maximum
        if objective.measure == "rto" and isinstance(target_s, float) and 1 / rate_hz > target_s / INTERVALS_PER_TARGET:
            yield (
                f"objective {objective.name}: probes {1 / rate_hz:g} s apart are too coarse for {target_s:g} s "
                f"(at most a fifth of it): it will be inconclusive; raise load.probes.rate"
            )


def _too_few_writes(scenario: Scenario) -> Iterator[str]:
    region = scenario.stack.topology.primary_region
    workload = scenario.load.workload
    if not isinstance(workload, Register):
        return
    writes_hz = scenario.load.users.get(region, 0) * scenario.load.pace_hz * workload.write_share
    for objective in scenario.objectives:
        if _expects_loss(objective) and writes_hz < WRITES_TO_LOSE_SOME_HZ:
            yield (
                f"objective {objective.name} expects lost writes, but {region} issues at most {writes_hz:g} writes/s: "
                f"below {WRITES_TO_LOSE_SOME_HZ:g} there may be nothing to lose"
            )


def _expects_loss(objective: Objective) -> bool:
    return objective.measure == "lost_writes" and isinstance(objective.minimum, float) and objective.minimum > 0


def _lost_regions_asked(scenario: Scenario) -> Iterator[str]:
    lost = _lost(scenario, clients_too=True)
    for objective in scenario.objectives:
        if objective.region in lost:
            yield (
                f"objective {objective.name} asks about {objective.region}, whose clients are lost with it: "
                f"it will be inconclusive"
            )


def _no_failover(scenario: Scenario) -> Iterator[str]:
    runbook, primary = scenario.stack.failover, scenario.stack.topology.primary_region
    lost = _lost(scenario)
    if not isinstance(runbook, Runbook) or primary not in lost:
        return
    if runbook.origin in lost:
        yield f"the operator sits in {runbook.origin}, which is lost: nobody fails over"
    elif runbook.fence is Fence.REQUIRED:
        yield f"the runbook must fence the primary before it promotes, but {primary} is lost: nobody fails over"


def _slow_checks(scenario: Scenario) -> Iterator[str]:
    runbook, topology = scenario.stack.failover, scenario.stack.topology
    if not isinstance(runbook, Runbook):
        return
    operator, primary = manager(runbook.origin), party(topology.node(topology.primary))
    slowest_ns = max(
        conditions.rtt_ns(operator, primary) or 0 for conditions in situations(topology, scenario.timeline)
    )
    if CHECK_ROUND_TRIPS * slowest_ns > runbook.timeout_ns:
        yield (
            f"latency faults make a health check take up to {CHECK_ROUND_TRIPS * slowest_ns / 1e9:g} s, longer than "
            f"its timeout of {runbook.timeout_ns / 1e9:g} s: the runbook may fail over from a healthy primary"
        )


def _blocked_quorum(scenario: Scenario) -> Iterator[str]:
    replication, topology = scenario.stack.replication, scenario.stack.topology
    lost = _lost(scenario)
    if not isinstance(scenario.stack.failover, Runbook) or topology.primary_region not in lost:
        return
    survivors = [node for node in topology.nodes if node.region not in lost]
    asked = {node.name: needed(replication, topology, node.name) for node in survivors}
    waiting = {
        node.name: [voter for voter in voters(replication, topology, node.name) if voter in survivors]
        for node in survivors
    }
    if survivors and all(len(waiting[name]) < asked[name] for name in asked):
        wanted = max(asked.values())
        yield f"after the loss no new primary finds {wanted} node(s) to acknowledge: writes hang until one returns"


def _short_run(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        prediction = plan.predictions.get(step.name)
        if prediction is None:
            continue
        recovered_ns = (step.at_ns or 0) + sum(high for _, high in prediction.parts.values())
        if recovered_ns > plan.duration_ns:
            yield (
                f"step {step.name}: recovery may take until {recovered_ns / 1e9:.1f} s, the run ends at "
                f"{plan.duration_ns / 1e9:g} s: its rto may stay unknown (censored); make `duration` longer"
            )


def _beyond_the_end(plan: Plan) -> Iterator[str]:
    for objective in plan.scenario.objectives:
        last = objective.between[1] if objective.between else None
        if last is not None and last.after is None and last.offset_ns > plan.duration_ns:
            yield (
                f"objective {objective.name} looks until {last}, the run ends at {plan.duration_ns / 1e9:g} s: "
                f"it will be inconclusive; say `end`, or make `duration` longer"
            )


def _lost(scenario: Scenario, *, clients_too: bool = False) -> tuple[str, ...]:
    """Return the regions that are lost at some time, roles as at the start; ``clients_too``: for good, with clients."""
    now = at_start(scenario.stack.topology)
    return tuple(
        region
        for step in scenario.timeline
        if isinstance(step.deed, RegionLoss)
        and (not clients_too or (step.deed.clients is Clients.LOST and step.for_ns is None))
        for region in regions(step.deed.target, now)
    )
