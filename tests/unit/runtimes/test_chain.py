"""Which requests lead from one condition of a stream to another, and in which order."""

from dataclasses import replace

import pytest

from chaoskit.runtimes.wan.chain import Condition, changed, created

OPEN, HELD, LOST = Condition(delay_ms=40), Condition(delay_ms=40, held=True), Condition(delay_ms=40, lost=True)
BOTH = replace(HELD, lost=True)


def verbs(stream, old, new):
    return [(request.method, request.path.rsplit("/", 1)[-1]) for request in changed(stream, old, new)]


def test_a_chain_is_gate_then_rtt_then_guard(stream):
    assert [request.body["name"] for request in created(stream)] == ["gate_up", "rtt_up", "guard_up"]
    back = replace(stream, upstream=False)
    assert [request.body["stream"] for request in created(back)] == ["downstream"] * 3


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (OPEN, OPEN, []),
        (OPEN, HELD, [("POST", "gate_up")]),
        (OPEN, LOST, [("POST", "toxics")]),
        (OPEN, replace(OPEN, delay_ms=80), [("POST", "rtt_up")]),
        (OPEN, BOTH, [("POST", "toxics"), ("POST", "gate_up")]),
        (HELD, BOTH, [("POST", "toxics")]),
        (BOTH, LOST, [("POST", "gate_up")]),
        (BOTH, HELD, [("DELETE", "lost_up")]),
    ],
)
def test_only_the_difference_is_sent(stream, old, new, expected):
    assert verbs(stream, old, new) == expected


def test_what_was_lost_and_held_is_closed_before_the_gate_opens(stream):
    assert verbs(stream, BOTH, OPEN) == [("DELETE", "lost_up"), ("POST", "gate_up")]


def test_every_request_belongs_to_its_proxy_so_that_their_order_is_kept(stream):
    requests = [*created(stream), *changed(stream, OPEN, BOTH), *changed(stream, BOTH, OPEN)]
    assert {request.proxy for request in requests} == {stream.dial.name}
