"""Figures of a run that are numbers, or raise: nothing that is unknown compares as a number."""

from dataclasses import dataclass

from chaoskit.model.verdict import FindingResult
from chaoskit.pytest_plugin.verdicts import Inconclusive
from chaoskit.report.figures import seconds
from chaoskit.report.reading import Row, number, part, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How long one stream of one region was out because of one step.

    Attributes:
        untold: Why there is no high end, or none at all; empty: both are known.
        doubts: Why the run's figures are not to be trusted; empty: they are.
        censored: It had not recovered when the run ended: it took at least ``lo_s``.
        excluded: The region's clients were lost with it.
    """

    step: str
    cause: str
    region: str
    operation: str
    connection: str
    censored: bool
    excluded: bool
    untold: str
    doubts: str
    interval_s: tuple[float | None, float | None]

    @property
    def lo_s(self) -> float:
        """At least so many seconds.

        Raises:
            Inconclusive: It is not known.
        """
        lo_s = self.interval_s[0]
        return _told(lo_s, self._name, self.doubts or (self.untold if lo_s is None else ""))

    @property
    def hi_s(self) -> float:
        """At most so many seconds.

        Raises:
            Inconclusive: It is not known: censored, excluded, or the run is in doubt.
        """
        return _told(self.interval_s[1], self._name, self.untold or self.doubts)

    @property
    def badness(self) -> tuple[bool, bool, float]:
        """What makes one worse than another: excluded ones are best, and nothing is worse than an open end."""
        hi_s = self.interval_s[1]
        return not self.excluded, hi_s is None, hi_s or 0.0

    @property
    def _name(self) -> str:
        return f"rto of {self.step} in {self.region} {self.operation} {self.connection}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one checker says. ``witness`` shows the first case.

    Attributes:
        untold: Why it is unknown; empty: it is known.
        doubts: Why the run's figures are not to be trusted; empty: they are.
    """

    name: str
    result: FindingResult
    checked: int
    witness: str
    untold: str
    doubts: str
    seen: int

    @property
    def count(self) -> int:
        """How many cases there are.

        Raises:
            Inconclusive: It is unknown, or the run is in doubt: there may be more.
        """
        return int(_told(self.seen, self.name, self.untold or self.doubts))

    @property
    def at_least(self) -> int:
        """How many cases were witnessed, which no doubt undoes.

        Raises:
            Inconclusive: It is unknown; or there were none in a run that is in doubt, which proves nothing.
        """
        return int(_told(self.seen, self.name, self.untold or ("" if self.seen else self.doubts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpo:
    """What is gone, as ``result.json`` tells it; ``doubts``: why that is not to be trusted."""

    row: Row
    doubts: str

    @property
    def lost_writes(self) -> int:
        """Acknowledged writes that are gone; Inconclusive where that is unknown."""
        return int(self._figure("lost_writes"))

    @property
    def window_s(self) -> float:
        """From the first to the last lost acknowledgement, in seconds; Inconclusive where that is unknown."""
        return self._figure("window_s")

    @property
    def wal_bytes(self) -> int:
        """WAL that was lost; Inconclusive where that is unknown, or known of a part of the lost writes alone."""
        if number(self.row, "unplaced"):
            raise Inconclusive("rpo.wal_bytes is not known: it is not known where some of the lost writes were")
        return int(self._figure("wal_bytes"))

    def _figure(self, key: str) -> float:
        seen = number(self.row, key)
        return _told(seen, f"rpo.{key}", self.doubts or (text(self.row, "reason") if seen is None else ""))


def recovery(row: Row, doubts: str) -> Recovery:
    """One row of ``rto``; ``doubts`` are those of the whole run."""
    censored, excluded = bool(row.get("censored")), bool(row.get("excluded"))
    lo_s, hi_s = number(row, "lo_s"), number(row, "hi_s")
    why = {
        "its clients were lost with their region": excluded,
        f"overtaken by {text(row, 'overtaken')}": bool(row.get("overtaken")),
        f"it had not recovered when the run ended, {seconds(lo_s)} later": censored,
        "no probe was sent after it": lo_s is None,
        "its clients were lost before it had recovered": hi_s is None,
    }
    return Recovery(
        step=text(row, "step"),
        cause=text(row, "cause"),
        region=text(row, "region"),
        operation=text(row, "operation"),
        connection=text(row, "connection"),
        censored=censored,
        excluded=excluded,
        untold=next((words for words, holds in why.items() if holds), ""),
        doubts=doubts,
        interval_s=(lo_s, hi_s),
    )


def finding(name: str, row: Row, doubts: str) -> Finding:
    """One of ``findings``; ``doubts`` are those of the whole run."""
    result, seen = FindingResult(text(row, "result", "unknown")), int(number(row, "count") or 0)
    unknown = text(row, "reason") or "its checker does not say why" if result is FindingResult.UNKNOWN else ""
    return Finding(
        name=name,
        result=result,
        checked=int(number(row, "checked") or 0),
        witness=text(part(row, "witness"), "sentence"),
        untold=unknown,
        doubts=doubts,
        seen=seen,
    )


def _told(value: float | None, name: str, untold: str) -> float:
    """A figure, where it is known."""
    if value is None or untold:
        raise Inconclusive(f"{name} is not known: {untold or 'it was not measured'}")
    return value
