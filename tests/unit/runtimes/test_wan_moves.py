"""What the WAN tells its server when something is found elsewhere: nothing that would undo a standing cut."""

from dataclasses import replace

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.model.fault import Mode
from chaoskit.protocols import Target
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.wan import ToxiproxyWan

THERE, ELSEWHERE = "10.0.0.3:5432", "10.0.0.4:5432"


class Told(Server):
    """Remembers how its proxies were to be changed."""

    def __init__(self):
        super().__init__(1)
        self.updates = []

    def update_proxy(self, proxy):
        self.updates.append(proxy)


@pytest.fixture
def server():
    return Told()


@pytest.fixture
def wan(stream, server, monkeypatch):
    """A WAN of one dial, whose bursts go nowhere."""
    wan = ToxiproxyWan(
        server,
        clock=MonotonicClock(),
        ports={stream.dial.name: 1, "write.us-east": 2},
        nodes={stream.dial.target.name: THERE},
        credentials=Target(host="127.0.0.1", port=0, user="u", password="p"),
        delays_ms={stream: 0, replace(stream, upstream=False): 0},
    )
    monkeypatch.setattr(wan._burst, "fire", lambda _requests: (0, 0))
    return wan


def test_a_node_that_is_where_it_was_costs_no_connection(wan, server, stream):
    wan.move(stream.dial.target.name, THERE)
    assert server.updates == []


def test_a_node_that_moved_is_found_there_and_the_proxy_goes_on_listening_where_it_does(wan, server, stream):
    wan.move(stream.dial.target.name, ELSEWHERE)
    wan.move(stream.dial.target.name, ELSEWHERE)
    assert server.updates == [{"name": stream.dial.name, "upstream": ELSEWHERE, "enabled": True}]


def test_a_refused_dial_stays_refused_wherever_its_node_goes(wan, server, stream):
    wan.cut("cut", [stream], Mode.REFUSE)
    wan.move(stream.dial.target.name, ELSEWHERE)
    wan.heal("cut")
    wan.move(stream.dial.target.name, THERE)
    assert [update["enabled"] for update in server.updates] == [False, True]


def test_an_endpoint_is_led_elsewhere_and_goes_on_listening_where_it_does(wan, server, stream):
    wan.point("write.us-east", stream.dial)
    assert server.updates == [{"name": "write.us-east", "upstream": "127.0.0.1:1", "enabled": True}]
