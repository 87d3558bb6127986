"""The WAN of a run: dials, endpoints, and what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Role
from chaoskit.protocols import Clock, Impairment, PacketCount, PacketFilter, Span, Stream, Target
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.asks import Asks
from chaoskit.runtimes.wan.burst import Burst, Request
from chaoskit.runtimes.wan.carry import carry
from chaoskit.runtimes.wan.chain import Condition, changed, created
from chaoskit.runtimes.wan.ping import HTTP_REQUEST, SSL_REQUEST, ping
from chaoskit.runtimes.wan.traffic import Pair, crossed

COUNTED_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a WAN is: ``listen`` is what its proxies bind to, ``for_nodes`` the host by which nodes know it."""

    listen: str
    for_nodes: str


LOOPBACK = Place(listen="127.0.0.1", for_nodes="127.0.0.1")


class ToxiproxyWan:
    """One Toxiproxy server that carries every dial (implements ``protocols.Wan`` and the router's endpoints).

    Args:
        server: A server that answers.
        ports: A listening port per dial name and endpoint name.
        nodes: Where each node really listens, by name: seen by the server alone.
        place: Where the server is, seen by the nodes; everybody else finds its ports on 127.0.0.1.
        credentials: Any ``Target``; its user, password and database are what clients use.
        delays_ms: Planned one-way delay per stream; in force after ``engage``.
        packets: What acts below the proxies; None: nothing does.
    """

    def __init__(
        self,
        server: Server,
        *,
        clock: Clock,
        ports: Mapping[str, int],
        nodes: Mapping[str, str],
        credentials: Target,
        delays_ms: Mapping[Stream, int],
        place: Place = LOOPBACK,
        packets: PacketFilter | None = None,
    ) -> None:
        self._place = place
        self._server, self._clock, self._ports, self._nodes = server, clock, dict(ports), dict(nodes)
        self._credentials = credentials
        self._burst = Burst(server.api.port, clock.now_ns)
        self._streams = tuple(delays_ms)
        self._planned = dict(delays_ms)
        self._asks = Asks(base_ms=dict.fromkeys(self._streams, 0))
        self._applied = dict.fromkeys(self._streams, Condition())
        self._refused: frozenset[str] = frozenset()
        self._packets = packets
        self._impaired: Mapping[Stream, Impairment] = {}
        self._lock = Lock()

    def create(self, endpoints: Mapping[str, Dial]) -> None:
        """Create a proxy and its chains per dial, and one bare proxy per endpoint that leads to its dial."""
        dials = list(dict.fromkeys(stream.dial for stream in self._streams))
        self._server.populate(
            [self._proxy(dial.name, self._behind(dial)) for dial in dials]
            + [self._proxy(name, self._address(dial)) for name, dial in endpoints.items()]
        )
        self._burst.fire([request for stream in self._streams for request in created(stream)])

    def engage(self) -> None:
        """Put the planned delays into force; before that everything streams at loopback speed."""
        with self._lock:
            self._asks.base_ms = self._planned
            self._apply()

    def streams(self) -> Sequence[Stream]:
        """Every stream of every dial, in plan order."""
        return self._streams

    def base_delay_ns(self, stream: Stream) -> int:
        """The planned one-way delay of ``stream``."""
        return self._planned[stream] * 1_000_000

    def cut(self, key: str, streams: Sequence[Stream], mode: Mode) -> Span:
        """Cut ``streams`` in one burst.

        Raises:
            StackError: Packets were to be lost, and nothing acts on packets here.
        """
        if mode is Mode.PACKETS:
            self._need_filter()
        with self._lock:
            self._asks.cut(key, streams, mode)
            return self._apply()

    def slow(self, key: str, added_ns: Mapping[Stream, int], swing_ns: Mapping[Stream, int] | None = None) -> Span:
        """Delay each stream by that much more, one way, to the millisecond that Toxiproxy knows."""
        with self._lock:
            self._asks.slow(key, _whole_ms(added_ns), _whole_ms(swing_ns or {}))
            return self._apply()

    def impair(self, key: str, wanted: Mapping[Stream, Impairment]) -> Span:
        """Do this to the packets of each stream.

        Raises:
            StackError: Nothing acts on packets here.
        """
        self._need_filter()
        with self._lock:
            self._asks.impair(key, wanted)
            return self._apply()

    def counts(self) -> Mapping[Stream, PacketCount]:
        """What became of the packets of every impaired stream, as the kernel counts them."""
        return self._packets.counts() if self._packets is not None else {}

    def impairment(self, stream: Stream) -> Impairment:
        """What all standing asks together do to the packets of ``stream``."""
        with self._lock:
            return self._asks.impairment(stream)

    def carry(self, stream: Stream, size_bytes: int, timeout_s: float) -> float | None:
        """Send so many bytes over a connection of their own; seconds from the request to the whole answer."""
        if _is_control(stream.dial):
            raise StackError(f"{stream.dial.name} does not lead to a node", why="nobody there takes bytes from us")
        return carry(
            self._here(stream.dial.name), size_bytes, upstream=stream.upstream, timeout_s=timeout_s, clock=self._clock
        )

    def heal(self, key: str) -> Span:
        """Undo what was asked for under ``key``; idempotent."""
        with self._lock:
            self._asks.withdraw(key)
            return self._apply()

    def passage(self, dial: Dial, besides: str = "") -> int | None:
        """What all standing asks, ``besides`` apart, add to the round trip of ``dial``, in ns; None: it is silent."""
        with self._lock:
            asks = self._asks.without(besides) if besides else self._asks
            added_ms = asks.passage_ms(dial)
        return None if added_ms is None else added_ms * 1_000_000

    def ping(self, dials: Sequence[Dial], timeout_s: float) -> Mapping[Dial, float | None]:
        """Round trip in seconds of one request to what is behind each dial, None where no answer came."""
        calls = {d: (self._ports[d.name], HTTP_REQUEST if _is_control(d) else SSL_REQUEST) for d in dials}
        return ping(calls, timeout_s=timeout_s, now_ns=self._clock.now_ns)

    def pulse(self, timeout_s: float) -> float | None:
        """Seconds until Toxiproxy itself answered; None: it did not in time."""
        port = self._server.api.port
        return ping({port: (port, HTTP_REQUEST)}, timeout_s=timeout_s, now_ns=self._clock.now_ns)[port]

    def target(self, dial: Dial) -> Target:
        """Where the dial's source finds its proxy."""
        host = self._place.for_nodes if dial.source.role is Role.NODE else "127.0.0.1"
        return replace(self._credentials, host=host, port=self._ports[dial.name])

    def endpoint(self, name: str) -> Target:
        """Where clients find the endpoint called ``name``."""
        return self._here(name)

    def point(self, name: str, dial: Dial) -> None:
        """Lead the endpoint called ``name`` to another dial; closes its connections."""
        with self._lock:
            self._server.update_proxy(self._lead(name, self._address(dial)))

    def move(self, node: str, address: str) -> None:
        """A node listens elsewhere from now on; closes the connections to it, and none where it is where it was."""
        with self._lock:
            if self._nodes[node] == address:
                return
            for dial in dict.fromkeys(stream.dial for stream in self._streams):
                if dial.target.name == node:
                    self._server.update_proxy(self._lead(dial.name, address))
            self._nodes[node] = address

    def crossed(self) -> Mapping[Pair, int]:
        """Bytes that were handed to the links since the start, by (from, to) region.

        Every connection is ended for it, because Toxiproxy counts none before its end.
        """
        with self._lock:
            dials = list(dict.fromkeys(stream.dial for stream in self._streams))
            for enabled in (False, True):
                self._burst.fire([self._enable(dial.name, enabled=enabled) for dial in dials])
        deadline_ns, before = self._clock.now_ns() + round(COUNTED_TIMEOUT_S * NS), ""
        while (page := self._server.metrics()) != before and self._clock.now_ns() < deadline_ns:
            before = page
            self._clock.sleep(0.05)
        return crossed(page, dials)

    def close(self) -> None:
        """Close the control connections; idempotent."""
        self._burst.close()
        self._server.api.close()

    def _apply(self) -> Span:
        """Send what differs between what is asked for and what is in force.

        Where bytes stop being lost the proxy is closed and opened again: its connections must not survive a gap.
        """
        wanted = {stream: self._asks.condition(stream) for stream in self._streams}
        refused = self._asks.refused()
        torn = {s.dial.name for s in self._streams if self._applied[s].lost and not wanted[s].lost} - self._refused
        requests = [
            *(self._enable(name, enabled=False) for name in sorted(torn | (refused - self._refused))),
            *(request for s in self._streams for request in changed(s, self._applied[s], wanted[s])),
            *(self._enable(name, enabled=True) for name in sorted((torn | self._refused) - refused)),
        ]
        first_ns, last_ns = self._burst.fire(requests)
        self._applied, self._refused = wanted, refused
        filtered = self._apply_below()
        if filtered is None:
            return first_ns, last_ns
        return (first_ns, filtered[1]) if requests else filtered

    def _apply_below(self) -> Span | None:
        """Tell the packet filter what it does not know yet; None: nothing."""
        impaired = self._asks.impaired()
        if self._packets is None or impaired == self._impaired:
            return None
        first_ns = self._clock.now_ns()
        self._packets.impair(impaired)
        self._impaired = impaired
        return first_ns, self._clock.now_ns()

    def _need_filter(self) -> None:
        if self._packets is None:
            raise StackError(
                "what is to happen to packets needs a packet filter", why="there is none here", fix="use containers"
            )

    def _enable(self, name: str, *, enabled: bool) -> Request:
        return Request(method="POST", path=f"/proxies/{name}", proxy=name, body={"enabled": enabled})

    def _here(self, name: str) -> Target:
        """Where we find a dial's or an endpoint's proxy, whoever else dials it."""
        return replace(self._credentials, host="127.0.0.1", port=self._ports[name])

    def _proxy(self, name: str, upstream: str) -> dict[str, object]:
        return {
            "name": name,
            "listen": f"{self._place.listen}:{self._ports[name]}",
            "upstream": upstream,
            "enabled": True,
        }

    def _lead(self, name: str, upstream: str) -> dict[str, object]:
        """What leads a proxy elsewhere: one that is refused stays so, and it goes on listening where it does.

        The server knows ``0.0.0.0`` as ``[::]``: told the former again, it would listen anew and close everything.
        """
        return {"name": name, "upstream": upstream, "enabled": name not in self._refused}

    def _behind(self, dial: Dial) -> str:
        """What a dial leads to: a node, or our own REST port; a region's endpoints are controlled at its clients."""
        return f"127.0.0.1:{self._server.api.port}" if _is_control(dial) else self._nodes[dial.target.name]

    def _address(self, dial: Dial) -> str:
        return f"127.0.0.1:{self._ports[dial.name]}"


def _is_control(dial: Dial) -> bool:
    return dial.target.role is Role.CLIENTS


def _whole_ms(delays_ns: Mapping[Stream, int]) -> dict[Stream, int]:
    return {stream: round(ns / 1e6) for stream, ns in delays_ns.items()}
