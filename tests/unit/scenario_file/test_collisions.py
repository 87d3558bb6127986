"""Faults that are known to meet are refused before they do."""

import pytest


def step(name: str, fault: str, at: str = "1s", end: str = "for: 5s") -> str:
    return f"{name}: {{at: {at}, fault: {fault}, {end}}}"


CRASH = "crash, target: us-east/1"
FREEZE = "freeze, target: us-east/1"
RECEIVER = "freeze, target: us-east/1, process: walreceiver"
LOSS = "region_loss, target: us-east"


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (CRASH, CRASH, "`us-east/1`"),
        (CRASH, FREEZE, "`us-east/1`"),
        (CRASH, RECEIVER, "the walreceiver of `us-east/1`"),
        (RECEIVER, FREEZE, "the walreceiver of `us-east/1`"),
        (LOSS, CRASH, "`us-east/1`"),
        (FREEZE, LOSS, "`us-east/1`"),
        ("crash, target: us-east.nodes", CRASH, "`us-east/1`"),
    ],
)
def test_two_faults_on_one_process_are_refused(errors_of_steps, first, second, what):
    assert errors_of_steps(step("a", first), step("b", second, "5999ms")) == [
        f"10:3 `b` strikes {what} while `a` still does (a process takes one fault at a time)"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (step("a", CRASH), step("b", CRASH, "6s")),
        (step("a", CRASH), step("b", "crash, target: eu-west/1")),
        (step("a", CRASH), step("b", "crash, target: primary")),  # who that is, is not known
        (step("a", CRASH), step("b", FREEZE, "promoted")),
        (step("a", CRASH, end="until: promoted"), step("b", FREEZE, "2s")),
        (step("a", RECEIVER), step("b", "freeze, target: us-east/1, process: walwriter")),
        (step("a", CRASH), step("b", "partition, link: us-east <-> rest")),
    ],
)
def test_what_does_not_surely_meet_is_left_to_the_run(errors_of_steps, first, second):
    assert errors_of_steps(first, second) == []


def test_steps_meet_by_their_instants_and_not_by_their_place_in_the_file(errors_of_steps):
    assert errors_of_steps(step("late", CRASH, "3s"), step("early", LOSS, "1s")) == [
        "9:3 `late` strikes `us-east/1` while `early` still does (a process takes one fault at a time)"
    ]


def test_a_region_is_lost_once_at_a_time(errors_of_steps):
    assert errors_of_steps(step("a", LOSS), step("b", LOSS, "2s")) == [
        "10:3 the region `us-east` is already lost before `b`"
    ]
    assert errors_of_steps(step("a", LOSS), step("b", LOSS, "6s")) == []


def test_a_region_is_left_at_every_instant(errors_of_steps):
    first, second = step("a", LOSS), step("b", "region_loss, target: eu-west + ap-south", "5s")
    assert errors_of_steps(first, second) == ["10:3 after `b` no region is left"]
    assert errors_of_steps(first, second.replace("5s", "6s", 1)) == []
    assert errors_of_steps(first, second.replace("5s", "promoted", 1)) == []


@pytest.mark.parametrize("target", ["all", "surviving", "us-east + eu-west + ap-south"])
@pytest.mark.parametrize("at", ["1s", "promoted"])
def test_no_single_step_loses_everything(errors_of_steps, target, at):
    (problem,) = errors_of_steps(step("a", f"region_loss, target: {target}", at))
    assert "after `a` no region is left" in problem
