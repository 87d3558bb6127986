"""What a sound file means."""

from dataclasses import replace

import pytest

from chaoskit.model.fault import Latency, Link, Mode, Partition, RegionLoss
from chaoskit.model.scenario import Async, Commit, Fence, NoFailover, Quorum, Reads, Runbook
from chaoskit.scenario_file import load, parse, resolved

MS = 1_000_000
S = 1000 * MS
SMALL = "chaoskit: 1\nname: s\nquestion: q\nstack: {regions: [a, b]}\nduration: 9s\n"


def test_what_is_left_out_has_the_defaults_of_the_language():
    scenario = parse(SMALL, "s")
    assert scenario.stack.topology.primary == "a/1"
    assert scenario.stack.topology.rtt("a", "b") == 0
    assert scenario.stack.replication == Async()
    assert scenario.stack.failover == NoFailover()
    assert scenario.stack.reads is Reads.LOCAL
    assert scenario.stack.postgres_version == 18
    assert scenario.load.users == {"a": 5, "b": 5}
    assert (scenario.load.pace_hz, scenario.load.probes.rate_hz, scenario.load.probes.timeout_ns) == (20.0, 20.0, None)
    assert (scenario.steady_state.for_ns, scenario.steady_state.availability) == (5 * S, 0.99)
    assert (scenario.seed, scenario.tags, scenario.timeline, scenario.objectives) == (None, (), (), ())


def test_the_runbook_sits_by_default_in_the_first_region_without_the_primary(sound):
    for primary, origin in (("us-east", "eu-west"), ("eu-west", "us-east")):
        text = SMALL.replace("[a, b]}", f"[us-east, eu-west], primary: {primary}, %}}")
        scenario = parse(text.replace("%", "failover: {runbook: {failback: none}}"), "s")
        assert scenario.stack.failover == Runbook(
            every_ns=500 * MS, failures=6, timeout_ns=S, decide_ns=S, origin=origin, fence=Fence.ATTEMPT
        )


def test_a_lone_region_can_carry_a_runbook_that_will_find_nobody():
    text = SMALL.replace("[a, b]}", "[a], failover: {runbook: {failback: none}}}")
    assert parse(text, "s").stack.failover.origin == "a"


def test_a_quorum_is_of_all_regions_unless_some_are_named():
    def quorum(options: str) -> Quorum:
        return parse(SMALL.replace("[a, b]}", f"[a, b, c], replication: {options}}}"), "s").stack.replication

    assert quorum("quorum") == Quorum(any=1, of=("a", "b", "c"), commit=Commit.FLUSH)
    assert quorum("{quorum: {of: [c, b/1], commit: remote_apply}}") == Quorum(
        any=1, of=("c", "b"), commit=Commit.REMOTE_APPLY
    )


def test_regions_may_be_a_map_and_the_primary_a_node():
    text = SMALL.replace("[a, b]}", "{a: {}, b: {nodes: 1}}, primary: b/1}")
    topology = parse(text, "s").stack.topology
    assert (topology.regions, topology.primary) == (("a", "b"), "b/1")


def test_round_trips_may_be_given_for_several_pairs_at_once_and_by_default():
    text = SMALL.replace("[a, b]}", "[a, b, c, d], network: {rtt: {a <-> b + c: 5ms, b<->c: 1s, default: 7ms}}}")
    topology = parse(text, "s").stack.topology
    found = {pair: topology.rtt(*pair) // MS for pair in (("b", "a"), ("a", "c"), ("c", "b"), ("d", "a"), ("d", "d"))}
    assert found == {("b", "a"): 5, ("a", "c"): 5, ("c", "b"): 1000, ("d", "a"): 7, ("d", "d"): 0}


def test_settings_are_kept_as_they_are_written():
    text = SMALL.replace("[a, b]}", "[a], postgres: {version: 17, settings: {work_mem: 4MB, jit: off, a.b: '1'}}}")
    stack = parse(text, "s").stack
    assert (stack.postgres_version, stack.settings) == (17, {"work_mem": "4MB", "jit": "off", "a.b": "1"})


def test_steps_are_sorted_by_their_beginning_and_know_their_place(sound):
    scenario = sound(
        "duration: 60s\ntimeline:\n"
        "  late: {at: 20s, fault: region_loss, target: us-east, until: end}\n"
        "  cut: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}\n"
        "  slow: {at: 6s, fault: latency, link: rest -> ap-south, factor: 2.5, for: 1m}\n".replace("1m", "50s")
    )
    assert [(step.name, step.at_ns, step.for_ns, step.line, step.column) for step in scenario.timeline] == [
        ("cut", 5 * S, 3 * S, 10, 3),
        ("slow", 6 * S, 50 * S, 11, 3),
        ("late", 20 * S, None, 9, 3),
    ]
    assert [step.fault for step in scenario.timeline] == [
        Partition(link=Link(left=("us-east",), right=("eu-west", "ap-south")), mode=Mode.STALL),
        Latency(link=Link(left=("us-east", "eu-west"), right=("ap-south",), both_ways=False), factor=2.5),
        RegionLoss(region="us-east"),
    ]


@pytest.mark.parametrize(
    ("text", "unit", "bounds", "words"),
    [
        ("rto: {max: 1m30s}", "s", (None, 90.0), "max 1m30s"),
        ("availability: {min: 99.9%}", "fraction", (0.999, None), "min 99.9%"),
        ("lost_writes: {min: 1, max: 40}", "count", (1.0, 40.0), "min 1, max 40"),
        ("rpo_bytes: {max: 1.5KiB}", "bytes", (None, 1536.0), "max 1.5KiB"),
        ("p: {measure: latency.p99.9, max: 250ms}", "s", (None, 0.25), "max 250ms"),
    ],
)
def test_bounds_are_in_the_unit_of_their_measure_and_keep_the_words_of_the_file(sound, text, unit, bounds, words):
    (objective,) = sound(f"duration: 9s\nobjectives:\n  {text}").objectives
    assert (objective.unit, (objective.minimum, objective.maximum), objective.expected_text) == (unit, bounds, words)
    assert objective.position == "s.chaos.yaml:9:3"


def test_an_objective_may_be_narrowed_to_a_region_an_operation_a_connection_and_a_step(sound):
    (objective,) = sound(
        "timeline:\n  cut: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}\nobjectives:\n"
        "  w: {measure: rto, region: eu-west, operation: write, connection: fresh, step: cut, max: 9s}"
    ).objectives
    scope = (objective.region, objective.operation, objective.connection, objective.step)
    assert scope == ("eu-west", "write", "fresh", "cut")


def test_a_lost_measurement_of_time_is_none(sound):
    with_read_after = sound("duration: 9s\nload: {workload: {register: {read_after: 0s}}}")
    assert with_read_after.load.workload.read_after_ns == 0
    assert sound("duration: 9s\nload: {workload: register}").load.workload.read_after_ns is None


def test_a_byte_order_mark_is_no_error(tmp_path):
    path = tmp_path / "s.chaos.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load(path).source == str(path)


@pytest.mark.parametrize("name", ["baseline", "partition-stall", "region-loss-async", "region-loss-quorum"])
def test_the_scenarios_of_the_repository_are_sound_and_survive_being_resolved(scenarios_dir, name):
    path = scenarios_dir / f"{name}.chaos.yaml"
    assert path.read_text().startswith("# yaml-language-server: $schema=../docs/scenario.schema.json\n")
    scenario = load(path)
    again = parse(resolved(scenario), scenario.source)
    assert scenario.name == name
    assert scenario.question
    assert scenario.hypothesis
    assert scenario.objectives
    assert replace(again, timeline=(), objectives=()) == replace(scenario, timeline=(), objectives=())
    assert [replace(step, line=0, column=0) for step in again.timeline] == [
        replace(step, line=0, column=0) for step in scenario.timeline
    ]
    assert [replace(objective, position="") for objective in again.objectives] == [
        replace(objective, position="") for objective in scenario.objectives
    ]
