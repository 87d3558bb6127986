"""Writes that are there although nobody was told so, or although somebody was told the opposite."""

import numpy as np

from chaoskit.analysis.columns import Bools
from chaoskit.analysis.findings.case import Case, counted
from chaoskit.model.finding import Finding, Witness


def ghosts(case: Case) -> Finding:
    """Count ``unknown`` writes that have a rank."""
    if case.surviving.unknown:
        return Finding.unknown(case.surviving.unknown)
    there = _ghosts(case)

    def witness() -> Witness:
        row = case.first(there, case.operations.invoked_ns)
        return case.witness(f"{_unanswered(case, row)}; it survived as version {case.rank[row]}.", [row])

    return counted(int(there.sum()), int(case.within(case.operations.write).sum()), "writes", witness)


def late_ghosts(case: Case) -> Finding:
    """Count ghosts committed after a heal that began while they were under way.

    ``unclassified``: they have no timestamp, or one that a wrong clock may have made.
    """
    if case.surviving.unknown:
        return Finding.unknown(case.surviving.unknown)
    operations = case.operations
    rows = np.flatnonzero(_ghosts(case))
    heals_ns = np.sort(np.asarray(case.heals_ns, dtype=np.int64))
    committed_ns = case.surviving.committed_ns[operations.pair[rows]]
    # The last heal before the commit released it, unless the write was sent after that heal.
    before = np.searchsorted(heals_ns, committed_ns, side="left")
    after = np.searchsorted(heals_ns, operations.invoked_ns[rows], side="right")
    timed = case.trusted(committed_ns)
    late = rows[timed & (before > after)]
    unclassified = int((~timed & (after < len(heals_ns))).sum())
    checked = int(case.within(operations.write).sum())
    if not len(late) and unclassified:
        wrong = ", or with one that a wrong clock may have made" if case.doubted_ns else ""
        return Finding.unknown(f"ghosts without a commit timestamp{wrong}: {unclassified:,}", checked=checked)

    def witness() -> Witness:
        row = int(late[np.argmin(operations.invoked_ns[late])])
        commit_ns = int(case.surviving.committed_ns[operations.pair[row]])
        heal_ns = int(heals_ns[np.searchsorted(heals_ns, commit_ns, side="left") - 1])
        released = f"it was committed at {case.seconds(commit_ns)}, released by the heal at {case.seconds(heal_ns)}"
        return case.witness(f"{_unanswered(case, row)}; {released}.", [row])

    return counted(len(late), checked, "writes", witness, {"unclassified": unclassified})


def failed_visible(case: Case) -> Finding:
    """Count ``fail`` writes that have a rank, or that an ok read returned."""
    operations = case.operations
    read = np.zeros(operations.pair_count + 1, dtype=bool)
    read[operations.pair[operations.ok_read]] = True
    read[-1] = False
    visible = case.within(operations.failed_write) & ((case.rank > 0) | read[operations.pair])
    checked = int(case.within(operations.write).sum())
    if case.surviving.unknown and not visible.any():
        return Finding.unknown(f"no read shows one, but {case.surviving.unknown}", checked=checked)

    def witness() -> Witness:
        row = case.first(visible, operations.invoked_ns)
        said = f"{_sent(case, row)} was answered with an error ({case.text(row, 'error')}) at {case.returned(row)}"
        if case.rank[row] > 0:
            return case.witness(f"{said}, yet it survived as version {case.rank[row]}.", [row])
        reader = case.first(operations.ok_read & (operations.pair == operations.pair[row]), operations.invoked_ns)
        return case.witness(f"{said}, yet {case.did(reader)}.", [row, reader])

    return counted(int(visible.sum()), checked, "writes", witness)


def _ghosts(case: Case) -> Bools:
    return case.within(case.operations.unknown_write & (case.rank > 0))


def _sent(case: Case, row: int) -> str:
    region, value, key = (case.text(row, column) for column in ("region", "value", "key"))
    return f"the write of {value} to {key} that {region} sent at {case.invoked(row)}"


def _unanswered(case: Case, row: int) -> str:
    return f"{case.text(row, 'region')} never heard what became of {_sent(case, row)}"
