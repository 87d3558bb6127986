"""What a run looks like to Prometheus: names, labels and units by its conventions. docs/metrics.md lists them."""

from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from chaoskit.engine.progress import WINDOW_NS
from chaoskit.model.plan import Plan
from chaoskit.protocols import TALLY_BOUNDS_S, Tally

STREAM = ("region", "operation", "connection")
BOUNDS = (*(repr(bound_s) for bound_s in TALLY_BOUNDS_S), "+Inf")


def about(plan: Plan, trial: int) -> Metric:
    """Which run it is: to be joined, so that no other series carries it."""
    scenario = plan.scenario
    labels = {"scenario": scenario.name, "variant": scenario.variant or ""}
    labels |= {"run": plan.run, "trial": str(trial), "seed": str(plan.seed)}
    return InfoMetricFamily("chaoskit_run", "The run that goes on, or went on last.", labels)


def success(probed: Mapping[str, tuple[int, int]]) -> Metric:
    """Availability of the last moments; streams without a finished probe are absent."""
    family = GaugeMetricFamily(
        "chaoskit_probe_success_ratio",
        f"Answered share of the probes that were due in the last {WINDOW_NS / 1e9:g} s and have finished.",
        labels=STREAM,
    )
    for stream, (answered, finished) in probed.items():
        if finished:
            family.add_metric(stream.split("/"), answered / finished)
    return family


def probes(tallies: Mapping[str, Tally]) -> Iterable[Metric]:
    """How many probes have finished, and how long the answered ones took."""
    counts = CounterMetricFamily("chaoskit_probes", "Finished probes.", labels=(*STREAM, "outcome"))
    took = HistogramMetricFamily(
        "chaoskit_probe_duration_seconds",
        "How long answered probes took since they were scheduled. One without an answer is no duration.",
        labels=STREAM,
    )
    for stream, tally in tallies.items():
        labels, below = stream.split("/"), tuple(accumulate(tally.answered))
        counts.add_metric([*labels, "ok"], below[-1])
        counts.add_metric([*labels, "failed"], tally.failed)
        took.add_metric(labels, tuple(zip(BOUNDS, below, strict=True)), tally.took_ns / 1e9)
    return counts, took


def operations(counts: Mapping[str, int]) -> Metric:
    """What users did."""
    family = CounterMetricFamily("chaoskit_operations", "Operations of users.", labels=("region",))
    for region, count in counts.items():
        family.add_metric([region], count)
    return family


def lag(plan: Plan, lag_bytes: Mapping[str, int]) -> Metric:
    """How far replicas are behind; the primary, and whoever it does not know, are absent."""
    family = GaugeMetricFamily(
        "chaoskit_replica_lag_bytes", "WAL that a replica has not replayed yet.", labels=("region", "node")
    )
    for node in plan.scenario.stack.topology.nodes:
        if node.name in lag_bytes:
            family.add_metric([node.region, node.name], lag_bytes[node.name])
    return family


def primary(plan: Plan, name: str | None) -> Metric:
    """Whom the failover manager holds for the primary; absent while nobody says."""
    family = GaugeMetricFamily(
        "chaoskit_node_primary",
        "1 for the node that the failover manager holds for the primary.",
        labels=("region", "node"),
    )
    for node in plan.scenario.stack.topology.nodes if name is not None else ():
        family.add_metric([node.region, node.name], int(node.name == name))
    return family


def faults(plan: Plan, standing: Mapping[str, Collection[str]]) -> Metric:
    """Every fault of the run's timeline in every region, from the beginning on; ``standing``: where each stands now."""
    family = GaugeMetricFamily(
        "chaoskit_fault_active",
        "1 from a fault's onset to its heal in the regions that it names, else 0.",
        labels=("region", "step", "fault"),
    )
    for step in plan.steps:
        for region in plan.scenario.stack.topology.regions if step.fault is not None else ():
            family.add_metric([region, step.name, step.deed.word], int(region in standing.get(step.name, ())))
    return family
