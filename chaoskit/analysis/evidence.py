"""What the checkers of findings say about a run, in the one shape that the rest of the analysis reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from chaoskit.analysis.columns import Bools
from chaoskit.analysis.shapes import LedgerRow
from chaoskit.model.verdict import FindingResult


class Finding(Protocol):
    """What one checker says."""

    @property
    def result(self) -> FindingResult:
        """None, some, or unknown."""

    @property
    def count(self) -> int:
        """How many, where the result is some."""

    @property
    def reason(self) -> str:
        """Why it is unknown."""

    def as_json(self) -> dict[str, Any]:
        """Its row in ``result.json``: result, count, checked, witness, reason."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What was lost and what was read that was wrong.

    Attributes:
        absent: Shape (rows of history,): acknowledged writes that the surviving state has not; none where there is no
            authority.
        findings: By name.
        ledger: Acknowledged, unknown and failed writes, present and absent; None: not known.
        behind_ns: By region, how far behind each ok read of a value that survived was, shape (reads,), fresh = 0.
        behind_k: The same in versions.
        read_rows: By region, which rows of the history those reads are.
        staleness_unknown: Why ``behind_ns`` is not known; empty: it is.
        split_brain_s: First to last write of the split; None: none, or not known.
        rankless: Why the surviving state is not known, so that ``absent`` says nothing; empty: it is known.
        crashed: Why there is no evidence at all; empty: there is.
        scoped: Repeats a checker that counts operations for a part of them, shape (rows of history,); None: it cannot.
    """

    absent: Bools
    findings: Mapping[str, Finding] = field(default_factory=dict)
    ledger: LedgerRow | None = None
    behind_ns: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    behind_k: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    read_rows: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    staleness_unknown: str = ""
    split_brain_s: float | None = None
    rankless: str = ""
    crashed: str = ""
    scoped: Callable[[str, Bools], Finding] | None = None

    def lost(self, history: pd.DataFrame) -> tuple[pd.DataFrame | None, str]:
        """Pick the rows of lost writes; None and the reason where it is not known which writes were lost."""
        finding = self.findings.get("lost_writes")
        if finding is None:
            return None, self.crashed or "lost_writes was not checked"
        if finding.result is FindingResult.UNKNOWN:
            return None, finding.reason
        return history[self.absent], ""


def no_evidence(history: pd.DataFrame, why: str) -> Evidence:
    """Stand in for checkers that crashed: every finding is unknown, and none is a pass."""
    return Evidence(absent=np.zeros(len(history), dtype=bool), staleness_unknown=why, rankless=why, crashed=why)
