"""The verdict on a terminal: the sentence, the objectives, the faults with their proof. The page's words."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chaoskit.model.verdict import Verdict
from chaoskit.report.conditions import doubts
from chaoskit.report.faults import FaultRow, fault_rows
from chaoskit.report.figures import printable
from chaoskit.report.objectives import ObjectiveRow, objective_rows
from chaoskit.report.words import headline, where

STYLES = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.INCONCLUSIVE: "yellow"}
FAULT_STYLES = {"proved": "green", "not proved": "yellow", "disproved": "red"}


def verdict_table(result: Mapping[str, Any]) -> RenderableType:
    """Return what a person reads at the end of a run; ``result`` is ``result.json``."""
    objectives, faults = objective_rows(result), fault_rows(result)
    parts: list[RenderableType] = [_sentence(result), Text()]
    parts.append(_table(objectives) if objectives else Text("No objectives: nothing was judged.", style="yellow"))
    parts += [_reason(row) for row in objectives if row.verdict is not Verdict.PASS and row.reason]
    if faults:
        parts += [Text(), *(_fault(row) for row in faults)]
    parts += [_line("doubt", doubt, "yellow") for doubt in doubts(result)]
    return Group(*parts)


def decisive(result: Mapping[str, Any]) -> str:
    """What decided the verdict, in one line: the first objective that has it, or why nothing can be told."""
    head = headline(result)
    deciding = [row for row in objective_rows(result) if row.verdict is head.verdict]
    if head.verdict is Verdict.INCONCLUSIVE or not deciding:
        return str(result.get("reason") or head.reason or head.sentence)
    row, more = deciding[0], len(deciding) - 1
    stream = f" {row.where}" if row.where != where({}) else ""
    others = f" and {more} more" if more and head.verdict is Verdict.FAIL else ""
    return f"{row.name}{stream} {row.observed} ({row.expected}){others}"


def _sentence(result: Mapping[str, Any]) -> Text:
    head = headline(result)
    sentence = Text(f"{head.mark} {head.word}", style=f"bold {STYLES[head.verdict]}")
    sentence.append(f"  {printable(head.sentence)}", style="default not bold")
    if head.reason:
        sentence.append(f" ({printable(head.reason)})", style="default not bold")
    return sentence


def _table(objectives: tuple[ObjectiveRow, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("objective", "where", "observed", "expected", "verdict"):
        table.add_column(heading, overflow="fold")
    for row in objectives:
        verdict = Text(f"{row.mark} {row.verdict.value}", style=STYLES[row.verdict])
        cells = (row.name, row.where, row.observed, row.expected)
        table.add_row(*(Text(printable(cell)) for cell in cells), verdict)
    return table


def _reason(row: ObjectiveRow) -> Padding:
    position = f" ({row.position})" if row.position else ""
    return _line(row.name, row.reason + position, STYLES[row.verdict])


def _fault(row: FaultRow) -> Padding:
    return _line(f"{row.step}: {row.sentence}", f"{row.state}: {row.proof}", FAULT_STYLES[row.state])


def _line(name: str, sentence: str, style: str) -> Padding:
    line = Text(printable(name), style=style)
    line.append(f"  {printable(sentence)}", style="default")
    return Padding(line, (0, 0, 0, 2), expand=False)
