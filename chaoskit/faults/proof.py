"""Proof by canary: a request to PostgreSQL through every proxy that a fault touches."""

from collections.abc import Mapping, Sequence

from chaoskit.model.plan import Dial
from chaoskit.protocols import Clock, Proof, Stream, Wan

SLACK_S = 0.3  # a loaded server forks a backend before it answers
HEAL_TIMEOUT_S = 10.0
TOLERANCE_S = 0.02
ROUNDS = 3  # pings of which the quickest is compared, where a difference is the proof


def dials_of(streams: Sequence[Stream]) -> tuple[Dial, ...]:
    """The dials that the streams belong to, each once."""
    return tuple(dict.fromkeys(stream.dial for stream in streams))


def patience_s(wan: Wan, streams: Sequence[Stream]) -> float:
    """How long a healthy answer may take on the slowest of the dials."""
    dials = set(dials_of(streams))
    trips: dict[Dial, int] = {}
    for stream in wan.streams():
        if stream.dial in dials:
            trips[stream.dial] = trips.get(stream.dial, 0) + wan.base_delay_ns(stream)
    return max(trips.values(), default=0) / 1e9 + SLACK_S


def tolerance_s(wanted_s: float) -> float:
    """How far a growth may be off: a fifth or ``TOLERANCE_S``, but never so far that no growth at all would pass."""
    wide_s = max(TOLERANCE_S, wanted_s / 5)
    return min(wide_s, wanted_s / 2) if wanted_s > 0 else wide_s


class Canary:
    """Pings the dials of some streams, before a fault and after it.

    Args:
        streams: The streams that the fault touches.
    """

    def __init__(self, wan: Wan, streams: Sequence[Stream], clock: Clock) -> None:
        self._wan, self._clock = wan, clock
        self._dials = dials_of(streams)
        self._patience_s = patience_s(wan, streams)
        self._before: Mapping[Dial, float | None] = {}

    def before(self, rounds: int = 1) -> None:
        """Remember what the dials answer while healthy; what does not answer now can prove nothing later.

        Args:
            rounds: Of which the quickest counts; one is enough where silence is the proof.
        """
        self._before = self._quickest(self._patience_s, rounds)

    def cut(self) -> Proof:
        """Nothing that answered before answers now."""
        witnesses = [dial for dial in self._dials if self._before.get(dial) is not None]
        if not witnesses:
            return Proof(ok=None, text="no link answered before the cut, so its silence proves nothing")
        trips = self._wan.ping(witnesses, self._patience_s)
        leaking = [dial.name for dial, trip in trips.items() if trip is not None]
        if leaking:
            return Proof(ok=False, text=f"still answered after the cut: {', '.join(leaking)}")
        return Proof(
            ok=True, text=f"{len(witnesses)} of {len(self._dials)} links answered before and none after the cut"
        )

    def slower(self, added_s: Mapping[Dial, float]) -> Proof:
        """Every dial's round trip grew by what was added, within a fifth or ``TOLERANCE_S``."""
        trips = self._quickest(max(added_s.values(), default=0) + self._patience_s, ROUNDS)
        shown: list[str] = []
        wrong: list[str] = []
        for dial, wanted_s in added_s.items():
            before, now = self._before.get(dial), trips.get(dial)
            if before is None or now is None:
                continue
            grown_s = now - before
            fits = abs(grown_s - wanted_s) <= tolerance_s(wanted_s)
            (shown if fits else wrong).append(f"{dial.name} +{grown_s * 1e3:.0f} ms of +{wanted_s * 1e3:.0f} ms")
        if wrong:
            return Proof(ok=False, text=f"round trips differ from what was asked: {'; '.join(wrong[:4])}")
        if not shown:
            return Proof(ok=None, text="no link answered before and after, so nothing was measured")
        return Proof(ok=True, text=f"round trips of {len(shown)} links grew as asked, e.g. {shown[0]}")

    def healed(self) -> Proof:
        """Everything that answered before answers again."""
        missing = [dial for dial in self._dials if self._before.get(dial) is not None]
        total = len(missing)
        deadline_ns = self._clock.now_ns() + round(HEAL_TIMEOUT_S * 1e9)
        while missing and self._clock.now_ns() < deadline_ns:
            trips = self._wan.ping(missing, self._patience_s)
            missing = [dial for dial in missing if trips[dial] is None]
        if missing:
            return Proof(ok=False, text=f"silent after the heal: {', '.join(dial.name for dial in missing)}")
        return Proof(ok=True, text=f"all {total} links answer again")

    def _quickest(self, patience_s: float, rounds: int) -> dict[Dial, float | None]:
        """The best of some pings, since noise only ever adds."""
        seen = [self._wan.ping(self._dials, patience_s) for _ in range(rounds)]
        best: dict[Dial, float | None] = {}
        for dial in self._dials:
            answered = [trip for trips in seen if (trip := trips[dial]) is not None]
            best[dial] = min(answered, default=None)
        return best
