"""What became of the writes: the ledger, the loss in one sentence, and every finding with its first witness."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.model.verdict import FindingResult
from chaoskit.report.figures import NOTHING, count, instant, size, span
from chaoskit.report.reading import Row, number, part, rows, text
from chaoskit.report.words import FINDINGS

# What a client was told, in the order of the ledger's columns.
ANSWERS = {"acknowledged": "acknowledged", "unknown": "no answer", "failed": "answered with an error"}
# The columns of a witness that are shown where any of its operations has them.
SHOWN = (
    "region", "session", "kind", "key", "value", "version", "rank", "node", "pg_timeline",
    "invoked_s", "returned_s", "invoked_ns", "returned_ns", "outcome", "error", "op",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCell:
    """Writes with one kind of answer, by whether they are in the surviving state."""

    present: str
    absent: str
    lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """The writes of one region (empty: of all), a cell per kind of answer in the order of ``ANSWERS``."""

    region: str
    cells: tuple[LedgerCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """The smallest set of operations that shows a finding's first case."""

    sentence: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """What one checker says; ``reason`` where it cannot tell."""

    name: str
    meaning: str
    result: FindingResult
    count: str
    checked: str
    reason: str
    witness: Witness | None


def ledger_rows(result: Row) -> tuple[LedgerRow, ...]:
    """Each region, then all of them; empty where there is no ledger."""
    ledger = part(result, "ledger")
    by_region = part(ledger, "by_region")
    groups = [*((str(region), part(by_region, region)) for region in by_region), ("", ledger)]
    return tuple(
        LedgerRow(region=region, cells=tuple(_ledger_cell(answer, part(group, answer)) for answer in ANSWERS))
        for region, group in groups
        if group
    )


def _ledger_cell(answer: str, row: Row) -> LedgerCell:
    absent = number(row, "absent")
    return LedgerCell(
        present=count(number(row, "present")), absent=count(absent), lost=answer == "acknowledged" and bool(absent)
    )


def loss_sentence(result: Row) -> str:
    """How many acknowledged writes are gone, over which window."""
    rpo = part(result, "rpo")
    lost, acknowledged = number(rpo, "lost_writes"), number(rpo, "acknowledged")
    if lost is None:
        return f"How many acknowledged writes are gone is unknown: {_why_unknown(result)}"
    words = [f"{count(lost)} of {count(acknowledged)} acknowledged writes are gone"]
    if warned := number(rpo, "lost_warned"):
        words.append(f"{count(warned)} of them were acknowledged with a warning that no standby had them")
    if (window_s := number(rpo, "window_s")) is not None and lost:
        words.append(f"the window of loss is {span(window_s)}")
    if (wal_bytes := number(rpo, "wal_bytes")) is not None:
        words.append(f"{size(wal_bytes)} of WAL did not survive")
    return "; ".join(words) + "."


def _why_unknown(result: Row) -> str:
    finding = part(part(result, "findings"), "lost_writes")
    return text(part(result, "rpo"), "reason") or text(finding, "reason") or "it was not audited"


def finding_rows(result: Row) -> tuple[FindingRow, ...]:
    """What was found first, then what could not be told, then the rest, each in the order of ``FINDINGS``."""
    findings = part(result, "findings")
    names = [name for name in FINDINGS if name in findings] + [name for name in findings if name not in FINDINGS]
    found = [_finding(name, part(findings, name)) for name in names]
    order = [FindingResult.SOME, FindingResult.UNKNOWN, FindingResult.NONE]
    return tuple(sorted(found, key=lambda row: order.index(row.result)))


def _finding(name: str, row: Row) -> FindingRow:
    result = _result(row)
    return FindingRow(
        name=name,
        meaning=FINDINGS.get(name, ""),
        result=result,
        count=NOTHING if result is FindingResult.UNKNOWN else count(number(row, "count")),
        checked=count(number(row, "checked")),
        reason=text(row, "reason"),
        witness=_witness(part(row, "witness")),
    )


def _result(row: Row) -> FindingResult:
    try:
        return FindingResult(text(row, "result"))
    except ValueError:
        return FindingResult.UNKNOWN


def _witness(row: Row) -> Witness | None:
    operations = rows(row, "operations")
    if not row:
        return None
    columns = tuple(name for name in SHOWN if any(op.get(name) is not None for op in operations))
    if "invoked_s" in columns:  # the same instants once are enough
        columns = tuple(name for name in columns if not name.endswith("_ns"))
    return Witness(
        sentence=text(row, "sentence"),
        columns=tuple(_heading(name) for name in columns),
        cells=tuple(_cells(op, columns) for op in operations),
    )


def _heading(column: str) -> str:
    return column.replace("_ns", " (run ns)").removesuffix("_s").replace("_", " ")


def _cells(operation: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        instant(number(operation, name)) if name.endswith("_s") else text(operation, name, NOTHING) for name in columns
    )
