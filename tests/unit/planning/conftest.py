from collections.abc import Callable

import pytest

from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Scenario
from chaoskit.planning import plan
from chaoskit.scenario_file import parse

RUNBOOK = "failover: {runbook: {failback: none}}"


@pytest.fixture
def scenario() -> Callable[..., Scenario]:
    """Build a scenario of three regions, 80/200/130 ms apart, from keys of its stack and of its top level."""

    def build(rest: str = "duration: 60s", stack: str = "", *steps: str, objectives: str = "{}") -> Scenario:
        timeline = "timeline: {" + ", ".join(steps) + "}\n" if steps else ""
        return parse(
            "chaoskit: 1\nname: s\nquestion: q\nstack:\n  regions: [us-east, eu-west, ap-south]\n"
            "  network: {rtt: {us-east <-> eu-west: 80ms, us-east <-> ap-south: 200ms, eu-west <-> ap-south: 130ms}}\n"
            f"  {stack}\n{timeline}objectives: {objectives}\n{rest}\n",
            "s.chaos.yaml",
        )

    return build


@pytest.fixture
def planned(scenario: Callable[..., Scenario]) -> Callable[..., Plan]:
    """The plan of such a scenario."""
    return lambda *args, **kwargs: plan(scenario(*args, **kwargs), seed=1, run="r1")
