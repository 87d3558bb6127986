"""Proof by canary: a request to PostgreSQL through every proxy that a fault touches.

What comes back is compared with what must hold now, not with what was before: so faults that overlap prove themselves
without knowing of each other. Only what would be otherwise without it proves a fault.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaoskit.clock import NS
from chaoskit.faults.baseline import ROUNDS, SLACK_S
from chaoskit.faults.expected import Expected, expected
from chaoskit.faults.ground import Ground
from chaoskit.model.plan import Dial
from chaoskit.protocols import Proof, Stream

ONSET_TIMEOUT_S = 3.0  # a delay that noise hides is measured again; a leak is a leak at once
HEAL_TIMEOUT_S = 10.0
TOLERANCE_S = 0.02
NAMED = 4  # dials that a proof names at most


def dials_of(streams: Iterable[Stream]) -> tuple[Dial, ...]:
    """The dials that the streams belong to, each once."""
    return tuple(dict.fromkeys(stream.dial for stream in streams))


def tolerance_s(wanted_s: float) -> float:
    """How far a growth may be off: a fifth or ``TOLERANCE_S``, but never so far that no growth at all would pass."""
    wide_s = max(TOLERANCE_S, abs(wanted_s) / 5)
    return min(wide_s, abs(wanted_s) / 2) if wanted_s else wide_s


def together(*proofs: Proof) -> Proof:
    """One proof of several: false where one is, else untold where one is; in the words of those that decide."""
    told = {proof.ok for proof in proofs}
    ok = False if False in told else None if None in told else True
    return Proof(ok=ok, text="; ".join(proof.text for proof in proofs if proof.ok is ok))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One comparison of what must hold with what was answered.

    Attributes:
        wanted: Per dial of which something can be said.
        trips: The quickest answer of each in s; None: silence.
        own_s: What the fault that is proved adds to a round trip, where it adds something.
        mute: Dials that could not be heard without that fault either: their silence does not prove it.
    """

    wanted: Mapping[Dial, Expected]
    trips: Mapping[Dial, float | None]
    own_s: Mapping[Dial, float]
    mute: frozenset[Dial] = frozenset()

    @property
    def silent(self) -> list[Dial]:
        """Silent, as they must be."""
        return [dial for dial, due in self.wanted.items() if due.trip_s is None and self.trips[dial] is None]

    @property
    def leaking(self) -> list[Dial]:
        """They answered and must not."""
        return [dial for dial, due in self.wanted.items() if due.trip_s is None and self.trips[dial] is not None]

    @property
    def missing(self) -> list[Dial]:
        """They must answer and did not."""
        unheard = (dial for dial, due in self.wanted.items() if due.trip_s is not None and self.trips[dial] is None)
        return [dial for dial in unheard if not self.wanted[dial].vague]

    @property
    def off(self) -> list[Dial]:
        """They answered too early, or too late where nothing but delays can be the reason."""
        early = [dial for dial in self._answered() if -self._late_s(dial) > self._tolerance_s(dial)]
        return [*early, *(dial for dial in self._late() if not self.wanted[dial].vague)]

    @property
    def unclear(self) -> list[Dial]:
        """They are late or silent, which may have other reasons; so a delay of our own does not show in it."""
        vague = [dial for dial, due in self.wanted.items() if due.vague]
        late = [dial for dial in self._late() if dial in self.own_s]
        return [dial for dial in vague if self.trips[dial] is None or dial in late]

    @property
    def fitting(self) -> list[Dial]:
        """They answered when they must."""
        others = {*self.off, *self.unclear}
        return [dial for dial in self._answered() if dial not in others]

    @property
    def measured(self) -> list[Dial]:
        """They answered in time, and by so much later as the fault wants."""
        return [dial for dial in self.fitting if self.own_s.get(dial)]

    @property
    def wrong(self) -> str:
        """What does not agree; empty: everything does."""
        complaints = {
            "still answered": [dial.name for dial in self.leaking],
            "silent": [dial.name for dial in self.missing],
            "round trips differ from what was asked": [self.growth(dial) for dial in self.off],
        }
        return "; ".join(f"{what}: {', '.join(names[:NAMED])}" for what, names in complaints.items() if names)

    def growth(self, dial: Dial) -> str:
        """How much later than in health it answered, and how much that should be."""
        added_s = self.wanted[dial].added_s
        return f"{dial.name} {(added_s + self._late_s(dial)) * 1e3:+.0f} ms of {added_s * 1e3:+.0f} ms"

    def _answered(self) -> list[Dial]:
        return [d for d, due in self.wanted.items() if due.trip_s is not None and self.trips[d] is not None]

    def _late(self) -> list[Dial]:
        return [dial for dial in self._answered() if self._late_s(dial) > self._tolerance_s(dial)]

    def _late_s(self, dial: Dial) -> float:
        due_s, trip_s = self.wanted[dial].trip_s, self.trips[dial]
        assert due_s is not None
        assert trip_s is not None
        return trip_s - due_s

    def _tolerance_s(self, dial: Dial) -> float:
        """By what the fault itself adds, or whatever others do; where nobody adds anything, an answer is enough."""
        added_s = self.own_s.get(dial) or self.wanted[dial].added_s
        return tolerance_s(added_s) if added_s else SLACK_S


class Canary:
    """Pings the dials that a fault touches, and says whether they do what they must.

    Args:
        own_ns: What the fault adds to the round trip of a dial; empty: it adds nothing.
        silencing: The step of the fault, if no dial answers while it stands.
    """

    def __init__(
        self,
        ground: Ground,
        dials: Sequence[Dial],
        own_ns: Mapping[Dial, int] | None = None,
        *,
        silencing: str = "",
    ) -> None:
        self._ground, self._dials, self._silencing = ground, tuple(dials), silencing
        self._own_s = {dial: ns / 1e9 for dial, ns in (own_ns or {}).items()}

    def onset(self) -> Proof:
        """The dials do what they must now that the fault stands; a leak is not looked at twice."""
        look = self._agreeing(ONSET_TIMEOUT_S, forgiving=False)
        if look is not None and look.fitting and self._silencing:
            return Proof(ok=False, text=f"still answered: {', '.join(dial.name for dial in look.fitting[:NAMED])}")
        proof = self._agreed(look)
        if proof.ok and self._silencing and look is not None and look.mute.issuperset(look.silent):
            return Proof(ok=None, text="every link would be silent without it")
        return proof

    def heal(self) -> Proof:
        """The dials do what they must now that it does not; they get some time.

        A link that another step keeps silent is asked again at the heal of that one. A node that is left to the
        failover manager answers when that has rebuilt it; a delay on the way to it has still to be measured.
        """
        look = self._agreeing(HEAL_TIMEOUT_S, forgiving=True)
        proof = self._agreed(look)
        untold = proof.ok is None and look is not None and not look.unclear and not self._own_s
        if untold and (held := self._held()):
            return Proof(ok=True, text=f"left to the failover manager: {', '.join(held)}")
        return proof

    def _agreeing(self, within_s: float, *, forgiving: bool) -> Look | None:
        """The first look that agrees and tells something, or the last; None: nothing ever held still for one."""
        clock, last = self._ground.clock, None
        deadline_ns = clock.now_ns() + round(within_s * NS)
        while True:
            look = self._look()
            last = look or last
            if look is not None and self._decisive(look, forgiving=forgiving):
                return look
            if clock.now_ns() >= deadline_ns:
                return last
            clock.sleep(0.02)

    def _decisive(self, look: Look, *, forgiving: bool) -> bool:
        """Whether another look could not tell more: a node that is being restarted will soon be a witness."""
        if look.wrong:
            return bool(look.leaking) and not forgiving
        return self._tells(look) or not self._nodes() or bool(self._held())

    def _tells(self, look: Look) -> bool:
        """Whether something was seen; of a delay nothing but its own measure counts."""
        return bool(look.measured) if self._own_s else bool(look.silent or look.fitting)

    def _look(self) -> Look | None:
        """Compare once; None: what must hold changed meanwhile, since another fault struck or healed."""
        ground = self._ground
        with ground.claims.stillness.keep():
            wanted = expected(ground, self._dials)
            trips = self._quickest(wanted)
            mute = self._mute(wanted)
            same = expected(ground, self._dials) == wanted
        return Look(wanted=wanted, trips=trips, own_s=self._own_s, mute=mute) if same else None

    def _mute(self, wanted: Mapping[Dial, Expected]) -> frozenset[Dial]:
        """The dials that could not be heard if the fault had not struck."""
        if not self._silencing:
            return frozenset()
        heard = expected(self._ground, wanted, besides=self._silencing)
        return frozenset(dial for dial in wanted if dial not in heard or heard[dial].trip_s is None)

    def _quickest(self, wanted: Mapping[Dial, Expected]) -> dict[Dial, float | None]:
        """Ping everything once, and what is slow or missing again: noise only ever adds."""
        latest_s = max((due.trip_s or 0.0 for due in wanted.values()), default=0.0)
        patience_s = max(latest_s, self._ground.baseline.slowest_s(wanted)) + SLACK_S
        best: dict[Dial, float | None] = dict.fromkeys(wanted)
        again = list(wanted)
        for _ in range(ROUNDS):
            for dial, trip in self._ground.wan.ping(again, patience_s).items() if again else ():
                best[dial] = min((seen for seen in (best[dial], trip) if seen is not None), default=None)
            look = Look(wanted=wanted, trips=best, own_s=self._own_s)
            again = [*look.missing, *look.off, *look.unclear]
        return best

    def _agreed(self, look: Look | None) -> Proof:
        if look is None:
            return Proof(ok=None, text="other faults struck or healed during every look")
        if look.wrong:
            return Proof(ok=False, text=look.wrong)
        if self._tells(look):
            return Proof(ok=True, text=self._seen(look))
        if look.silent or look.fitting:
            return Proof(ok=None, text=f"the delay could not be measured: {self._seen(look)}")
        if not (nodes := self._nodes()):
            return Proof(ok=None, text="no link answered while all was healthy, so its silence proves nothing")
        if look.unclear:
            return Proof(ok=None, text="lost or waiting packets, or a strained node, may hide what is looked for")
        return Proof(ok=None, text=f"down, or being stopped or started by others: {', '.join(nodes)}")

    def _in_time(self, look: Look) -> str:
        return " as far as packets get through" if any(look.wanted[d].vague for d in look.fitting) else " in time"

    def _nodes(self) -> list[str]:
        """Whom the dials lead to that answered while all was healthy."""
        return sorted({d.target.name for d in self._dials if self._ground.baseline.trip_s(d) is not None})

    def _held(self) -> list[str]:
        return [node for node in self._nodes() if self._ground.holds(node)]

    def _seen(self, look: Look) -> str:
        told = []
        if look.silent:
            told.append(f"{len(look.silent)} of {len(self._dials)} links answered before and are silent")
        if look.fitting:
            told.append(f"{len(look.fitting)} of {len(self._dials)} links answer{self._in_time(look)}")
        measured = [dial for dial in look.fitting if look.wanted[dial].added_s]
        if measured:
            told.append(f"e.g. {look.growth(measured[0])}")
        return ", ".join(told)
