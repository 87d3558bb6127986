"""A finished run as a test sees it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaoskit.model.verdict import Verdict
from chaoskit.pytest_plugin.figures import Finding, Recovery, Rpo, finding, recovery
from chaoskit.pytest_plugin.verdicts import Inconclusive, Missed
from chaoskit.pytest_plugin.words import failures
from chaoskit.report.objectives import objective_rows
from chaoskit.report.reading import part, rows, text, texts
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
class Result:
    """A judged run. ``data`` is all of its ``result.json``, where null means that something is not known."""

    data: Mapping[str, Any]
    report: Path

    @property
    def name(self) -> str:
        """The scenario's."""
        return text(self.data, "scenario")

    @property
    def variant(self) -> str | None:
        """Which one of its file's; None: the file has no ``matrix``."""
        return text(self.data, "variant") or None

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
        return tuple(recovery(row, " ".join(self.doubts)) for row in rows(self.data, "rto"))

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
        return max(found, key=lambda one: one.badness)

    @property
    def findings(self) -> Mapping[str, Finding]:
        """What every checker says, by name."""
        found = part(self.data, "findings")
        return {name: finding(name, part(found, name), " ".join(self.doubts)) for name in found}

    @property
    def lost_writes(self) -> int:
        """Acknowledged writes that are gone; Inconclusive where that is unknown."""
        return self.findings["lost_writes"].count

    @property
    def rpo(self) -> Rpo:
        """How much is gone."""
        return Rpo(row=part(self.data, "rpo"), doubts=" ".join(self.doubts))

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
