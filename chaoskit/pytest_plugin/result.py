"""A finished run as a test sees it: figures that are numbers, or raise. Nothing unknown compares as a number."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoskit.model.verdict import FindingResult, Verdict
from chaoskit.pytest_plugin.verdicts import Inconclusive, Missed
from chaoskit.pytest_plugin.words import failures
from chaoskit.report.figures import seconds
from chaoskit.report.objectives import objective_rows
from chaoskit.report.reading import Row, number, part, rows, text, texts
from chaoskit.report.words import verdict_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One objective of the file, judged. ``missed_as_expected``: ``expect: missed``, and so it was; ``because`` why."""

    name: str
    measure: str
    where: str
    observed: str
    expected: str
    verdict: Verdict
    reason: str
    position: str
    missed_as_expected: bool
    because: str


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
    def _name(self) -> str:
        return f"rto of {self.step} in {self.region} {self.operation} {self.connection}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one checker says. ``untold``: why ``count`` is no number; empty: it is. ``witness`` shows the first case."""

    name: str
    result: FindingResult
    checked: int
    witness: str
    untold: str
    seen: int

    @property
    def count(self) -> int:
        """How many cases there are.

        Raises:
            Inconclusive: It is unknown; or there were none in a run that is in doubt, which proves nothing.
        """
        return int(_told(self.seen, self.name, self.untold))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpo:
    """What is gone, as ``result.json`` tells it; ``untold``: why it is not known."""

    row: Row
    untold: str

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
        """WAL that was lost; Inconclusive where that is unknown."""
        return int(self._figure("wal_bytes"))

    def _figure(self, key: str) -> float:
        seen = number(self.row, key)
        return _told(seen, f"rpo.{key}", "" if seen else self.untold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A judged run. ``data`` is all of its ``result.json``, where null means that something is not known."""

    data: Mapping[str, Any]
    report: Path

    @property
    def name(self) -> str:
        """The scenario's."""
        return text(self.data, "scenario")

    @property
    def run_dir(self) -> Path:
        """Where everything about the run is."""
        return self.report.parent

    @property
    def verdict(self) -> Verdict:
        """The worst of all objectives'."""
        return verdict_of(self.data)

    @property
    def reason(self) -> str:
        """Why it is not a pass."""
        return text(self.data, "reason")

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the instrument is not to be trusted in this run; none: it is."""
        return texts(part(self.data, "instrument"), "doubts")

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """In the order of the file."""
        shown = zip(objective_rows(self.data), rows(self.data, "objectives"), strict=True)
        return tuple(
            Objective(
                name=one.name,
                measure=text(row, "measure"),
                where=one.where,
                observed=one.observed,
                expected=one.expected,
                verdict=one.verdict,
                reason=one.reason,
                position=one.position,
                missed_as_expected=text(row, "expectation") == "missed" and one.verdict is Verdict.PASS,
                because=text(row, "because"),
            )
            for one, row in shown
        )

    def objective(self, name: str) -> Objective:
        """The objective called ``name``; LookupError where there is none."""
        found = {objective.name: objective for objective in self.objectives}
        if name not in found:
            raise LookupError(f"no objective {name}; there are {', '.join(found) or 'none'}")
        return found[name]

    @property
    def missed_as_expected(self) -> tuple[Objective, ...]:
        """The objectives whose ``expect: missed`` came true."""
        return tuple(objective for objective in self.objectives if objective.missed_as_expected)

    @property
    def recoveries(self) -> tuple[Recovery, ...]:
        """One per step and stream."""
        return tuple(_recovery(row, " ".join(self.doubts)) for row in rows(self.data, "rto"))

    def rto(
        self,
        *,
        region: str | None = None,
        operation: str | None = None,
        connection: str | None = None,
        step: str | None = None,
    ) -> Recovery:
        """The worst recovery of those asked for; regions whose clients were lost are left out where there are others.

        Raises:
            LookupError: There is none.
        """
        asked = {"region": region, "operation": operation, "connection": connection, "step": step}
        wanted = {key: value for key, value in asked.items() if value is not None}
        found = [one for one in self.recoveries if all(getattr(one, key) == value for key, value in wanted.items())]
        if not found:
            there = sorted({f"{one.step}: {one.region} {one.operation}" for one in self.recoveries})
            words = ", ".join(f"{key}={value!r}" for key, value in wanted.items()) or "anything"
            raise LookupError(f"no recovery of {words}; there are {', '.join(there) or 'none'}")
        return max(found, key=_badness)

    @property
    def findings(self) -> Mapping[str, Finding]:
        """What every checker says, by name."""
        found = part(self.data, "findings")
        return {name: _finding(name, part(found, name), " ".join(self.doubts)) for name in found}

    @property
    def lost_writes(self) -> int:
        """Acknowledged writes that are gone; Inconclusive where that is unknown."""
        return self.findings["lost_writes"].count

    @property
    def rpo(self) -> Rpo:
        """How much is gone."""
        row = part(self.data, "rpo")
        return Rpo(row=row, untold=text(row, "reason") or " ".join(self.doubts))

    def check(self) -> None:
        """Hold the run to the objectives of its file.

        Raises:
            Missed: One was missed.
            Inconclusive: Nobody can tell.
        """
        if self.verdict is Verdict.FAIL:
            raise Missed(failures(self.data, self.report))
        if self.verdict is Verdict.INCONCLUSIVE:
            raise Inconclusive(failures(self.data, self.report))


def read(run_dir: Path) -> Result:
    """The result of a run directory that was judged before."""
    data = json.loads((run_dir / "result.json").read_text(encoding="utf-8"))
    return Result(data=data, report=run_dir / "report.html")


def _told(value: float | None, name: str, untold: str) -> float:
    """A figure, where it is known."""
    if value is None or untold:
        raise Inconclusive(f"{name} is not known: {untold or 'it was not measured'}")
    return value


def _badness(one: Recovery) -> tuple[bool, bool, float]:
    """Excluded ones last; what is not known is worse than any number."""
    hi_s = one.interval_s[1]
    return not one.excluded, hi_s is None, hi_s or 0.0


def _recovery(row: Row, doubts: str) -> Recovery:
    censored, excluded = bool(row.get("censored")), bool(row.get("excluded"))
    lo_s, hi_s = number(row, "lo_s"), number(row, "hi_s")
    why = {
        "its clients were lost with their region": excluded,
        f"overtaken by {text(row, 'overtaken')}": bool(row.get("overtaken")),
        f"it had not recovered when the run ended, {seconds(lo_s)} later": censored,
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


def _finding(name: str, row: Row, doubts: str) -> Finding:
    result, seen = FindingResult(text(row, "result", "unknown")), int(number(row, "count") or 0)
    unknown = text(row, "reason") or "its checker does not say why" if result is FindingResult.UNKNOWN else ""
    return Finding(
        name=name,
        result=result,
        checked=int(number(row, "checked") or 0),
        witness=text(part(row, "witness"), "sentence"),
        untold=unknown or ("" if seen else doubts),
        seen=seen,
    )
