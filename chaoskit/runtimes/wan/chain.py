"""The one chain of toxics that every stream carries from the start: gate -> rtt -> lost -> basin.

``gate`` delays bytes by what varies and holds them while that is endless, ``rtt`` delays them by the planned round trip
and by what faults add, ``lost`` throws them away while its toxicity is 1, and ``basin`` takes in what a receiver does
not read at once. They are only ever updated: a toxic that is appended interrupts the last one, which may be waiting for
the receiver, and then the server's API waits with it.

An update interrupts its own toxic, and lets the one chunk that sleeps in it pass at once. So what changes often is a
short delay of its own: under jitter a chunk may miss a part of the swing, nothing else. With one toxic for everything,
80 ms + 60 ms updated four times a second, 49 % of pings came early, by up to 133 ms; with all that a fault adds in
``gate`` a fault of 160 ms was short by 32 ms in half of all answers.

An update also waits for its toxic to hand on the chunk it holds. One that cannot, because the receiver does not read,
never answers, and nothing of its proxy can be changed or healed any more. Without a basin less than 8 MiB that nobody
read were enough; it and the toxics before it take 1024 chunks each, up to 32 MiB before the first of them is stuck.
What is sent to a process that is known not to read has to be held at the gate.

The gate is a latency and not a bandwidth of 0: that one reads its rate twice per chunk, and an update in between makes
it slice past the end of the chunk, and the server dies (bandwidth.go:46 of 2.12.0): seen on the heal of a stall that
held a hundred connections.
"""

from dataclasses import dataclass

from chaoskit.protocols import Stream
from chaoskit.runtimes.wan.burst import Request

ENDLESS_MS = 1_000_000_000  # eleven days


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a stream should do with bytes: hold them, lose them, or pass them after all delays.

    ``added_ms`` may be negative, but not beyond ``planned_ms``; ``swing_ms`` is the part that may change often.
    """

    planned_ms: int = 0
    added_ms: int = 0
    swing_ms: int = 0
    held: bool = False
    lost: bool = False

    @property
    def gate_ms(self) -> int:
        """The delay of ``gate``."""
        return ENDLESS_MS if self.held else self.swing_ms

    @property
    def rtt_ms(self) -> int:
        """The delay of ``rtt``."""
        return self.planned_ms + self.added_ms


def created(stream: Stream) -> list[Request]:
    """The requests that put the chain onto a stream, in order."""
    return [
        _create(stream, "gate", "latency", latency=0, jitter=0),
        _create(stream, "rtt", "latency", latency=0, jitter=0),
        _create(stream, "lost", "timeout", toxicity=0.0, timeout=0),
        _create(stream, "basin", "latency", latency=0, jitter=0),
    ]


def changed(stream: Stream, old: Condition, new: Condition) -> list[Request]:
    """The requests that lead from one condition to another.

    Bytes start being lost before anything else changes. Where they stop being lost, the connections must have been
    closed before: what follows a gap would be taken for what was lost.
    """
    requests = []
    if new.lost != old.lost:
        requests.append(_update(stream, "lost", {"toxicity": float(new.lost)}))
    if new.rtt_ms != old.rtt_ms:
        requests.append(_update(stream, "rtt", {"attributes": {"latency": new.rtt_ms}}))
    if new.gate_ms != old.gate_ms:
        requests.append(_update(stream, "gate", {"attributes": {"latency": new.gate_ms}}))
    return requests


def _name(stream: Stream, toxic: str) -> str:
    return f"{toxic}_{'up' if stream.upstream else 'down'}"


def _create(stream: Stream, toxic: str, kind: str, *, toxicity: float = 1.0, **attributes: int) -> Request:
    body = {
        "name": _name(stream, toxic),
        "type": kind,
        "stream": "upstream" if stream.upstream else "downstream",
        "toxicity": toxicity,
        "attributes": attributes,
    }
    return _post(stream, "", body)


def _update(stream: Stream, toxic: str, body: object) -> Request:
    return _post(stream, f"/{_name(stream, toxic)}", body)


def _post(stream: Stream, suffix: str, body: object) -> Request:
    path = f"/proxies/{stream.dial.name}/toxics{suffix}"
    return Request(method="POST", path=path, proxy=stream.dial.name, body=body, done_already=409)
