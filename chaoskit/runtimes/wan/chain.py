"""The one chain of toxics that every stream carries from the start: gate -> rtt -> guard. See DESIGN §3 for why.

``gate`` holds bytes while its latency is endless, ``rtt`` delays them, ``guard`` keeps a toxic that is appended later
from flushing the chunk that sleeps in ``rtt``. They are only ever updated; ``lost`` (a timeout of 0) comes and goes
behind them.

The gate is a latency and not a bandwidth of 0: that one reads its rate twice per chunk, and an update in between makes
it slice past the end of the chunk, and the server dies (bandwidth.go:46 of 2.12.0): seen on the heal of a stall that
held a hundred connections.
"""

from dataclasses import dataclass

from chaoskit.protocols import Stream
from chaoskit.runtimes.wan.burst import Request

OPEN_KB_S = 1_000_000_000
ENDLESS_MS = 1_000_000_000  # eleven days


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a stream should do with bytes: hold them, lose them, or pass them after ``delay_ms``."""

    delay_ms: int = 0
    held: bool = False
    lost: bool = False


def created(stream: Stream) -> list[Request]:
    """The requests that put the chain onto a stream, in order."""
    return [
        _post(
            stream, "", {"name": _name(stream, "gate"), "type": "latency", **_attributes(stream, latency=0, jitter=0)}
        ),
        _post(
            stream, "", {"name": _name(stream, "rtt"), "type": "latency", **_attributes(stream, latency=0, jitter=0)}
        ),
        _post(stream, "", {"name": _name(stream, "guard"), "type": "bandwidth", **_attributes(stream, rate=OPEN_KB_S)}),
    ]


def changed(stream: Stream, old: Condition, new: Condition) -> list[Request]:
    """The requests that lead from one condition to another.

    Bytes start being lost before anything else changes; they stop being lost (which closes the connections) before
    the gate opens, or the held ones would pass.
    """
    requests = []
    if new.lost and not old.lost:
        requests.append(
            _post(stream, "", {"name": _name(stream, "lost"), "type": "timeout", **_attributes(stream, timeout=0)})
        )
    if old.lost and not new.lost:
        path = f"/proxies/{stream.dial.name}/toxics/{_name(stream, 'lost')}"
        requests.append(Request(method="DELETE", path=path, proxy=stream.dial.name, done_already=404))
    if new.delay_ms != old.delay_ms:
        requests.append(_update(stream, "rtt", latency=new.delay_ms, jitter=0))
    if new.held != old.held:
        requests.append(_update(stream, "gate", latency=ENDLESS_MS if new.held else 0, jitter=0))
    return requests


def _name(stream: Stream, toxic: str) -> str:
    return f"{toxic}_{'up' if stream.upstream else 'down'}"


def _attributes(stream: Stream, **attributes: int) -> dict[str, object]:
    return {"stream": "upstream" if stream.upstream else "downstream", "attributes": attributes}


def _update(stream: Stream, toxic: str, **attributes: int) -> Request:
    return _post(stream, f"/{_name(stream, toxic)}", {"attributes": attributes})


def _post(stream: Stream, suffix: str, body: object) -> Request:
    path = f"/proxies/{stream.dial.name}/toxics{suffix}"
    return Request(method="POST", path=path, proxy=stream.dial.name, body=body, done_already=409)
