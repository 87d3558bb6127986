"""What a cut does to bytes in flight, on the real Toxiproxy (docs/faults.md)."""

import pytest

from chaoskit.model.fault import Mode

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("lab")]
LINK = "us-east.clients~eu-west:1"
BOTH = pytest.mark.parametrize("upstream", [True, False], ids=["upstream", "downstream"])


@BOTH
def test_a_drop_leaks_nothing_of_a_stream_in_flight(lab, upstream):
    stream = lab.stream(LINK, upstream=upstream)
    flow = lab.running(stream)
    _, last_ns = lab.wan.cut("drop", [stream], Mode.DROP)
    arrived, still_asleep_ns = flow.received, last_ns - lab.wan.base_delay_ns(stream)
    assert lab.silent([stream.dial])
    assert flow.received - arrived == 0
    assert flow.begun > flow.begun_by(still_asleep_ns), "nothing was in flight, so nothing could leak"
    assert flow.received <= flow.begun_by(still_asleep_ns), "the cut itself woke bytes that were under way"


@BOTH
def test_a_stall_holds_what_is_sent_after_its_onset_and_the_heal_delivers_all_of_it_in_order(lab, upstream):
    stream = lab.stream(LINK, upstream=upstream)
    flow = lab.running(stream)
    lab.wan.cut("stall", [stream], Mode.STALL)
    sent = flow.begun
    flow.window *= 2
    lab.until(lambda: flow.begun > sent, "more is sent after the onset")
    assert lab.silent([stream.dial])
    assert flow.received <= sent
    lab.wan.heal("stall")
    lab.until(lambda: flow.received > sent, "what was held arrives")
    lab.complete(flow)
    assert not flow.ended


@BOTH
@pytest.mark.parametrize("mode", [Mode.DROP, Mode.STALL])
def test_a_stream_that_begins_after_the_cut_delivers_nothing(lab, upstream, mode):
    stream = lab.stream(LINK, upstream=upstream)
    lab.wan.cut("cut", [stream], mode)
    flow = lab.flow(stream)
    if not upstream:
        lab.until(lambda: flow.begun, "the server sends")
    assert lab.silent([stream.dial])
    assert flow.received == 0
    assert flow.node == (None if upstream else "eu-west/1")


def test_a_stream_that_begins_under_a_stall_is_served_at_the_heal(lab):
    stream = lab.stream(LINK, upstream=True)
    lab.wan.cut("cut", [stream], Mode.STALL)
    flow = lab.flow(stream)
    assert lab.silent([stream.dial])
    lab.wan.heal("cut")
    lab.until(lambda: flow.received, "it arrives")
    lab.complete(flow)


def test_a_stall_that_holds_a_hundred_connections_heals_and_delivers_all(lab):
    streams = [lab.stream(LINK, upstream=upstream) for upstream in (True, False)]
    flows = [lab.flow(stream, window=2**14) for stream in streams for _ in range(50)]
    lab.until(lambda: all(flow.received for flow in flows), "every flow is in swing")
    lab.wan.cut("stall", streams, Mode.STALL)
    assert lab.silent([streams[0].dial])
    lab.wan.heal("stall")
    for flow in flows:
        lab.complete(flow)
    assert lab.server.running()


def test_a_cut_of_one_direction_leaves_the_other_alone(lab):
    flow = lab.running(lab.stream(LINK, upstream=False))
    lab.wan.cut("cut", [lab.stream(LINK, upstream=True)], Mode.DROP)
    arrived = flow.received
    lab.until(lambda: flow.received > arrived + 2**20, "the other direction goes on")


@BOTH
def test_a_drop_closes_its_connections_at_the_heal_and_not_before(lab, upstream):
    stream = lab.stream(LINK, upstream=upstream)
    flow = lab.running(stream)
    lab.wan.cut("cut", [stream], Mode.DROP)
    assert lab.silent([stream.dial])
    assert not flow.ended
    lab.wan.heal("cut")
    lab.until(lambda: flow.ended, "the connection is closed")
    lab.complete(lab.running(stream))


@BOTH
def test_a_refused_link_closes_and_refuses_and_accepts_again_when_healed(lab, upstream):
    stream = lab.stream(LINK, upstream=upstream)
    flow = lab.running(stream)
    lab.wan.cut("cut", [stream], Mode.REFUSE)
    lab.until(lambda: flow.ended, "the connection is closed")
    with pytest.raises(ConnectionRefusedError):
        lab.flow(stream)
    lab.wan.heal("cut")
    lab.complete(lab.running(stream))
