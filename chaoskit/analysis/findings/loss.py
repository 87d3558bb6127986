"""What was lost: acknowledged writes without a rank, and reads that returned what is gone."""

import numpy as np

from chaoskit.analysis.columns import Bools
from chaoskit.analysis.findings.case import Case, counted
from chaoskit.analysis.findings.surviving import NO_RANK
from chaoskit.model.finding import Finding, Witness


def absent_writes(case: Case) -> Bools:
    """Mark acknowledged writes that the surviving state has not, shape (rows,); none where there is no authority."""
    if case.surviving.unknown:
        return np.zeros(len(case.operations), dtype=bool)
    absent: Bools = case.operations.acked_write & (case.rank == NO_RANK)
    return absent


def lost_writes(case: Case) -> Finding:
    """Count acknowledged writes without a rank; ``warned`` of them were acknowledged as not durable."""
    if unknown := case.missing_streams or case.surviving.unknown:
        return Finding.unknown(unknown)
    lost = case.within(absent_writes(case))

    def witness() -> Witness:
        row = case.first(lost, case.operations.returned_ns)
        return case.witness(f"{case.did(row)}; it is not on {case.surviving.node}, whose state survived.", [row])

    checked = int(case.within(case.operations.acked_write).sum())
    return counted(int(lost.sum()), checked, "acknowledged writes", witness, {"warned": case.is_warned(lost)})


def observed_lost(case: Case) -> Finding:
    """Count ok reads that returned a written value without a rank."""
    if case.surviving.unknown:
        return Finding.unknown(case.surviving.unknown)
    operations = case.operations
    reads = case.within(operations.ok_read)
    lost = reads & (case.rank == NO_RANK) & written(case)[operations.pair]

    def witness() -> Witness:
        row = case.first(lost, operations.invoked_ns)
        writer = case.writer(int(operations.pair[row]))
        assert writer is not None
        wrote = f"{case.text(writer, 'region')} had written at {case.invoked(writer)}"
        sentence = f"{case.did(row)}; what {wrote} is not on {case.surviving.node}, whose state survived."
        return case.witness(sentence, [writer, row])

    return counted(int(lost.sum()), int(reads.sum()), "ok reads", witness)


def written(case: Case) -> Bools:
    """Which pairs an operation wrote, shape (pairs + 1,); the absent key, last, was not."""
    operations = case.operations
    wrote = np.zeros(operations.pair_count + 1, dtype=bool)
    wrote[operations.pair[operations.write]] = True
    wrote[-1] = False
    return wrote
