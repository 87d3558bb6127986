"""The grid is fixed, and lanes do not fire together."""

from itertools import pairwise

from chaoskit.load.grid import Grid, lanes
from chaoskit.model.plan import ProbePlan

REGIONS = ("us-east", "eu-west", "ap-south")
PROBES = ProbePlan(rate_hz=20, fresh_rate_hz=5, timeout_ns=10**9, pool=20, keys=20)


def test_nothing_is_due_before_the_beginning():
    grid = Grid(10, 3)
    assert grid.due(1000) == []
    assert grid.next_ns is None


def test_every_instant_is_handed_out_once_however_late():
    grid = Grid(10, 3)
    grid.begin(100)
    assert grid.due(102) == []
    assert grid.due(103) == [103]
    assert grid.due(140) == [113, 123, 133]
    assert grid.next_ns == 143


def test_an_ended_grid_has_no_more_instants():
    grid = Grid(10, 0)
    grid.begin(0)
    grid.end()
    assert grid.due(1000) == []


def test_a_region_has_four_lanes_at_the_planned_rates():
    intervals = {lane.name: lane.interval_ns for lane in lanes(PROBES, "eu-west", REGIONS)}
    assert intervals == {
        "write/established": 50_000_000,
        "read/established": 50_000_000,
        "write/fresh": 200_000_000,
        "read/fresh": 200_000_000,
    }


def test_no_two_lanes_of_a_run_fire_at_the_same_instant():
    every = [lane for region in REGIONS for lane in lanes(PROBES, region, REGIONS)]
    instants = [lane.phase_ns + k * lane.interval_ns for lane in every for k in range(200_000_000 // lane.interval_ns)]
    assert len(set(instants)) == len(instants)
    ordered = sorted(instants)
    assert min(b - a for a, b in pairwise(ordered)) >= 4_000_000


def test_a_grid_that_begins_late_keeps_its_instants_and_hands_out_no_missed_one():
    whole, late = Grid(interval_ns=10, phase_ns=3), Grid(interval_ns=10, phase_ns=3)
    whole.begin(100)
    late.begin(100, now_ns=124)
    assert late.due(160) == [instant for instant in whole.due(160) if instant >= 124]


def test_an_instant_that_is_due_now_is_not_missed():
    grid = Grid(interval_ns=10, phase_ns=3)
    grid.begin(100, now_ns=123)
    assert grid.due(123) == [123]
