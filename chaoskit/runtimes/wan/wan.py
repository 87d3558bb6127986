"""The WAN of a run: dials, endpoints, and what is asked of them."""

from collections.abc import Mapping, Sequence
from threading import Lock

from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.protocols import Clock, Span, Stream, Target
from chaoskit.runtimes.wan.api import Server
from chaoskit.runtimes.wan.asks import Asks
from chaoskit.runtimes.wan.burst import Burst, Request
from chaoskit.runtimes.wan.chain import Condition, changed, created
from chaoskit.runtimes.wan.ping import ping


class ToxiproxyWan:
    """One Toxiproxy server that carries every dial (implements ``protocols.Wan`` and the router's endpoints).

    Args:
        server: A server that answers.
        ports: A listening port per dial name and endpoint name.
        nodes: Where each node really listens, by name: seen by the server alone.
        credentials: Any ``Target``; its user, password and database are what clients use.
        delays_ms: Planned one-way delay per stream; in force after ``engage``.
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
    ) -> None:
        self._server, self._clock, self._ports, self._nodes = server, clock, dict(ports), dict(nodes)
        self._credentials = credentials
        self._burst = Burst(server.api.port, clock.now_ns)
        self._streams = tuple(delays_ms)
        self._planned = dict(delays_ms)
        self._asks = Asks(base_ms=dict.fromkeys(self._streams, 0))
        self._applied = dict.fromkeys(self._streams, Condition())
        self._refused: frozenset[str] = frozenset()
        self._lock = Lock()

    def create(self, endpoints: Mapping[str, Dial]) -> None:
        """Create a proxy and its chains per dial, and one bare proxy per endpoint that leads to its dial."""
        dials = list(dict.fromkeys(stream.dial for stream in self._streams))
        self._server.populate(
            [self._proxy(dial.name, self._nodes[dial.target.name]) for dial in dials]
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
        """Cut ``streams`` in one burst."""
        with self._lock:
            self._asks.cut(key, streams, mode)
            return self._apply()

    def slow(self, key: str, added_ns: Mapping[Stream, int]) -> Span:
        """Delay each stream by that much more, one way, to the millisecond that Toxiproxy knows."""
        with self._lock:
            self._asks.slow(key, {stream: round(ns / 1e6) for stream, ns in added_ns.items()})
            return self._apply()

    def heal(self, key: str) -> Span:
        """Undo what was asked for under ``key``; idempotent."""
        with self._lock:
            self._asks.withdraw(key)
            return self._apply()

    def ping(self, dials: Sequence[Dial], timeout_s: float) -> Mapping[Dial, float | None]:
        """Round trip in seconds of one request to PostgreSQL through each dial, None where no answer came."""
        ports = {dial: self._ports[dial.name] for dial in dials}
        return ping(ports, timeout_s=timeout_s, now_ns=self._clock.now_ns)

    def target(self, dial: Dial) -> Target:
        """Where the dial's source finds its proxy."""
        return self._at(self._ports[dial.name])

    def endpoint(self, name: str) -> Target:
        """Where clients find the endpoint called ``name``."""
        return self._at(self._ports[name])

    def point(self, name: str, dial: Dial) -> None:
        """Lead the endpoint called ``name`` to another dial; closes its connections."""
        self._server.update_proxy(self._proxy(name, self._address(dial)))

    def close(self) -> None:
        """Close the control connections; idempotent."""
        self._burst.close()
        self._server.api.close()

    def _apply(self) -> Span:
        """Send what differs between what is asked for and what is in force."""
        wanted = {stream: self._asks.condition(stream) for stream in self._streams}
        refused = self._asks.refused()
        requests = [
            request for stream in self._streams for request in changed(stream, self._applied[stream], wanted[stream])
        ]
        requests += [self._enable(name, enabled=name not in refused) for name in sorted(refused ^ self._refused)]
        span = self._burst.fire(requests)
        self._applied, self._refused = wanted, refused
        return span

    def _enable(self, name: str, *, enabled: bool) -> Request:
        return Request(method="POST", path=f"/proxies/{name}", proxy=name, body={"enabled": enabled})

    def _proxy(self, name: str, upstream: str) -> dict[str, object]:
        return {"name": name, "listen": f"127.0.0.1:{self._ports[name]}", "upstream": upstream, "enabled": True}

    def _address(self, dial: Dial) -> str:
        return f"127.0.0.1:{self._ports[dial.name]}"

    def _at(self, port: int) -> Target:
        c = self._credentials
        return Target(host="127.0.0.1", port=port, user=c.user, password=c.password, dbname=c.dbname)
