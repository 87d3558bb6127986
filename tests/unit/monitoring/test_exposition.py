"""What Prometheus is told of a run."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from chaoskit.engine.progress import Progress
from chaoskit.errors import StackError
from chaoskit.load.meter import Meter
from chaoskit.load.orders import FAILED
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan
from chaoskit.monitoring.annotations import Annotation
from chaoskit.monitoring.exposition import Exposition
from chaoskit.monitoring.families import about

MS = 1_000_000
STREAM = {"region": "eu-west", "operation": "write", "connection": "fresh"}
Sample = Callable[..., float | None]


@pytest.fixture
def exposition(plan: Plan) -> Exposition:
    return Exposition(plan, trial=2)


@pytest.fixture
def sample(exposition: Exposition) -> Sample:
    """The value of a series now; None: it is absent."""
    registry = CollectorRegistry()
    registry.register(exposition)
    return lambda name, **labels: registry.get_sample_value(f"chaoskit_{name}", labels)


def seen(*took_ns: int) -> Progress:
    """A look at a run whose one stream has finished these probes."""
    meter = Meter()
    for one in took_ns:
        meter.count(one)
    answered = sum(one != FAILED for one in took_ns)
    return Progress(
        phase="healthy",
        probed={"eu-west/write/fresh": (answered, len(took_ns)), "us-east/read/fresh": (0, 0)},
        tallies={"eu-west/write/fresh": meter.tally()},
        operations={"eu-west": 10 * len(took_ns)},
        primary="us-east/1",
        lag_bytes={"eu-west/1": 8192},
    )


def test_the_run_is_named_once_and_on_no_other_series(exposition: Exposition, sample: Sample) -> None:
    exposition.watch(seen(1 * MS))
    assert sample("run_info", scenario="two-cuts", variant="", run="abcdef", trial="2", seed="7") == 1
    named = [s.name for family in exposition.collect() for s in family.samples if {"run", "scenario"} & s.labels.keys()]
    assert named == ["chaoskit_run_info"]


def test_a_stream_has_its_share_of_answers_and_one_without_finished_probes_has_none(
    exposition: Exposition, sample: Sample
) -> None:
    exposition.watch(seen(1 * MS, FAILED, FAILED, 2 * MS))
    assert sample("probe_success_ratio", **STREAM) == 0.5
    assert sample("probe_success_ratio", region="us-east", operation="read", connection="fresh") is None


def test_failed_probes_are_counted_and_are_no_durations(exposition: Exposition, sample: Sample) -> None:
    exposition.watch(seen(1 * MS, FAILED, 30 * MS, 9000 * MS))
    assert sample("probes_total", **STREAM, outcome="ok") == 3
    assert sample("probes_total", **STREAM, outcome="failed") == 1
    assert sample("probe_duration_seconds_count", **STREAM) == 3
    assert sample("probe_duration_seconds_sum", **STREAM) == pytest.approx(9.031)
    below = {le: sample("probe_duration_seconds_bucket", **STREAM, le=le) for le in ("0.001", "0.025", "0.05", "5.0")}
    assert below == {"0.001": 1, "0.025": 1, "0.05": 2, "5.0": 2}


def test_lag_and_primary_are_told_node_by_node(exposition: Exposition, sample: Sample) -> None:
    exposition.watch(seen(1 * MS))
    assert sample("replica_lag_bytes", region="eu-west", node="eu-west/1") == 8192
    assert sample("replica_lag_bytes", region="us-east", node="us-east/1") is None
    assert sample("node_primary", region="us-east", node="us-east/1") == 1
    assert sample("node_primary", region="eu-west", node="eu-west/1") == 0


def test_what_is_not_known_any_more_disappears_and_counters_stay(exposition: Exposition, sample: Sample) -> None:
    exposition.watch(seen(1 * MS, FAILED))
    exposition.watch(Progress(phase="stopping the load"))
    assert sample("probe_success_ratio", **STREAM) is None
    assert sample("replica_lag_bytes", region="eu-west", node="eu-west/1") is None
    assert sample("node_primary", region="us-east", node="us-east/1") is None
    assert sample("probes_total", **STREAM, outcome="failed") == 1
    assert sample("probe_duration_seconds_count", **STREAM) == 1
    assert sample("operations_total", region="eu-west") == 20


def test_a_fault_is_active_from_its_onset_to_its_heal_in_the_regions_it_names(
    exposition: Exposition, sample: Sample, onset: Event, heal: Event
) -> None:
    def active() -> list[float | None]:
        return [
            sample("fault_active", region="us-east", step="cut", fault="partition"),
            sample("fault_active", region="eu-west", step="cut", fault="partition"),
            sample("fault_active", region="ap-south", step="cut", fault="partition"),
            sample("fault_active", region="us-east", step="slow", fault="latency"),
        ]

    told = [active()]
    with exposition.hearing(lambda _event: None) as ear:
        for event in (onset, Event(t_ns=4, event=Name.PROVED, step="cut"), heal):
            ear(event)
            told.append(active())
    assert told == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


def test_a_fault_that_stands_when_the_load_has_stopped_is_still_active(
    exposition: Exposition, sample: Sample, onset: Event
) -> None:
    with exposition.hearing(lambda _event: None) as ear:
        ear(onset)
        exposition.watch(Progress(phase="stopping the load"))
        assert sample("fault_active", region="eu-west", step="cut", fault="partition") == 1


def test_of_a_run_that_broke_off_nothing_stands_and_nothing_is_known(
    exposition: Exposition, sample: Sample, onset: Event
) -> None:
    def broken_off() -> None:
        with exposition.hearing(lambda _event: None) as ear:
            ear(onset)
            exposition.watch(seen(1 * MS))
            raise StackError("no disk")

    with pytest.raises(StackError):
        broken_off()
    assert sample("fault_active", region="eu-west", step="cut", fault="partition") == 0
    assert sample("probe_success_ratio", **STREAM) is None
    assert sample("probes_total", **STREAM, outcome="ok") == 1


def test_a_variant_is_named_beside_its_scenario(plan: Plan) -> None:
    variant = replace(plan, scenario=replace(plan.scenario, variant="any1"))
    (labels,) = [sample.labels for sample in about(variant, 1).samples]
    assert (labels["scenario"], labels["variant"]) == ("two-cuts", "any1")
    annotation = Annotation(step="cut", fault="partition", text="cut", began_ns=0, ended_ns=1)
    assert annotation.body(variant, epoch_wall_ns=0)["tags"] == [
        *["chaoskit", "partition", "scenario:two-cuts", "variant:any1", "run:abcdef"],
    ]
