"""What became of the writes: the ledger, the loss in one sentence, and every finding with its first witness."""

from dataclasses import dataclass

from chaoskit.model.verdict import FindingResult
from chaoskit.report.figures import NOTHING, count, instant, size, span
from chaoskit.report.reading import Row, number, part, rows, since_t0, text
from chaoskit.report.words import FINDINGS

# What a client was told, in the order of the ledger's columns.
ANSWERS = {"acknowledged": "acknowledged", "unknown": "no answer", "failed": "answered with an error"}
# The columns of a witness that are shown where any of its operations has them.
SHOWN = (
    "region", "session", "kind", "key", "value", "version", "rank", "node", "pg_timeline",
    "invoked", "returned", "outcome", "error", "op",
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
        least = "at least " if number(rpo, "unplaced") else ""
        words.append(f"{least}{size(wal_bytes)} of WAL did not survive")
    return "; ".join(words) + "."


def _why_unknown(result: Row) -> str:
    finding = part(part(result, "findings"), "lost_writes")
    return text(part(result, "rpo"), "reason") or text(finding, "reason") or "it was not audited"


def finding_rows(result: Row) -> tuple[FindingRow, ...]:
    """What was found first, then what could not be told, then the rest, each in the order of ``FINDINGS``."""
    findings = part(result, "findings")
    names = [name for name in FINDINGS if name in findings] + [name for name in findings if name not in FINDINGS]
    found = [_finding(result, name, part(findings, name)) for name in names]
    order = [FindingResult.SOME, FindingResult.UNKNOWN, FindingResult.NONE]
    return tuple(sorted(found, key=lambda row: order.index(row.result)))


def _finding(run: Row, name: str, row: Row) -> FindingRow:
    result = _result(row)
    return FindingRow(
        name=name,
        meaning=FINDINGS.get(name, ""),
        result=result,
        count=NOTHING if result is FindingResult.UNKNOWN else count(number(row, "count")),
        checked=count(number(row, "checked")),
        reason=text(row, "reason"),
        witness=_witness(run, part(row, "witness")),
    )


def _result(row: Row) -> FindingResult:
    try:
        return FindingResult(text(row, "result"))
    except ValueError:
        return FindingResult.UNKNOWN


def _witness(run: Row, row: Row) -> Witness | None:
    operations = [_since_t0(run, operation) for operation in rows(row, "operations")]
    if not row:
        return None
    columns = tuple(name for name in SHOWN if any(op.get(name) is not None for op in operations))
    return Witness(
        sentence=text(row, "sentence"),
        columns=tuple(name.replace("_", " ") for name in columns),
        cells=tuple(tuple(text(op, name, NOTHING) for name in columns) for op in operations),
    )


def _since_t0(run: Row, operation: Row) -> Row:
    """The operation with its instants as people read them."""
    ends = {end: since_t0(run, number(operation, f"{end}_ns")) for end in ("invoked", "returned")}
    return {**operation, **{end: instant(at_s) for end, at_s in ends.items() if at_s is not None}}
