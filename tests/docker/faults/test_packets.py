"""Packets are lost, and limits hold, below what a real proxy sees; every byte is accounted for."""

import json
import math
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import count
from threading import Event, Thread
from time import monotonic

import pytest

from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party, Role
from chaoskit.protocols import Impairment, Stream
from chaoskit.runtimes.docker.packets import Packets

pytestmark = pytest.mark.docker

# Answers everything with itself, and says what it heard; "BULK n" is answered with n bytes.
PEER = r"""
use strict; use IO::Socket::INET; $SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalPort => 7777, Listen => 50, ReuseAddr => 1) or die $!;
while (my $client = $listener->accept) {
    next if fork;
    open(my $heard, '>>', '/tmp/heard'); my $said;
    while (sysread($client, $said, 65536)) {
        syswrite($heard, $said);
        if ($said =~ /^BULK (\d+)/) { my $left = $1; while ($left) { $left -= syswrite($client, 'x' x $left, 65536) } }
        else { syswrite($client, $said) }
    }
    syswrite($heard, "CLOSED\n"); exit;
}
"""
CUT = Impairment(lost=1)
DIALS = {
    name: Dial(source=Party(region=name, role=Role.CLIENTS), target=Party(region="eu-west", role=Role.NODE, number=1))
    for name in ("us-east", "ap-south")
}
PORTS = {"us-east": 5001, "ap-south": 5002, "endpoint": 5003}


def up(name: str) -> Stream:
    return Stream(DIALS[name], upstream=True)


def down(name: str) -> Stream:
    return Stream(DIALS[name], upstream=False)


class Lab:
    """A WAN with two dials to one peer, and an endpoint that chains onto the first of them."""

    def __init__(self, yard) -> None:
        network = yard.network("edge")
        self.until, self.api = yard.until, yard.api
        self._peer = yard.container("peer", "net", network, command=["perl", "-e", PEER])
        wan = yard.container(
            "wan",
            "toxiproxy",
            network,
            command=["-host=0.0.0.0", "-port=8474"],
            host={"port_bindings": dict.fromkeys((8474, *PORTS.values()), ("127.0.0.1",))},
            ports=[8474, *PORTS.values()],
        )
        self._published = wan.inspect()["NetworkSettings"]["Ports"]
        self.guard = yard.container(
            "guard", "net", host={"network_mode": f"container:{wan.name}", "cap_add": ["NET_ADMIN"]}
        )
        self.packets = Packets(self.guard, {d.name: PORTS[n] for n, d in DIALS.items()}, clock=yard.clock)
        yard.undo.callback(self.packets.close)
        self._proxies()

    def connect(self, name: str) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port(PORTS[name])), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def heard(self) -> str:
        return self._peer.exec(["cat", "/tmp/heard"], timeout_s=5)

    def lost(self, stream: Stream) -> int:
        return self.packets.counts()[stream].lost

    def traces(self) -> str:
        """All that the kernel has been told about packets in the WAN's network."""
        return self.guard.exec(["sh", "-c", "iptables-save; tc qdisc; tc filter; ip -o link"], timeout_s=5)

    def _port(self, port: int) -> int:
        return int(self._published[f"{port}/tcp"][0]["HostPort"])

    def _proxies(self) -> None:
        upstream = {"us-east": "peer:7777", "ap-south": "peer:7777", "endpoint": f"127.0.0.1:{PORTS['us-east']}"}
        body = [
            {"name": n, "listen": f"0.0.0.0:{p}", "upstream": upstream[n], "enabled": True} for n, p in PORTS.items()
        ]
        self.until(lambda: self._posted(json.dumps(body).encode()), "the WAN answers")

    def _posted(self, body: bytes) -> bool:
        head = f"POST /populate HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port(8474)), timeout=5) as sock:
            sock.sendall(head + body)
            return b" 201 " in sock.recv(100)
        return False


class Writer:
    """Writes numbered lines, 200 a second, whether or not anybody answers."""

    def __init__(self, sock: socket.socket) -> None:
        self.begun, self._sock, self._stop = 0, sock, Event()
        self._thread = Thread(target=self._write, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _write(self) -> None:
        for number in count(1):
            if self._stop.wait(0.005):
                return
            self.begun = number
            self._sock.sendall(b"%09d\n" % number)


@pytest.fixture(scope="module")
def lab(yard) -> Lab:
    return Lab(yard)


@pytest.fixture(autouse=True)
def healed(lab: Lab) -> Iterator[None]:
    yield
    lab.packets.impair({})


def received(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        data += sock.recv(length - len(data))
    return data


def answers(sock: socket.socket, text: bytes = b"hello") -> bool:
    sock.sendall(text)
    return received(sock, len(text)) == text


@pytest.mark.parametrize("way_in", ["us-east", "endpoint"])
def test_a_cut_lets_no_byte_through_and_loses_none_in_the_end(lab: Lab, way_in: str) -> None:
    with lab.connect(way_in) as sock:
        assert answers(sock)
        before = lab.heard()
        writer = Writer(sock)
        lab.until(lambda: writer.begun > 50, "it writes")
        lab.packets.impair({up("us-east"): CUT})
        last = writer.begun + 1  # may have been on its way
        lab.until(lambda: writer.begun > last + 200 and lab.lost(up("us-east")) > 2, "writes are lost")
        lines = lab.heard().removeprefix(before).split()
        assert max(map(int, lines)) <= last
        lab.packets.impair({})
        writer.stop()
        lab.until(lambda: lab.heard().endswith(f"{writer.begun:09d}\n"), "TCP has sent everything again", 30)
        assert [int(line) for line in lab.heard().removeprefix(before).split()] == list(range(1, writer.begun + 1))


def test_an_answer_behind_a_cut_of_the_way_back_arrives_after_the_heal(lab: Lab) -> None:
    with lab.connect("us-east") as sock:
        assert answers(sock)
        lab.packets.impair({down("us-east"): CUT})
        sock.sendall(b"the way there is open\n")
        lab.until(lambda: lab.heard().endswith("the way there is open\n"), "the peer hears it")
        lab.until(lambda: lab.lost(down("us-east")) > 0, "its answer is lost")
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(1)
        lab.packets.impair({})
        sock.settimeout(30)
        assert received(sock, 22) == b"the way there is open\n"


def test_nobody_hears_that_a_client_behind_a_cut_has_left(lab: Lab) -> None:
    sock = lab.connect("us-east")
    assert answers(sock, b"I am here\n")
    lab.packets.impair({up("us-east"): CUT})
    sock.close()
    lab.until(lambda: lab.lost(up("us-east")) > 2, "its goodbye is lost")
    assert lab.heard().endswith("I am here\n")
    lab.packets.impair({})
    lab.until(lambda: lab.heard().endswith("I am here\nCLOSED\n"), "the goodbye is heard", 30)


def test_nobody_waits_at_an_endpoint_for_another_whose_packets_are_lost(lab: Lab) -> None:
    lab.packets.impair({up("us-east"): CUT, down("us-east"): CUT})
    dialled = ["ss", "-Htn", "dst", f"127.0.0.1:{PORTS['us-east']}"]
    with ExitStack() as stack:
        before = len(lab.guard.exec(dialled, timeout_s=5).splitlines())
        for sock in [stack.enter_context(lab.connect("endpoint")) for _ in range(3)]:
            sock.sendall(b"is anybody there?\n")
        led_on = "the endpoint has led all three on"
        lab.until(lambda: len(lab.guard.exec(dialled, timeout_s=5).splitlines()) >= before + 3, led_on)
        lab.until(lambda: lab.lost(up("us-east")) > 3, "what they say is lost")
    assert not lab.heard().endswith("is anybody there?\n")


def test_other_streams_pass_unharmed(lab: Lab) -> None:
    lab.packets.impair({up("us-east"): CUT, down("us-east"): Impairment(lost=1, bytes_per_s=1000)})
    with lab.connect("ap-south") as sock:
        assert all(answers(sock) for _ in range(20))


@pytest.mark.parametrize("stream", [up("us-east"), down("us-east")], ids=["up", "down"])
def test_a_share_of_packets_is_lost_and_sent_again(lab: Lab, stream: Stream) -> None:
    share = 0.1
    lab.packets.impair({stream: Impairment(lost=share)})
    with lab.connect("us-east") as sock:
        sock.sendall(b"BULK 10000000\n")
        assert len(received(sock, 10_000_000)) == 10_000_000
    seen = lab.packets.counts()[stream]
    packets = seen.passed + seen.lost
    assert abs(seen.lost - share * packets) < 6 * math.sqrt(packets * share * (1 - share))
    assert seen.lost > 0


@pytest.mark.parametrize("way_in", ["us-east", "endpoint"])
@pytest.mark.parametrize("upstream", [True, False])
def test_no_more_passes_than_the_limit(lab: Lab, way_in: str, upstream: bool) -> None:
    rate, size = 1_000_000, 1_500_000
    lab.packets.impair({Stream(DIALS["us-east"], upstream): Impairment(bytes_per_s=rate)})
    with lab.connect(way_in) as sock:
        took_s = transfer(sock, size, upstream)
    slack_bytes = 4 * 65536  # what fits through before the first packet is paid for
    assert took_s > (size - slack_bytes) / rate


def transfer(sock: socket.socket, size: int, upstream: bool) -> float:
    """Seconds until the answer to so many bytes, or to the wish for so many, is complete."""
    begun = monotonic()
    asked = b"y" * size if upstream else b"BULK %d\n" % size
    sender = Thread(target=sock.sendall, args=(asked,))
    sender.start()
    received(sock, size)
    sender.join()
    return monotonic() - begun


def test_nothing_is_left_after_the_heal_and_what_others_put_there_stays(lab: Lab) -> None:
    lab.guard.exec(["iptables", "-t", "raw", "-A", "PREROUTING", "-s", "192.0.2.1", "-j", "DROP"], timeout_s=5)
    lab.packets.impair({})
    before = lab.traces()
    lab.packets.impair({up("us-east"): CUT, down("ap-south"): Impairment(lost=0.5, bytes_per_s=1e6)})
    during = lab.traces()
    assert "192.0.2.1" in during
    lab.packets.impair({})
    assert "192.0.2.1" in before
    assert stripped(lab.traces()) == stripped(before)


def stripped(traces: str) -> list[str]:
    return [line for line in traces.splitlines() if not line.startswith("#")]


def test_counts_go_on_when_another_stream_changes(lab: Lab) -> None:
    lab.packets.impair({up("us-east"): Impairment(lost=1e-9)})
    with lab.connect("us-east") as sock:
        assert answers(sock)
    lab.until(lambda: lab.packets.counts()[up("us-east")].passed > 3, "packets are counted")
    passed = lab.packets.counts()[up("us-east")].passed
    lab.packets.impair({up("us-east"): Impairment(lost=1e-9), up("ap-south"): CUT})
    assert lab.packets.counts()[up("us-east")].passed >= passed
    assert lab.packets.counts()[up("ap-south")].lost == 0


def test_a_filter_that_lost_its_shell_or_its_rules_puts_them_back(lab: Lab) -> None:
    lab.packets.impair({up("us-east"): CUT})
    lab.guard.exec(["sh", "-c", "iptables -F; iptables -X; kill -9 $(pgrep -x sh | head -1) || true"], timeout_s=5)
    lab.packets.impair({down("us-east"): CUT})
    assert set(lab.packets.counts()) == {down("us-east")}


def test_the_kernel_is_asked_what_it_can_do(lab: Lab) -> None:
    assert lab.packets.lacks() == {}


def test_what_the_kernel_cannot_do_is_told_with_its_reason(yard, lab: Lab) -> None:
    powerless = yard.container("powerless", "net")
    packets = Packets(powerless, {}, clock=yard.clock)
    assert set(packets.lacks()) == {"cut", "loss", "bandwidth"}
    assert "ermi" in packets.lacks()["cut"] + packets.lacks()["bandwidth"]
    packets.close()
