"""How far reads were behind what any session had already seen or been told (docs/definitions.md, ``stale_reads``)."""

from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.columns import Ints
from chaoskit.analysis.findings.case import Case, counted
from chaoskit.analysis.findings.precedence import asked, course, highest_before, known
from chaoskit.analysis.findings.surviving import NO_RANK
from chaoskit.model.finding import Finding, Witness


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Staleness:
    """How far behind each ok read was, of those whose value has a rank: one that was lost has no age.

    Attributes:
        unknown: Why it is not known; then there are no reads here. Empty: it is known.
        rows: Shape (ranked reads,), rows of the history, ascending.
        behind_k: Shape (ranked reads,), versions; 0: fresh.
        behind_ns: Shape (ranked reads,), since the first return of something newer; 0: the same.
        newer: Shape (ranked reads,), the row that returned it; NO_RANK: fresh.
    """

    unknown: str
    rows: Ints
    behind_k: Ints
    behind_ns: Ints
    newer: Ints


def nothing(reason: str) -> Staleness:
    """Staleness that is not known."""
    empty: Ints = np.zeros(0, dtype=np.int64)
    return Staleness(unknown=reason, rows=empty, behind_k=empty, behind_ns=empty, newer=empty)


def staleness(case: Case) -> Staleness:
    """Measure every ok read against writes and reads that had returned strictly before it was sent."""
    if unknown := case.surviving.unknown or case.several_clocks:
        return nothing(unknown)
    operations, rank = case.operations, case.rank
    line = course(operations.key, rank, operations.invoked_ns, operations.returned_ns)
    sources = known(line, (operations.acked_write | operations.ok_read) & (rank != NO_RANK))
    ranked = operations.ok_read & (rank != NO_RANK)
    targets = asked(line, ranked)
    highest = highest_before(sources, targets, strictly=True)
    late = highest > rank[targets.rows]
    stale = targets.rows[late]
    newer = sources.first_above(stale)

    rows = np.flatnonzero(ranked)
    at = np.searchsorted(rows, stale)
    behind_k, behind_ns = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    first_newer = np.full(len(rows), NO_RANK, dtype=np.int64)
    behind_k[at] = highest[late] - rank[stale]
    behind_ns[at] = operations.invoked_ns[stale] - operations.returned_ns[newer]
    first_newer[at] = newer
    return Staleness(
        unknown="",
        rows=rows,
        behind_k=behind_k,
        behind_ns=behind_ns,
        newer=first_newer,
    )


def stale_reads(case: Case, measured: Staleness) -> Finding:
    """Count the reads that were behind at all."""
    if measured.unknown:
        return Finding.unknown(measured.unknown)
    here = case.within(case.operations.ok_read)[measured.rows]
    stale = np.flatnonzero(here & (measured.behind_k > 0))

    def witness() -> Witness:
        first = int(stale[np.argmin(case.operations.invoked_ns[measured.rows[stale]])])
        row, newer = int(measured.rows[first]), int(measured.newer[first])
        late_ms, behind_k = measured.behind_ns[first] / 1e6, int(measured.behind_k[first])
        versions = f"{behind_k} version{'s' if behind_k > 1 else ''}"
        sentence = (
            f"{case.did(newer)}; {late_ms:.3f} ms later, at {case.invoked(row)}, {case.text(row, 'region')} "
            f"read {case.saw(row)}: {versions} behind what was known by then."
        )
        return case.witness(sentence, [newer, row])

    return counted(len(stale), int(here.sum()), "ok reads of surviving values", witness)
