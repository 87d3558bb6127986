"""The ledger: what clients were told about their writes, against what is there."""

import numpy as np

from chaoskit.analysis.columns import Bools
from chaoskit.analysis.findings.case import Case
from chaoskit.analysis.shapes import LedgerCell, LedgerGroup, LedgerRow


def ledger(case: Case) -> LedgerRow:
    """Count writes by answer and presence, of all and by region; null where there is no authority."""
    regions = {name: _group(case, case.operations.region == code) for code, name in enumerate(case.operations.regions)}
    whole = _group(case, np.ones(len(case.operations), dtype=bool))
    return {
        "acknowledged": whole["acknowledged"],
        "unknown": whole["unknown"],
        "failed": whole["failed"],
        "by_region": regions,
    }


def _group(case: Case, mine: Bools) -> LedgerGroup:
    operations = case.operations
    return {
        "acknowledged": _cell(case, mine & operations.acked_write),
        "unknown": _cell(case, mine & operations.unknown_write),
        "failed": _cell(case, mine & operations.failed_write),
    }


def _cell(case: Case, writes: Bools) -> LedgerCell:
    if case.surviving.unknown:
        return {"present": None, "absent": None}
    present = int((writes & (case.rank > 0)).sum())
    return {"present": present, "absent": int(writes.sum()) - present}
