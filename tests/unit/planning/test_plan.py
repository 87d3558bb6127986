"""Dials, schedule, the prober's numbers, and the plan as JSON."""

import json
from dataclasses import replace

import pytest

from chaoskit.errors import UsageError
from chaoskit.model.scenario import Probes
from chaoskit.planning import as_json, plan

MS = 1_000_000
S = 1000 * MS
RUNBOOK = "failover: {runbook: {failback: none}}"
CUT = "cut: {at: 5s, fault: partition, link: us-east <-> rest, for: 8s}"
LOSS = "loss: {at: 5s, fault: region_loss, target: us-east, until: end}"


def test_every_regions_clients_and_every_node_dial_every_other_node(planned):
    names = [f"{dial.source.name}>{dial.target.name}" for dial in planned().dials]
    assert names == [
        "us-east.clients>us-east/1",
        "us-east.clients>eu-west/1",
        "us-east.clients>ap-south/1",
        "eu-west.clients>us-east/1",
        "eu-west.clients>eu-west/1",
        "eu-west.clients>ap-south/1",
        "ap-south.clients>us-east/1",
        "ap-south.clients>eu-west/1",
        "ap-south.clients>ap-south/1",
        "us-east/1>eu-west/1",
        "us-east/1>ap-south/1",
        "eu-west/1>us-east/1",
        "eu-west/1>ap-south/1",
        "ap-south/1>us-east/1",
        "ap-south/1>eu-west/1",
    ]


def test_the_operator_dials_every_node_and_every_regions_control_from_its_own_region(planned):
    names = [f"{dial.source.name}>{dial.target.name}" for dial in planned("duration: 9s", RUNBOOK).dials]
    assert len(names) == 15 + 6
    assert names[-6:] == [
        "eu-west.manager>us-east/1",
        "eu-west.manager>eu-west/1",
        "eu-west.manager>ap-south/1",
        "eu-west.manager>us-east.clients",
        "eu-west.manager>eu-west.clients",
        "eu-west.manager>ap-south.clients",
    ]


def test_a_step_that_hangs_on_another_is_planned_absolutely_where_that_one_is_known(planned):
    late = "late: {at: cut.end + 2s, fault: crash, target: primary, until: cut.end + 5s}"
    waiting = "waiting: {at: promoted + 1s, fault: crash, target: primary, for: 3s}"
    steps = planned("duration: 60s", RUNBOOK, waiting, late, CUT).steps
    assert [(step.name, step.at_ns, step.until_ns) for step in steps] == [
        ("cut", 5 * S, 13 * S),
        ("late", 15 * S, 18 * S),
        ("waiting", None, None),
    ]
    assert str(steps[-1].at) == "promoted + 1 s"


def test_jitter_is_drawn_in_the_plan_and_is_as_wide_as_was_asked(planned):
    slow = "slow: {at: 1s, for: 1s, fault: latency, link: us-east <-> rest, add: 20ms, jitter: 5ms}"
    (step,), (again,) = (planned("duration: 9s", "", slow).steps for _ in range(2))
    assert step.jitter_ns == again.jitter_ns
    assert set(step.jitter_ns) == {ms * MS for ms in range(-5, 6)}


DRAWN = "cut: {at: 5s..8s, for: 3s, fault: partition, link: us-east <-> rest}"


def test_a_drawn_instant_is_repeated_by_its_seed_and_lies_in_its_range(scenario):
    asked = scenario("", "", DRAWN)
    found = {seed: plan(asked, seed=seed, run="r").steps[0].at_ns for seed in range(200)}
    assert found == {seed: plan(asked, seed=seed, run="r").steps[0].at_ns for seed in range(200)}
    assert all(at_ns is not None and 5 * S <= at_ns <= 8 * S and at_ns % MS == 0 for at_ns in found.values())
    assert len(set(found.values())) > 150


def test_every_trial_is_as_long_whatever_was_drawn(scenario):
    asked = scenario("", "", DRAWN)
    assert {plan(asked, seed=seed, run="r").duration_ns for seed in range(20)} == {21 * S}


def test_what_hangs_on_a_drawn_step_moves_with_it(scenario):
    after = "loss: {at: cut.end + 2s, until: end, fault: region_loss, target: us-east}"
    cut, loss = plan(scenario("duration: 60s", "", DRAWN, after), seed=3, run="r").steps
    assert loss.at_ns == (cut.until_ns or 0) + 2 * S


def test_a_probe_waits_for_the_slowest_that_jitter_and_a_latency_of_unknown_onset_can_make_it(planned):
    known = "slow: {at: 1s, for: 1s, fault: latency, link: us-east <-> rest, add: 100ms, jitter: 100ms}"
    unknown = known.replace("at: 1s", "at: promoted")
    widest_ns = 6 * (200 + 100 + 100) * MS + 200 * MS
    assert planned("duration: 9s", "", known).probes.timeout_ns == widest_ns
    assert planned("duration: 9s", RUNBOOK, unknown).probes.timeout_ns == widest_ns


def test_steps_have_absolute_ends(planned):
    steps = planned("duration: 60s", "", LOSS.replace("5s", "9s"), CUT).steps
    assert [(step.name, step.at_ns, step.until_ns) for step in steps] == [("cut", 5 * S, 13 * S), ("loss", 9 * S, None)]


@pytest.mark.parametrize(
    ("rest", "objectives", "expected_ns"),
    [
        ("", "{}", 23 * S),
        ("", "{rto: {max: 4s}}", 23 * S),
        ("", "{rto: {max: 15s}, w: {measure: rto, operation: write, max: 20s}, downtime: {max: 50s}}", 33 * S),
        ("duration: 14s", "{rto: {max: 15s}}", 14 * S),
    ],
)
def test_a_run_lasts_as_given_or_ten_seconds_or_the_largest_rto_past_the_last_end(
    planned, rest, objectives, expected_ns
):
    assert planned(rest, "", CUT, objectives=objectives).duration_ns == expected_ns


def test_a_run_without_a_known_end_is_refused(scenario):
    for steps in ((), (LOSS,), (CUT, LOSS)):
        endless = replace(scenario("duration: 60s", "", *steps), duration_ns=None)
        with pytest.raises(UsageError, match="has no end"):
            plan(endless, seed=1, run="r")


@pytest.mark.parametrize(
    ("stack", "steps", "expected_ms"),
    [
        # 6 x 200 ms (ap-south to us-east) + 0 + 200 ms.
        ("", (), 1400),
        (RUNBOOK, (), 1400),
        # Primary in eu-west: 6 x 130 ms + 200 ms = 980 ms; with a runbook us-east may become primary: 6 x 200 again.
        ("primary: eu-west", (), 1000),
        ("primary: eu-west\n  failover: {runbook: {failback: none}}", (), 1400),
        # The nearest standby acknowledges: + 80 ms; ap-south as primary waits for eu-west: + 130 ms.
        ("replication: quorum", (), 1500),
        (f"replication: quorum\n  {RUNBOOK}", (), 1600),
        # Both standbys must: + 200 ms.
        ("replication: {quorum: {any: 2}}", (), 1600),
        ("replication: {quorum: {of: [ap-south]}}", (), 1600),
        # + 100 ms a round trip: 6 x 300 ms + 200 ms; one way counts in full; half again as slow on top of both.
        ("", ("a: {at: 5s, fault: latency, link: ap-south <-> rest, add: 100ms, for: 5s}",), 2000),
        ("", ("a: {at: 5s, fault: latency, link: ap-south -> us-east, add: 100ms, for: 5s}",), 2000),
        ("", ("a: {at: 5s, fault: latency, link: ap-south <-> us-east, factor: 1.5, for: 5s}",), 2000),
        (
            "",
            (
                "a: {at: 5s, fault: latency, link: ap-south <-> us-east, factor: 1.5, for: 5s}",
                "b: {at: 9s, fault: latency, link: ap-south <-> us-east, add: 50ms, for: 5s}",
                "c: {at: 10s, fault: latency, link: ap-south <-> us-east, add: 90ms, for: 5s}",
            ),
            # 5 s to 10 s: 200 + 100 (+ 50) = 350 ms; from 10 s on, when a has ended: 200 + 50 + 90 = 340 ms.
            6 * 350 + 200,
        ),
        # The commit falls back on the farther standby while the nearer one is cut off: 6 x 200 + 200 + 200 ms.
        ("replication: quorum", ("a: {at: 5s, fault: partition, link: us-east <-> eu-west, for: 5s}",), 1600),
        # What is slow only while it is cut asks for nothing.
        ("", (CUT, "a: {at: 6s, fault: latency, link: us-east <-> rest, add: 9s, for: 5s}"), 1400),
        ("", (LOSS, "a: {at: 6s, fault: latency, link: us-east <-> rest, add: 9s, for: 5s}"), 1400),
    ],
)
def test_the_probe_timeout_covers_six_round_trips_and_the_commit_in_the_worst_case(planned, stack, steps, expected_ms):
    assert planned("duration: 60s", stack, *steps).probes.timeout_ns == expected_ms * MS


def test_a_given_timeout_is_kept_where_it_is_long_enough_and_refused_with_the_needed_one_where_not(scenario, planned):
    assert planned("duration: 9s\nload: {probes: {timeout: 1450ms}}").probes.timeout_ns == 1450 * MS
    sound = scenario()
    short = replace(sound, load=replace(sound.load, probes=Probes(timeout_ns=1399 * MS)))
    with pytest.raises(UsageError, match=r"1\.399 s is too short") as raised:
        plan(short, seed=1, run="r")
    assert "at least 1.4 s" in raised.value.fix


def test_pool_keys_and_fresh_rate_follow_from_timeout_and_rate(planned):
    probes = planned("duration: 9s\nload: {probes: {rate: 30/s, timeout: 1.45s}}").probes
    assert (probes.pool, probes.keys, probes.fresh_rate_hz, probes.interval_ns) == (44, 88, 7.5, 33_333_333)


def test_max_connections_is_the_worst_case_on_one_node(planned):
    # 3 regions x read and write x (ceil(1.4 x 20) established + ceil(1.4 x 5) fresh) + 2 x (14 + 3 + 3) users + 20.
    found = planned("duration: 9s\nload: {users: {us-east: 14, default: 3}}").max_connections
    assert found == 6 * (28 + 7) + 2 * 20 + 20


def test_a_plan_is_the_same_whenever_it_is_made_and_is_plain_json(planned):
    slow = "slow: {at: 1s, fault: latency, link: us-east <-> rest, add: 1ms, for: 1s}"
    first, second = (
        planned("duration: 60s", RUNBOOK, CUT.replace("for: 8s", "until: end"), LOSS, slow) for _ in range(2)
    )
    assert first == second
    as_read = json.loads(json.dumps(as_json(first)))
    assert as_read == as_json(second)
    assert (as_read["run"], as_read["seed"], as_read["duration_ns"]) == ("r1", 1, 60 * S)
    assert [step["deed"] for step in as_read["steps"]] == [
        {"word": "latency", "link": "us-east <-> rest", "add_ns": MS, "factor": None, "jitter_ns": 0},
        {"word": "partition", "link": "us-east <-> rest", "mode": "stall"},
        {"word": "region_loss", "target": "us-east", "data": "kept", "clients": "lost"},
    ]
    assert set(as_read["predictions"]) == {"cut"}
