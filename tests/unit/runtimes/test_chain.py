"""Which requests lead from one condition of a stream to another, and in which order."""

from dataclasses import replace
from itertools import pairwise

import pytest

from chaoskit.runtimes.wan.chain import ENDLESS_MS, Condition, changed, created

OPEN = Condition(planned_ms=40)
HELD, LOST = replace(OPEN, held=True), replace(OPEN, lost=True)
BOTH = replace(HELD, lost=True)


def updates(stream, old, new):
    return [(request.path.rsplit("/", 1)[-1], request.body) for request in changed(stream, old, new)]


def delay(latency):
    return {"attributes": {"latency": latency}}


def test_a_chain_is_gate_then_rtt_then_lost_then_basin_and_passes_everything(stream):
    made = [request.body for request in created(stream)]
    assert [body["name"] for body in made] == ["gate_up", "rtt_up", "lost_up", "basin_up"]
    assert [body["toxicity"] for body in made] == [1, 1, 0, 1]
    assert [body["attributes"].get("latency", 0) for body in made] == [0] * 4
    back = replace(stream, upstream=False)
    assert [request.body["stream"] for request in created(back)] == ["downstream"] * 4


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (OPEN, OPEN, []),
        (OPEN, HELD, [("gate_up", delay(ENDLESS_MS))]),
        (HELD, OPEN, [("gate_up", delay(0))]),
        (OPEN, LOST, [("lost_up", {"toxicity": 1})]),
        (LOST, OPEN, [("lost_up", {"toxicity": 0})]),
        (OPEN, replace(OPEN, planned_ms=80), [("rtt_up", delay(80))]),
        (OPEN, replace(OPEN, added_ms=30), [("rtt_up", delay(70))]),
        (OPEN, replace(OPEN, added_ms=30, swing_ms=5), [("rtt_up", delay(70)), ("gate_up", delay(5))]),
        (OPEN, replace(OPEN, added_ms=-10), [("rtt_up", delay(30))]),
        (replace(HELD, swing_ms=30), replace(OPEN, swing_ms=30), [("gate_up", delay(30))]),
        (HELD, replace(HELD, swing_ms=30), []),
        (OPEN, BOTH, [("lost_up", {"toxicity": 1}), ("gate_up", delay(ENDLESS_MS))]),
        (BOTH, OPEN, [("lost_up", {"toxicity": 0}), ("gate_up", delay(0))]),
    ],
)
def test_only_the_difference_is_sent(stream, old, new, expected):
    assert updates(stream, old, new) == expected


def test_a_swing_that_changes_never_touches_what_is_steady(stream):
    jitter = [replace(OPEN, added_ms=50, swing_ms=swing) for swing in (60, 20, 95, 0)]
    touched = {name for old, new in pairwise(jitter) for name, _ in updates(stream, old, new)}
    assert touched == {"gate_up"}


def test_every_request_belongs_to_its_proxy_so_that_their_order_is_kept(stream):
    requests = [*created(stream), *changed(stream, OPEN, BOTH), *changed(stream, BOTH, OPEN)]
    assert {request.proxy for request in requests} == {stream.dial.name}
