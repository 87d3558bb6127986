"""A run with one cut, and what is heard of it."""

import pytest

from chaoskit import planning, scenario_file
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan

S = 1_000_000_000
TEXT = """\
chaoskit: 1
name: two-cuts
question: What is seen of it?
stack:
  regions: [us-east, eu-west, ap-south]
  network: {rtt: {default: 10ms}}
timeline:
  cut: {at: 1s, for: 2s, fault: partition, link: us-east <-> eu-west}
  slow: {at: 4s, for: 1s, fault: latency, link: us-east <-> eu-west, add: 5ms}
duration: 9s
"""


@pytest.fixture(scope="session")
def plan() -> Plan:
    return planning.plan(scenario_file.parse(TEXT, "two-cuts"), seed=7, run="abcdef")


@pytest.fixture(scope="session")
def onset() -> Event:
    detail = {
        "text": "every link is cut",
        "resolved": "us-east/1 <-> eu-west.clients",
        "onset_first_ns": 3 * S,
        "onset_last_ns": 3 * S + 5,
    }
    return Event(t_ns=3 * S, event=Name.START, step="cut", detail=detail)


@pytest.fixture(scope="session")
def heal() -> Event:
    detail = {"heal_first_ns": 5 * S, "healed_ns": 5 * S + 40_000_000, "by": "timeline"}
    return Event(t_ns=5 * S - 1, event=Name.END, step="cut", detail=detail)
