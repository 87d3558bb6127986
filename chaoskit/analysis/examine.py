"""The bridge to the checkers of findings."""

from collections.abc import Callable

from chaoskit.analysis.clocks import doubted
from chaoskit.analysis.evidence import Evidence, no_evidence
from chaoskit.analysis.failback import failbacks
from chaoskit.analysis.failover import failovers
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.findings.examine import examine as examine_findings
from chaoskit.analysis.promotion import promotions
from chaoskit.analysis.record import RunRecord
from chaoskit.analysis.span import span_of

Examiner = Callable[[RunRecord, tuple[FaultRecord, ...]], Evidence]


def examine(record: RunRecord, faults: tuple[FaultRecord, ...]) -> Evidence:
    """Run every checker of findings over a record."""
    examination = examine_findings(
        record.history,
        record.final,
        record.audit,
        heals_ns=[f.heal_first_ns for f in faults if f.cuts and f.heal_first_ns is not None],
        t0_ns=span_of(record.events, record.history).t0_ns,
        deposed=_deposed(record, faults),
        doubted_ns=doubted(record.scenario, faults),
    )
    split_ns = examination.split_brain_ns
    return Evidence(
        absent=examination.absent,
        findings=examination.findings,
        ledger=examination.ledger,
        behind_ns=examination.behind_ns,
        behind_k=examination.behind_k,
        read_rows=examination.read_rows,
        scoped=examination.scoped,
        staleness_unknown=examination.staleness_unknown,
        rankless=examination.rankless,
        split_brain_s=None if split_ns is None else split_ns / 1e9,
    )


def _deposed(record: RunRecord, faults: tuple[FaultRecord, ...]) -> list[str]:
    """The primaries that were deposed, and are no replicas in the end."""
    primary = record.scenario.stack.topology.primary if record.scenario else ""
    promoted, found = promotions(record.events, faults), failovers(record.events, faults)
    rows = failbacks(record.events, promoted, found, primary=primary)
    return [row.node for row in rows if not row.verified]


def examined(record: RunRecord, faults: tuple[FaultRecord, ...], examiner: Examiner) -> Evidence:
    """Examine a record behind a guard: what crashes is unknown, and never ends the analysis."""
    try:
        return examiner(record, faults)
    except Exception as crash:  # noqa: BLE001 - whatever a checker raises is a reason not to trust it
        return no_evidence(record.history, f"the checkers crashed: {type(crash).__name__}: {crash}")
