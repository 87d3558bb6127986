"""What a plan says beforehand about verdicts that it cannot reach."""

import pytest

from chaoskit.planning import plan, warnings
from chaoskit.scenario_file import parse

RUNBOOK = "failover: {runbook: {failback: none%}}"
LOSS = "loss: {at: 5s, fault: region_loss, target: us-east, until: end}"


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        # Fresh probes are 0.2 s apart, established ones 0.05 s.
        ("{rto: {max: 1s}}", 0),
        ("{rto: {max: 999ms}}", 1),
        ("{rto: {max: 999ms, connection: established}}", 0),
        ("{rto: {max: 249ms, connection: established}}", 1),
        ("{rto: {min: 1ms}}", 0),
        ("{downtime: {max: 1ms}}", 0),
    ],
)
def test_probes_farther_apart_than_a_fifth_of_an_rto_are_too_coarse(planned, objective, expected):
    found = warnings(planned("duration: 60s", "", objectives=objective))
    assert len(found) == expected
    assert all("too coarse" in line for line in found)


@pytest.mark.parametrize(
    ("load", "objective", "expected"),
    [
        ("{users: {us-east: 20, default: 1}, pace: 20/s}", "{lost_writes: {min: 1}}", 0),
        ("{users: {us-east: 19, default: 90}, pace: 20/s}", "{lost_writes: {min: 1}}", 1),
        ("{users: {us-east: 1, default: 1}, pace: 20/s}", "{lost_writes: {max: 0}}", 0),
        ("{users: {us-east: 1, default: 1}, pace: 20/s}", "{lost_writes: {min: 0}}", 0),
    ],
)
def test_a_scenario_that_expects_losses_needs_writes_to_lose(planned, load, objective, expected):
    found = warnings(planned(f"duration: 60s\nload: {load}", "", objectives=objective))
    assert len(found) == expected
    assert all("nothing to lose" in line for line in found)


def test_a_region_whose_clients_are_lost_has_no_answer(planned):
    found = warnings(planned("duration: 60s", "", LOSS, objectives="{rto: {max: 9s, region: us-east}}"))
    assert found == ("objective rto asks about us-east, whose clients are lost with it: it will be inconclusive",)


def test_an_objective_that_looks_beyond_the_end_of_the_run_is_named(planned):
    found = warnings(planned("duration: 60s", "", objectives="{downtime: {max: 9s, between: [5s, 61s]}}"))
    assert found == (
        "objective downtime looks until 61 s, the run ends at 60 s: it will be inconclusive; say `end`, or make "
        "`duration` longer",
    )
    for last in ("60s", "end"):
        assert (
            warnings(planned("duration: 60s", "", objectives=f"{{downtime: {{max: 9s, between: [5s, {last}]}}}}")) == ()
        )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (", from: us-east", "the operator sits in us-east, which is lost: nobody fails over"),
        (
            ", fence: required",
            "the runbook must fence the primary before it promotes, but us-east is lost: nobody fails over",
        ),
    ],
)
def test_a_runbook_that_cannot_act_is_named(planned, options, expected):
    assert warnings(planned("duration: 60s", RUNBOOK.replace("%", options), LOSS)) == (expected,)


def test_latency_that_outlasts_the_health_checks_is_named(planned):
    slow = "slow: {at: 1s, fault: latency, link: us-east <-> rest, add: %, for: 1s}"
    runbook = RUNBOOK.replace("%", "")
    assert warnings(planned("duration: 60s", runbook, slow.replace("%", "170ms"))) == ()
    (found,) = warnings(planned("duration: 60s", runbook, slow.replace("%", "171ms")))
    assert "up to 1.004 s, longer than its timeout of 1 s" in found


def test_a_quorum_that_no_survivor_can_reach_is_named(planned):
    stack = "replication: {quorum: {any: %}}\n  " + RUNBOOK.replace("%", "")
    assert warnings(planned("duration: 60s", stack.replace("%", "1"), LOSS)) == ()
    (found,) = warnings(planned("duration: 60s", stack.replace("%", "2"), LOSS))
    assert found == "after the loss no new primary finds 2 node(s) to acknowledge: writes hang until one returns"


def test_a_run_that_ends_before_the_recovery_is_named(planned):
    (found,) = warnings(planned("duration: 14s", RUNBOOK.replace("%", ""), LOSS))
    assert "recovery may take until 14.9 s, the run ends at 14 s" in found
    assert warnings(planned("duration: 15s", RUNBOOK.replace("%", ""), LOSS)) == ()


THIN = "bandwidth, link: us-east.{0} <-> eu-west.nodes, rate: 1MB/s"


@pytest.mark.parametrize(
    ("fault", "stack", "expected"),
    [
        ("packet_loss, link: us-east.clients -> rest, share: 1%", "", ["needs 1.8 s and misses its timeout of 1.4 s"]),
        ("packet_loss, link: us-east.clients -> eu-west, share: 1%", "", []),
        ("packet_loss, link: us-east.nodes -> rest.nodes, share: 1%", "", []),
        (THIN.format("clients"), "", ["waits behind other bytes"]),
        (THIN.format("nodes"), "", []),
        (THIN.format("nodes"), "replication: {sync: {}}", ["waits behind other bytes"]),
        ("disk_full, target: primary, leave: 0B", "", []),
        ("disk_full, target: primary, leave: 0B", RUNBOOK.replace("%", ""), ["no prediction is made"]),
        ("cpu, target: us-east/1, leave: 5%", RUNBOOK.replace("%", ""), ["no prediction is made"]),
        ("cpu, target: eu-west/1, leave: 5%", RUNBOOK.replace("%", ""), []),
        ("packet_loss, link: eu-west.manager -> primary, share: 9%", RUNBOOK.replace("%", ""), ["no prediction"]),
        ("clock_skew, target: us-east/1, by: +5s", RUNBOOK.replace("%", ""), []),
    ],
)
def test_what_only_hinders_is_doubted_as_far_as_nobody_can_know(planned, fault, stack, expected):
    found = warnings(planned("duration: 60s", stack, f"s: {{at: 5s, fault: {fault}, for: 9s}}"))
    assert len(found) == len(expected)
    assert all(words in line for words, line in zip(expected, found, strict=True))


def test_late_ghosts_under_a_wrong_clock_may_be_unclassified(planned):
    step = "s: {at: 5s, fault: clock_skew, target: us-east/1, by: +5s, for: 9s}"
    (found,) = warnings(planned("duration: 60s", "", step, objectives="{late_ghosts: {max: 0}}"))
    assert "commit timestamps of a wrong clock are not trusted" in found


@pytest.mark.parametrize("name", ["baseline", "partition-stall", "region-loss-async", "region-loss-quorum"])
def test_the_scenarios_of_the_repository_are_planned_without_a_doubt(request, name):
    path = request.config.rootpath / "scenarios" / f"{name}.chaos.yaml"
    made = plan(parse(path.read_text(), str(path)), seed=1, run="r1")
    assert warnings(made) == ()
    assert set(made.predictions) == ({"lose-us-east"} if name.startswith("region-loss") else set())
    assert made.duration_ns <= 25_000_000_000
