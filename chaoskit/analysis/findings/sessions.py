"""The four guarantees of a session, of users only: what it did or saw, it must go on seeing (docs/definitions.md)."""

import numpy as np

from chaoskit.analysis.columns import Bools, Ints
from chaoskit.analysis.findings.case import Case, counted
from chaoskit.analysis.findings.coding import Codes
from chaoskit.analysis.findings.operations import Operations
from chaoskit.analysis.findings.precedence import Asked, Known, asked, course, known, overtaken
from chaoskit.analysis.findings.surviving import NO_RANK
from chaoskit.model.finding import Finding, Witness

NARROW = 2**31 - 1
NAMES = ("read_your_writes", "monotonic_reads", "monotonic_writes", "writes_follow_reads")


def session_guarantees(case: Case) -> tuple[Finding, ...]:
    """Return the findings of ``NAMES``: reads, then ranked writes, against earlier writes and reads of the session."""
    if unknown := case.surviving.unknown or _wandering(case):
        return (Finding.unknown(unknown),) * len(NAMES)
    operations = case.operations
    group = _group(operations)
    line = course(group, case.rank, operations.invoked_ns, operations.returned_ns)
    ranked = operations.user & (case.rank != NO_RANK)
    ok_reads: Bools = ranked & operations.ok_read
    wrote, saw = known(line, ranked & operations.acked_write), known(line, ok_reads)
    reads = asked(line, case.within(ok_reads))
    findings = [_finding(case, sources, reads, "ok reads of users") for sources in (wrote, saw)]
    del reads  # as large as what is built next
    writes = asked(line, case.within(ranked & operations.write))
    findings += [_finding(case, sources, writes, "surviving writes of users") for sources in (wrote, saw)]
    return tuple(findings)


def _group(operations: Operations) -> Codes:
    """Session and key as one number, shape (rows,)."""
    groups = operations.session_count * operations.key_count
    kind = np.int64 if groups > NARROW else np.int32
    group: Codes = np.add(operations.session.astype(kind) * operations.key_count, operations.key, dtype=kind)
    return group


def _wandering(case: Case) -> str:
    """Why instants within a session cannot be compared; empty: they can."""
    operations = case.operations
    if len(operations.hosts) < 2:
        return ""
    home = np.zeros(operations.session_count, dtype=np.int32)
    home[operations.session] = operations.host
    moved = home[operations.session] != operations.host
    return "a session ran on several hosts, whose clocks cannot be compared" if moved.any() else ""


def _finding(case: Case, sources: Known, targets: Asked, what: str) -> Finding:
    broken = overtaken(sources, targets, strictly=False)

    def witness() -> Witness:
        row = int(broken[np.argmin(case.operations.invoked_ns[broken])])
        earlier = _earlier(sources, row)
        later = f"{case.invoked(row)} {_later(case, row)}"
        return case.witness(f"{case.did(earlier)}; at {later} in the same session.", [earlier, row])

    return counted(len(broken), len(targets.rows), what, witness)


def _earlier(sources: Known, row: int) -> int:
    rows: Ints = np.array([row], dtype=np.int64)
    return int(sources.first_above(rows)[0])


def _later(case: Case, row: int) -> str:
    if case.operations.write[row]:
        return (
            f"it sent {case.text(row, 'value')} to the same key, which landed behind that, as version {case.rank[row]},"
        )
    node = case.cell(row, "node")
    return f"it read {case.saw(row)}{f' on {node}' if node is not None else ''}"
