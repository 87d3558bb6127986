"""What a plan will not be able to show, said before it runs."""

from collections.abc import Iterator

from chaoskit.model.fault import RegionLoss
from chaoskit.model.plan import Plan
from chaoskit.model.round_trips import CHECK_ROUND_TRIPS, situations
from chaoskit.model.scenario import Fence, Quorum, Runbook, Scenario

# Asynchronous loss is about the primary region's write rate x half a round trip (DESIGN §12).
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
    )


def _coarse_probes(plan: Plan) -> Iterator[str]:
    for objective in plan.scenario.objectives:
        rate_hz = plan.probes.rate_hz if objective.connection == "established" else plan.probes.fresh_rate_hz
        target_s = objective.maximum
        if objective.measure == "rto" and target_s is not None and 1 / rate_hz > target_s / INTERVALS_PER_TARGET:
            yield (
                f"objective {objective.name}: probes {1 / rate_hz:g} s apart are too coarse for {target_s:g} s "
                f"(at most a fifth of it): it will be inconclusive; raise load.probes.rate"
            )


def _too_few_writes(scenario: Scenario) -> Iterator[str]:
    region = scenario.stack.topology.primary_region
    writes_hz = scenario.load.users.get(region, 0) * scenario.load.pace_hz * scenario.load.workload.write_share
    for objective in scenario.objectives:
        expects_loss = objective.measure == "lost_writes" and (objective.minimum or 0) > 0
        if expects_loss and writes_hz < WRITES_TO_LOSE_SOME_HZ:
            yield (
                f"objective {objective.name} expects lost writes, but {region} issues at most {writes_hz:g} writes/s: "
                f"below {WRITES_TO_LOSE_SOME_HZ:g} there may be nothing to lose"
            )


def _lost_regions_asked(scenario: Scenario) -> Iterator[str]:
    lost = _lost(scenario).values()
    for objective in scenario.objectives:
        if objective.region in lost:
            yield (
                f"objective {objective.name} asks about {objective.region}, whose clients are lost with it: "
                f"it will be inconclusive"
            )


def _no_failover(scenario: Scenario) -> Iterator[str]:
    runbook, primary = scenario.stack.failover, scenario.stack.topology.primary_region
    lost = _lost(scenario)
    if not isinstance(runbook, Runbook) or primary not in lost.values():
        return
    if runbook.origin in lost.values():
        yield f"the operator sits in {runbook.origin}, which is lost: nobody fails over"
    elif runbook.fence is Fence.REQUIRED:
        yield f"the runbook must fence the primary before it promotes, but {primary} is lost: nobody fails over"


def _slow_checks(scenario: Scenario) -> Iterator[str]:
    runbook, topology = scenario.stack.failover, scenario.stack.topology
    if not isinstance(runbook, Runbook):
        return
    slowest_ns = max(
        conditions.rtt_ns(runbook.origin, topology.primary_region) or 0
        for conditions in situations(topology, scenario.timeline)
    )
    if CHECK_ROUND_TRIPS * slowest_ns > runbook.timeout_ns:
        yield (
            f"latency faults make a health check take up to {CHECK_ROUND_TRIPS * slowest_ns / 1e9:g} s, longer than "
            f"its timeout of {runbook.timeout_ns / 1e9:g} s: the runbook may fail over from a healthy primary"
        )


def _blocked_quorum(scenario: Scenario) -> Iterator[str]:
    replication, topology = scenario.stack.replication, scenario.stack.topology
    if not isinstance(replication, Quorum) or not isinstance(scenario.stack.failover, Runbook):
        return
    lost = _lost(scenario).values()
    survivors = [region for region in topology.regions if region not in lost]
    if topology.primary_region in lost and all(
        len([region for region in replication.of if region in survivors and region != candidate]) < replication.any
        for candidate in survivors
    ):
        yield f"after the loss no new primary finds {replication.any} region(s) to acknowledge: writes hang to the end"


def _short_run(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        prediction = plan.predictions.get(step.name)
        if prediction is None:
            continue
        recovered_ns = step.at_ns + sum(high for _, high in prediction.parts.values())
        if recovered_ns > plan.duration_ns:
            yield (
                f"step {step.name}: recovery may take until {recovered_ns / 1e9:.1f} s, the run ends at "
                f"{plan.duration_ns / 1e9:g} s: its rto may stay unknown (censored); make `duration` longer"
            )


def _lost(scenario: Scenario) -> dict[str, str]:
    """Return the lost regions by the step that loses them."""
    return {step.name: step.fault.region for step in scenario.timeline if isinstance(step.fault, RegionLoss)}
