"""``bandwidth``: a link carries no more than so many bytes a second. Proved by sending more than that through it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from chaoskit.clock import NS
from chaoskit.faults.expected import expected
from chaoskit.faults.ground import Ground
from chaoskit.faults.impaired import still_filtered
from chaoskit.faults.proof import HEAL_TIMEOUT_S, NAMED, dials_of
from chaoskit.faults.standing import Standing
from chaoskit.model.topology import Role
from chaoskit.protocols import Proof, Stream

LENGTH_S = 0.5
"""So long a canary fills the pipe, unless that were too few bytes."""
LEAST_BYTES, MOST_BYTES = 192 << 10, 16 << 20
BURST_BYTES = 96 << 10
"""A limit may let that much pass at once before it holds anything back."""
SHORT = 0.9
"""A limit that holds is not undercut by more than a tenth of the time it should cost."""
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One canary's way. ``took_s`` is without the round trip that everything takes; None: it did not get through."""

    stream: Stream
    took_s: float | None


class BandwidthProof:
    """Sends a known number of bytes through every stream that leads to a node that answers.

    Args:
        bytes_per_s: The limit that is to be proved.
    """

    def __init__(self, ground: Ground, streams: Sequence[Stream], _standing: Standing, bytes_per_s: float) -> None:
        self._ground, self._streams = ground, streams
        self._size = round(min(max(bytes_per_s * LENGTH_S, LEAST_BYTES), MOST_BYTES))
        self._bytes_per_s = bytes_per_s

    def onset(self) -> Proof:
        """Nothing gets through faster than the tightest of all limits lets it; slower it may be, with others in it.

        Where another step's limit is tighter, this one does nothing that could be seen.
        """
        found = self._carried(self._streams)
        through = [one for one in found if one.took_s is not None]
        limits = {one.stream: self._ground.wan.impairment(one.stream).bytes_per_s for one in through}
        if fast := [one for one in through if self._undercuts(one, limits[one.stream] or self._bytes_per_s)]:
            return Proof(ok=False, text=f"faster than the limit: {self._named(fast)}")
        mine = [one for one in through if (limits[one.stream] or self._bytes_per_s) >= self._bytes_per_s]
        if through and not mine:
            return Proof(ok=None, text="other steps limit every link of it to less")
        return self._told(found, mine)

    def heal(self) -> Proof:
        """Everything gets through faster than the limit would let it, where no other step limits it."""
        if left := still_filtered(self._ground, self._streams):
            return Proof(ok=False, text=f"packets are still filtered: {left}")
        free = [s for s in self._streams if self._ground.wan.impairment(s).bytes_per_s is None]
        if not free:
            return Proof(ok=None, text="other steps limit every link of it")
        clock = self._ground.clock
        deadline_ns = clock.now_ns() + round(HEAL_TIMEOUT_S * NS)
        while True:
            found = self._carried(free)
            slow = [one for one in found if not self._undercuts(one, self._bytes_per_s)]
            if not slow:
                return self._told(found, found)
            if clock.now_ns() >= deadline_ns:
                return Proof(ok=False, text=f"no faster than under the limit: {self._named(slow)}")
            clock.sleep(0.1)

    def _carried(self, streams: Sequence[Stream]) -> list[Carried]:
        """Send it through every stream of which something can be said."""
        due = expected(self._ground, dials_of(streams))
        trips_s = {dial: wanted.trip_s for dial, wanted in due.items() if dial.target.role is Role.NODE}
        sound = [
            (stream, trip_s)
            for stream in streams
            if (trip_s := trips_s.get(stream.dial)) is not None and not self._ground.wan.impairment(stream).lost
        ]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda one: self._carry(*one), sound))

    def _carry(self, stream: Stream, trip_s: float) -> Carried:
        timeout_s = trip_s + HEAL_TIMEOUT_S + 2 * self._size / self._bytes_per_s
        took_s = self._ground.wan.carry(stream, self._size, timeout_s)
        return Carried(stream=stream, took_s=None if took_s is None else max(took_s - trip_s, 0.0))

    def _undercuts(self, one: Carried, limit: float) -> bool:
        """Whether it took less than that limit makes it take."""
        return one.took_s is not None and one.took_s < SHORT * (self._size - BURST_BYTES) / limit

    def _told(self, found: Sequence[Carried], through: Sequence[Carried]) -> Proof:
        if not found:
            return Proof(ok=None, text="no link of it leads to a node that answers, so no bytes could be sent")
        if not through:
            return Proof(ok=None, text=f"{self._size / 1e3:g} kB did not get through in time on any link")
        return Proof(ok=True, text=f"{len(through)} of {len(found)} links carried it, e.g. {self._named(through[:1])}")

    def _named(self, carried: Sequence[Carried]) -> str:
        return ", ".join(self._words(one) for one in carried[:NAMED])

    def _words(self, one: Carried) -> str:
        way = "there" if one.stream.upstream else "back"
        took = "not in time" if one.took_s is None else f"in {one.took_s:.2f} s"
        return f"{one.stream.dial.name} {way}: {self._size / 1e3:g} kB {took}"
