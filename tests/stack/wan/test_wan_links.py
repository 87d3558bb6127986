"""The links themselves: their delays, their endpoints, and many of them struck at once."""

import pytest

from chaoskit.model.fault import Mode

pytestmark = pytest.mark.stack


def test_engaged_delays_are_in_force_on_every_dial(lab):
    dials = lab.plan.dials
    trips = lab.wan.ping(dials, 2)
    planned_s = dict.fromkeys(dials, 0.0)
    for stream in lab.wan.streams():
        planned_s[stream.dial] += lab.wan.base_delay_ns(stream) / 1e9
    assert set(planned_s.values()) == {0.0, 0.080, 0.130, 0.200}
    assert [dial.name for dial in dials if trips[dial] is None or trips[dial] < planned_s[dial]] == []


def test_every_stream_carries_the_chain_and_nothing_else(lab):
    for proxy in [p for name, p in lab.server.proxies().items() if "~" in name]:
        for direction, side in (("upstream", "up"), ("downstream", "down")):
            chain = [toxic["name"] for toxic in proxy["toxics"] if toxic["stream"] == direction]
            assert chain == [f"gate_{side}", f"rtt_{side}", f"lost_{side}", f"basin_{side}"]


@pytest.mark.parametrize("mode", [Mode.STALL, Mode.DROP])
def test_one_burst_strikes_thirty_streams_and_one_heals_them(lab, mode, record_property):
    base, streams = lab.state(), lab.wan.streams()[:30]
    first_ns, last_ns = lab.wan.cut("burst", streams, mode)
    record_property("onset_skew_ms", (last_ns - first_ns) / 1e6)
    assert first_ns <= last_ns
    assert lab.silent([stream.dial for stream in streams])
    lab.wan.heal("burst")
    assert lab.answers([stream.dial for stream in streams])
    assert lab.state() == base


@pytest.mark.parametrize("upstream", [True, False], ids=["upstream", "downstream"])
def test_a_re_pointed_endpoint_closes_its_connections_and_leads_to_the_other_node(lab, upstream):
    here, there = (lab.stream(f"eu-west.clients~{node}:1", upstream=upstream) for node in ("us-east", "ap-south"))
    flow = lab.running(here, "write.eu-west")
    lab.wan.point("write.eu-west", there.dial)
    lab.until(lambda: flow.ended, "the connection is closed")
    moved = lab.running(there, "write.eu-west")
    lab.complete(moved)
    assert (flow.node, moved.node) == ("us-east/1", "ap-south/1")


def test_what_an_endpoint_leads_to_is_cut_with_its_link(lab):
    stream = lab.stream("eu-west.clients~us-east:1", upstream=True)
    flow = lab.running(stream, "write.eu-west")
    lab.wan.cut("cut", [stream], Mode.DROP)
    arrived = flow.received
    assert lab.silent([stream.dial])
    assert flow.received == arrived
    assert not flow.ended
