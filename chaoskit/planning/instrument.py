"""The prober's numbers, and how many connections a node must stand."""

import math

from chaoskit.errors import UsageError
from chaoskit.model.plan import ProbePlan
from chaoskit.model.round_trips import required_probe_timeout_ns
from chaoskit.model.scenario import Scenario

TIMEOUT_STEP_NS = 100_000_000
# A fresh connection costs 2-4.5 ms of CPU: fresh streams run at this share of the rate.
FRESH_SHARE = 0.25
# A user holds one connection to the write endpoint and one to the read endpoint.
CONNECTIONS_PER_USER = 2
# Reads and writes.
OPERATIONS = 2
# Health checks and promotion, the harness's own sessions, and what PostgreSQL reserves for superusers.
RESERVED_CONNECTIONS = 20


def probe_plan(scenario: Scenario) -> ProbePlan:
    """Return rates, deadline, pool and keys of the probe streams.

    The deadline is as given, or the least that the round trips allow, rounded up to 100 ms. Writes rotate over twice
    the pool: an unanswered write keeps its row's lock past its deadline, and the next turn must not run into it.

    Raises:
        UsageError: The given timeout is below what the round trips need.
    """
    asked = scenario.load.probes
    required_ns = required_probe_timeout_ns(scenario.stack, scenario.timeline)
    timeout_ns = asked.timeout_ns or math.ceil(required_ns / TIMEOUT_STEP_NS) * TIMEOUT_STEP_NS
    if timeout_ns < required_ns:
        raise UsageError(
            f"a probe timeout of {timeout_ns / 1e9:g} s is too short",
            why="a fresh connection and a commit at these round trips would count as an outage",
            fix=f"make load.probes.timeout at least {required_ns / 1e9:g} s, or leave it out",
        )
    pool = _slots(timeout_ns, asked.rate_hz)
    return ProbePlan(
        rate_hz=asked.rate_hz,
        fresh_rate_hz=asked.rate_hz * FRESH_SHARE,
        timeout_ns=timeout_ns,
        pool=pool,
        keys=2 * pool,
    )


def max_connections(scenario: Scenario, probes: ProbePlan) -> int:
    """Return the worst case on one node: all regions' endpoints point to it and it answers nobody.

    Per region and operation an established stream holds its whole pool, a fresh one every attempt within its deadline;
    users hold all of theirs.
    """
    streams = len(scenario.stack.topology.regions) * OPERATIONS
    fresh = _slots(probes.timeout_ns, probes.fresh_rate_hz)
    users = sum(scenario.load.users.values()) * CONNECTIONS_PER_USER
    return streams * (probes.pool + fresh) + users + RESERVED_CONNECTIONS


def _slots(timeout_ns: int, rate_hz: float) -> int:
    """Return how many operations can be in flight: ceil(timeout x rate), without the noise of floats."""
    return math.ceil(round(timeout_ns * rate_hz / 1e9, 6))
