"""What a sound file means."""

from dataclasses import replace
from pathlib import Path

import pytest

from chaoskit.model.fault import (
    Clients,
    Crash,
    Data,
    Freeze,
    Latency,
    Link,
    Mode,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.instant import since_t0
from chaoskit.model.place import places
from chaoskit.model.scenario import (
    Async,
    Commit,
    Failback,
    Fence,
    Locustfile,
    NoFailover,
    Phase,
    Quorum,
    Reads,
    Relative,
    Retry,
    Runbook,
    Sync,
)
from chaoskit.scenario_file import ScenarioErrors, load, parse, resolved
from chaoskit.scenario_file.instants import END_OF_RUN

MS = 1_000_000
S = 1000 * MS
SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.chaos.yaml"))
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
    assert (scenario.load.spawn_rate_hz, scenario.load.retry, scenario.load.workers) == (None, Retry.NONE, {})
    assert (scenario.seed, scenario.trials, scenario.tags) == (None, 1, ())
    assert (scenario.timeline, scenario.objectives) == ((), ())


def test_the_runbook_sits_by_default_in_the_first_region_without_the_primary(sound):
    for primary, origin in (("us-east", "eu-west"), ("eu-west", "us-east")):
        text = SMALL.replace("[a, b]}", f"[us-east, eu-west], primary: {primary}, failover: runbook}}")
        assert parse(text, "s").stack.failover == Runbook(
            every_ns=500 * MS,
            failures=6,
            timeout_ns=S,
            decide_ns=S,
            origin=origin,
            fence=Fence.ATTEMPT,
            candidates=(),
            failback=Failback.REWIND,
        )


def test_a_runbook_may_prefer_regions_and_nodes_and_rebuild_what_comes_back():
    runbook = "failover: {runbook: {candidates: [b/2, a], failback: reclone, fence: required}}"
    failover = parse(SMALL.replace("[a, b]}", f"{{a: {{}}, b: {{nodes: 2}}}}, {runbook}}}"), "s").stack.failover
    assert isinstance(failover, Runbook)
    assert (failover.candidates, failover.failback, failover.fence) == (
        ("b/2", "a"),
        Failback.RECLONE,
        Fence.REQUIRED,
    )


def test_a_lone_region_can_carry_a_runbook_that_will_find_nobody():
    text = SMALL.replace("[a, b]}", "[a], failover: {runbook: {failback: none}}}")
    assert parse(text, "s").stack.failover.origin == "a"


def test_a_quorum_is_of_all_regions_unless_some_are_named():
    def quorum(options: str) -> Quorum:
        return parse(SMALL.replace("[a, b]}", f"[a, b, c], replication: {options}}}"), "s").stack.replication

    assert quorum("quorum") == Quorum(any=1, of=("a", "b", "c"), commit=Commit.FLUSH)
    assert quorum("{quorum: {of: [c, b/1], commit: remote_apply}}") == Quorum(
        any=1, of=("c", "b/1"), commit=Commit.REMOTE_APPLY
    )


def test_sync_waits_for_all_others():
    for text, commit in (("sync", Commit.FLUSH), ("{sync: {commit: remote_write}}", Commit.REMOTE_WRITE)):
        stack = parse(SMALL.replace("[a, b]}", f"[a, b], replication: {text}}}"), "s").stack
        assert stack.replication == Sync(commit=commit)


def test_nodes_count_for_a_quorum_wherever_they_stand():
    stack = parse(SMALL.replace("[a, b]}", "{a: {nodes: 3}, b: {}}, replication: {quorum: {any: 3}}}"), "s").stack
    assert stack.replication == Quorum(any=3, of=("a", "b"))
    assert [node.name for node in stack.topology.nodes] == ["a/1", "a/2", "a/3", "b/1"]


def test_regions_may_be_a_map_and_the_primary_a_node():
    text = SMALL.replace("[a, b]}", "{a: {}, b: {nodes: 2}}, primary: b/2}")
    topology = parse(text, "s").stack.topology
    assert (topology.regions, topology.primary) == (("a", "b"), "b/2")


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
    assert [(step.name, step.at, step.for_ns, step.line, step.column) for step in scenario.timeline] == [
        ("cut", since_t0(5 * S), 3 * S, 10, 3),
        ("slow", since_t0(6 * S), 50 * S, 11, 3),
        ("late", since_t0(20 * S), None, 9, 3),
    ]
    assert [step.fault for step in scenario.timeline] == [
        Partition(link=Link(left=places("us-east"), right=places("rest")), mode=Mode.STALL),
        Latency(link=Link(left=places("rest"), right=places("ap-south"), both_ways=False), factor=2.5),
        RegionLoss(target=places("us-east")),
    ]


@pytest.mark.parametrize(
    ("text", "deed"),
    [
        ("fault: crash, target: eu-west/1 + replica, for: 1s", Crash(target=places("eu-west/1", "replica"))),
        ("fault: freeze, target: primary, for: 1s", Freeze(target=places("primary"), process="all")),
        (
            "fault: freeze, target: replicas, process: walreceiver, for: 1s",
            Freeze(target=places("replicas"), process="walreceiver"),
        ),
        (
            "fault: region_loss, target: primary, data: destroyed, clients: rerouted, for: 1s",
            RegionLoss(target=places("primary"), data=Data.DESTROYED, clients=Clients.REROUTED),
        ),
        (
            "fault: latency, link: us-east <-> rest, add: 80ms, jitter: 20ms, for: 1s",
            Latency(link=Link(left=places("us-east"), right=places("rest")), add_ns=80 * MS, jitter_ns=20 * MS),
        ),
        ("action: switchover, target: eu-west/1", Switchover(target=places("eu-west/1"))),
    ],
)
def test_each_deed_has_its_own_keys(sound, text, deed):
    (step,) = sound(f"  failover: runbook\ntimeline: {{x: {{at: 1s, {text}}}}}").timeline
    assert step.deed == deed


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


def test_an_objective_may_be_about_a_phase_relative_to_another_and_known_to_be_missed(sound):
    (objective,) = sound(
        "duration: 9s\nobjectives:\n"
        "  slow: {measure: latency.p99, phase: after, max: 1.5x  before, expect: missed, because: caches are cold}"
    ).objectives
    assert (objective.phase, objective.maximum) == (Phase.AFTER, Relative(factor=1.5, phase=Phase.BEFORE))
    assert (objective.missed, objective.because) == (True, "caches are cold")


def test_an_objective_may_be_about_the_time_between_two_instants(sound):
    (objective,) = sound("duration: 9s\nobjectives:\n  availability: {between: [2s, end], min: 9%}").objectives
    assert objective.between == (since_t0(2 * S), END_OF_RUN)


def test_the_load_may_come_slowly_retry_and_share_processes(sound):
    load = sound("duration: 9s\nload: {spawn_rate: 2.5/s, retry: backoff, workers: {eu-west: 3}}").load
    assert (load.spawn_rate_hz, load.retry, load.workers) == (2.5, Retry.BACKOFF, {"eu-west": 3})


def test_a_locustfile_is_found_beside_the_scenario_and_must_be_there(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "users.py").touch()
    path = folder / "s.chaos.yaml"
    path.write_text(SMALL + "load: {workload: {locustfile: {path: ../users.py, classes: [Buyer], tags: [a b]}}}\n")
    workload = load(path).load.workload
    assert workload == Locustfile(path=str(tmp_path / "users.py"), classes=("Buyer",), tags=("a b",))
    assert parse(resolved(load(path)), "elsewhere/s").load.workload == workload
    (tmp_path / "users.py").unlink()
    with pytest.raises(ScenarioErrors, match=r"there is no file `\.\./users.py` \(looked for /"):
        load(path)
    assert parse(path.read_text(), str(path), here=False).load.workload == workload


def test_what_is_required_of_the_machine_may_be_said(sound):
    assert sound("duration: 9s\nrequires: {runtime: local}\ntrials: 5").trials == 5


def test_a_lost_measurement_of_time_is_none(sound):
    with_read_after = sound("duration: 9s\nload: {workload: {register: {read_after: 0s}}}")
    assert with_read_after.load.workload.read_after_ns == 0
    assert sound("duration: 9s\nload: {workload: register}").load.workload.read_after_ns is None


def test_a_byte_order_mark_is_no_error(tmp_path):
    path = tmp_path / "s.chaos.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load(path).source == str(path)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_the_scenarios_of_the_repository_are_sound_and_survive_being_resolved(path):
    assert path.read_text().startswith("# yaml-language-server: $schema=../docs/scenario.schema.json\n")
    scenario = load(path)
    again = parse(resolved(scenario), scenario.source)
    assert f"{scenario.name}.chaos.yaml" == path.name
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
