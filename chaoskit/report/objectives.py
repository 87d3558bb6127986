"""The objectives as rows: what was asked, what was seen, what it means."""

from dataclasses import dataclass

from chaoskit.model.scenario import Phase
from chaoskit.model.verdict import Verdict
from chaoskit.report.figures import NOTHING
from chaoskit.report.reading import Row, part, rows, text, texts
from chaoskit.report.words import MARKS, verdict_of, where


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRow:
    """One objective, ready to be shown. ``position`` is ``file:line:col`` of the bound."""

    name: str
    measure: str
    where: str
    observed: str
    expected: str
    verdict: Verdict
    mark: str
    reason: str
    position: str

    @property
    def more(self) -> str:
        """The reason, where it says more than the row does."""
        return "" if self.observed in self.reason else self.reason


def objective_rows(result: Row) -> tuple[ObjectiveRow, ...]:
    """Every objective, in the order of the scenario file."""
    doubts = " ".join(texts(part(result, "instrument"), "doubts"))
    return tuple(_row(row, doubts) for row in rows(result, "objectives"))


def _row(row: Row, doubts: str) -> ObjectiveRow:
    """``doubts`` are those about the whole run, which are told once and not as the reason of each."""
    observed, verdict = part(row, "observed"), verdict_of(row)
    name, measure = text(row, "name"), text(row, "measure")
    return ObjectiveRow(
        name=name,
        measure="" if measure == name else measure,
        where=_where(row),
        observed=text(observed, "text") or NOTHING,
        expected=_expected(row),
        verdict=verdict,
        mark=MARKS[verdict],
        reason=text(row, "reason") if text(row, "reason") != doubts else "",
        position=text(row, "position"),
    )


def _where(row: Row) -> str:
    place, phase = text(part(row, "observed"), "where") or where(part(row, "scope")), text(row, "phase")
    return place if phase in ("", Phase.ALWAYS) else f"{place}, {phase} {text(part(row, 'scope'), 'step')}".rstrip()


def _expected(row: Row) -> str:
    bounds = text(row, "expected") or text(row, "expect")
    return f"{bounds}; to be missed: {text(row, 'because')}" if text(row, "expectation") == "missed" else bounds
