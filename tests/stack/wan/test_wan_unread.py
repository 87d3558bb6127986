"""A receiver that does not read, a delay that keeps changing, and the server's own control behind a link."""

from threading import Event, Thread

import pytest

from chaoskit.model.fault import Mode

pytestmark = pytest.mark.stack
LINK = "us-east.clients~eu-west:1"
CONTROL = "eu-west.manager~us-east.clients"
MS = 1_000_000
MANY = 2**24  # several times what two kernel buffers hold


@pytest.mark.parametrize("upstream", [True, False], ids=["upstream", "downstream"])
def test_everything_can_be_changed_and_healed_while_a_receiver_does_not_read(lab, upstream, record_property):
    base, stream = lab.state(), lab.stream(LINK, upstream=upstream)
    flow = lab.flow(stream, window=MANY)
    flow.pause()
    lab.until(lambda: flow.stuck, "all that fits is in flight")
    record_property("unread_bytes", flow.begun - flow.received)
    for key, mode in (("stall", Mode.STALL), ("drop", Mode.DROP)):
        lab.wan.slow("slow", {stream: 20 * MS})
        lab.wan.cut(key, [stream], mode)
        lab.wan.slow("slow", {stream: 70 * MS})
        assert lab.silent([stream.dial])
        lab.wan.heal(key)
        lab.wan.heal("slow")
        assert lab.answers([stream.dial])
    assert lab.state() == base


def test_what_a_paused_receiver_did_not_read_arrives_when_it_reads_again(lab):
    stream = lab.stream(LINK, upstream=True)
    flow = lab.flow(stream, window=MANY)
    flow.pause()
    lab.until(lambda: flow.stuck, "all that fits is in flight")
    lab.wan.cut("stall", [stream], Mode.STALL)
    lab.wan.heal("stall")
    flow.read_on()
    lab.complete(flow)


def test_a_swing_that_changes_all_the_time_never_makes_a_link_faster_than_without_it_nor_loses_a_byte(lab):
    stream = lab.stream(LINK, upstream=True)
    flow, over = lab.running(stream), Event()
    least_s = (2 * lab.wan.base_delay_ns(stream) + 20 * MS - MS) / 1e9
    lab.wan.slow("jitter", {stream: 20 * MS}, {stream: 0})  # this one change lets bytes pass early

    def jitter():
        number = 0
        while not over.wait(0.01):
            number += 1
            lab.wan.slow("jitter", {stream: 20 * MS}, {stream: 7 * number % 40 * MS})

    thread = Thread(target=jitter)
    thread.start()
    trips = [lab.wan.ping([stream.dial], 2)[stream.dial] for _ in range(20)]
    over.set()
    thread.join()
    assert [trip for trip in trips if trip is None or trip < least_s] == []
    lab.wan.heal("jitter")
    lab.complete(flow)


def test_a_delay_is_replaced_by_the_next_of_the_same_key(lab):
    stream = lab.stream(LINK, upstream=True)
    lab.wan.slow("jitter", {stream: 500 * MS}, {stream: 400 * MS})
    lab.wan.slow("jitter", {stream: 6 * MS}, {stream: 4 * MS})
    assert lab.wan.passage(stream.dial) == 10 * MS
    assert lab.wan.ping([stream.dial], 0.7)[stream.dial] is not None


def test_passage_says_what_a_ping_finds(lab):
    both = [lab.stream(LINK, upstream=upstream) for upstream in (True, False)]
    dial = both[0].dial
    assert lab.wan.passage(dial) == 0
    for mode in (Mode.STALL, Mode.DROP, Mode.REFUSE):
        lab.wan.cut("cut", both[:1], mode)
        assert lab.wan.passage(dial) is None
        assert lab.silent([dial])
        lab.wan.heal("cut")
    lab.wan.slow("slow", dict.fromkeys(both, 60 * MS))
    assert lab.wan.passage(dial) == 120 * MS
    assert lab.wan.ping([dial], 2)[dial] >= 0.2


def test_the_control_of_a_regions_endpoints_answers_through_its_link_and_is_cut_with_it(lab):
    control = lab.dial(CONTROL)
    assert lab.wan.ping([control], 2)[control] >= 0.08
    streams = [s for s in lab.wan.streams() if s.dial == control]
    lab.wan.cut("cut", streams, Mode.STALL)
    assert lab.silent([control])
    assert lab.server.running(), "a cut of the way to the control is none of the control itself"
    lab.wan.heal("cut")
    assert lab.answers([control])


def test_a_drop_that_heals_while_its_links_are_refused_leaves_them_refused(lab):
    stream = lab.stream(LINK, upstream=True)
    base = lab.state()
    lab.wan.cut("drop", [stream], Mode.DROP)
    lab.wan.cut("refuse", [stream], Mode.REFUSE)
    lab.wan.heal("drop")
    with pytest.raises(ConnectionRefusedError):
        lab.flow(stream)
    lab.wan.heal("refuse")
    lab.complete(lab.running(stream))
    assert lab.state() == base
