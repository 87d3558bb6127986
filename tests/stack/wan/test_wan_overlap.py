"""Asks that overlap: delays add, the hardest cut holds, the last heal heals, and the server never hangs."""

from itertools import permutations

import pytest

from chaoskit.model.fault import Mode

pytestmark = pytest.mark.stack
LINK = "us-east.clients~eu-west:1"
BOTH = pytest.mark.parametrize("upstream", [True, False], ids=["upstream", "downstream"])
MS = 1_000_000


@pytest.fixture(params=[True, False], ids=["upstream", "downstream"])
def stream(request, lab):
    return lab.stream(LINK, upstream=request.param)


@pytest.mark.parametrize("order", list(permutations(["stall", "drop"])), ids="-then-".join)
def test_a_drop_over_a_stall_lets_nothing_pass_and_heals_in_either_order(lab, stream, order):
    base = lab.state()
    flow = lab.running(stream)
    lab.wan.cut("stall", [stream], Mode.STALL)
    assert lab.silent([stream.dial])
    arrived = flow.received
    lab.wan.cut("drop", [stream], Mode.DROP)
    assert lab.silent([stream.dial])
    lab.wan.heal(order[0])
    assert lab.silent([stream.dial])
    assert flow.received == arrived
    assert not flow.ended, "the end of a connection was heard through a cut"
    lab.wan.heal(order[1])
    assert lab.answers([stream.dial])
    assert flow.received == arrived, "what a drop lost came back"
    assert lab.state() == base


@pytest.mark.parametrize("order", list(permutations(["stall", "drop"])), ids="-then-".join)
def test_a_stall_over_a_drop_heals_in_either_order(lab, stream, order):
    base = lab.state()
    lab.running(stream)
    lab.wan.cut("drop", [stream], Mode.DROP)
    lab.wan.cut("stall", [stream], Mode.STALL)
    lab.wan.heal(order[0])
    assert lab.silent([stream.dial])
    lab.wan.heal(order[1])
    lab.complete(lab.running(stream))
    assert lab.state() == base


@pytest.mark.parametrize("order", list(permutations(["stall", "slow"])), ids="-then-".join)
def test_latency_changes_under_a_stall_that_holds_bytes_and_both_heal_in_either_order(lab, stream, order):
    base = lab.state()
    flow = lab.running(stream)
    lab.wan.cut("stall", [stream], Mode.STALL)
    assert lab.silent([stream.dial])
    arrived = flow.received
    lab.wan.slow("slow", {stream: 50 * MS})
    assert lab.silent([stream.dial])
    assert flow.received == arrived
    for key in order:
        lab.wan.heal(key)
    lab.complete(flow)
    assert not flow.ended
    assert lab.state() == base


def test_a_refusal_over_a_stall_leaves_the_stall_in_force(lab, stream):
    lab.wan.cut("stall", [stream], Mode.STALL)
    lab.wan.cut("refuse", [stream], Mode.REFUSE)
    with pytest.raises(ConnectionRefusedError):
        lab.flow(stream)
    lab.wan.heal("refuse")
    flow = lab.flow(stream)
    assert lab.silent([stream.dial])
    lab.wan.heal("stall")
    lab.complete(flow)


def test_delays_add_and_each_heal_takes_its_own_back(lab, stream):
    def trip_s():
        return lab.wan.ping([stream.dial], 2)[stream.dial]

    # Ten milliseconds less than is due: one trip in many hundred came two too early by this machine's clocks.
    lab.wan.slow("one", {stream: 100 * MS})
    assert trip_s() >= 0.170
    lab.wan.slow("two", {stream: 200 * MS})
    assert trip_s() >= 0.370
    lab.wan.heal("one")
    assert trip_s() >= 0.270
    assert _delays_ms(lab, stream) == (0, 240)
    lab.wan.heal("two")
    assert trip_s() >= 0.070
    assert _delays_ms(lab, stream) == (0, 40)


def test_a_stream_heals_when_the_last_key_that_cut_it_is_healed(lab):
    shared, single = lab.stream(LINK, upstream=True), lab.stream("eu-west.clients~us-east:1", upstream=True)
    lab.wan.cut("one", [shared], Mode.STALL)
    lab.wan.cut("two", [shared, single], Mode.STALL)
    lab.wan.heal("two")
    assert lab.answers([single.dial])
    assert lab.silent([shared.dial])
    lab.wan.heal("one")
    assert lab.answers([shared.dial])


def test_a_heal_is_idempotent_and_of_an_unknown_key_harmless(lab, stream):
    base = lab.state()
    lab.wan.cut("cut", [stream], Mode.DROP)
    lab.wan.heal("never heard of")
    assert lab.silent([stream.dial])
    for _ in range(2):
        first_ns, last_ns = lab.wan.heal("cut")
        assert first_ns <= last_ns
    assert lab.state() == base


def test_everything_at_once_heals_back_to_the_base(lab):
    base = lab.state()
    streams = lab.wan.streams()
    flows = [lab.running(s) for s in streams[:6]]
    for mode in (Mode.STALL, Mode.DROP, Mode.REFUSE):
        lab.wan.cut(f"all {mode}", streams, mode)
        lab.wan.cut(f"some {mode}", streams[::3], mode)
        lab.wan.slow(f"slow {mode}", dict.fromkeys(streams[::2], 7 * MS))
    assert lab.state() != base
    for mode in (Mode.STALL, Mode.REFUSE, Mode.DROP):
        for word in ("all", "slow", "some"):
            lab.wan.heal(f"{word} {mode}")
    assert lab.state() == base
    lab.until(lambda: all(flow.ended for flow in flows), "a refusal closed every connection")
    assert lab.answers([stream.dial for stream in streams])


def _delays_ms(lab, stream):
    """What varies, and what is planned or added for good."""
    toxics = {toxic["name"]: toxic for toxic in lab.server.proxies()[stream.dial.name]["toxics"]}
    side = "up" if stream.upstream else "down"
    return tuple(toxics[f"{name}_{side}"]["attributes"]["latency"] for name in ("gate", "rtt"))
