"""Every checker before one history, each behind a guard: one that crashes is unknown, never a pass."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import Bools, Ints
from chaoskit.analysis.findings.case import Case
from chaoskit.analysis.findings.ghosts import failed_visible, ghosts, late_ghosts
from chaoskit.analysis.findings.ledger import ledger
from chaoskit.analysis.findings.loss import absent_writes, lost_writes, observed_lost
from chaoskit.analysis.findings.operations import coded
from chaoskit.analysis.findings.sessions import NAMES as SESSION_NAMES
from chaoskit.analysis.findings.sessions import session_guarantees
from chaoskit.analysis.findings.split_brain import SplitBrain, split_brain
from chaoskit.analysis.findings.staleness import Staleness, nothing, stale_reads, staleness
from chaoskit.analysis.findings.state import divergence, divergence_before_failback, duplicated, phantom
from chaoskit.analysis.findings.surviving import surviving
from chaoskit.analysis.record import Audit
from chaoskit.analysis.shapes import LedgerRow
from chaoskit.model.finding import Finding
from chaoskit.model.history import FINAL_COLUMNS

T = TypeVar("T")
U = TypeVar("U")

SINGLE: Mapping[str, Callable[[Case], Finding]] = {
    "lost_writes": lost_writes,
    "ghosts": ghosts,
    "late_ghosts": late_ghosts,
    "failed_visible": failed_visible,
    "observed_lost": observed_lost,
    "phantom": phantom,
    "duplicated": duplicated,
    "divergence": divergence,
}
NAMES = (*SINGLE, *SESSION_NAMES, "stale_reads", "split_brain")
SCOPED = frozenset(NAMES) - {"phantom", "duplicated", "divergence", "split_brain"}
"""Findings that count operations alone, so that they can be asked for a part of these."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examination:
    """What the checkers say.

    Attributes:
        findings: By name: ``NAMES``, and ``divergence_before_failback`` where a node was read before failback.
        absent: Shape (rows of history,): acknowledged writes that the surviving state has not; none where there is no
            authority.
        ledger: None: it could not be made.
        behind_ns: By region, shape (ok reads of values that survived,), fresh = 0.
        behind_k: The same in versions.
        read_rows: By region, which rows of the history those reads are.
        staleness_unknown: Why the two are not known; empty: they are.
        rankless: Why the surviving state is not known; empty: it is.
        split_brain_ns: First to last write of the split; None: no split, or not known.
        scoped: Repeats one checker of ``SCOPED`` for a part of the operations; None: nothing was examined.
    """

    findings: Mapping[str, Finding]
    absent: Bools
    ledger: LedgerRow | None = None
    behind_ns: Mapping[str, Ints] = field(default_factory=dict)
    behind_k: Mapping[str, Ints] = field(default_factory=dict)
    read_rows: Mapping[str, Ints] = field(default_factory=dict)
    staleness_unknown: str = ""
    rankless: str = ""
    split_brain_ns: int | None = None
    scoped: Callable[[str, Bools], Finding] | None = None


def examine(
    history: pd.DataFrame,
    final: pd.DataFrame | None,
    audit: Audit | None,
    *,
    heals_ns: Sequence[int] = (),
    t0_ns: int = 0,
    deposed: Collection[str] = (),
    doubted_ns: Sequence[tuple[int, int]] = (),
) -> Examination:
    """Run every checker.

    Args:
        history: HISTORY_COLUMNS, in any order of rows.
        final: FINAL_COLUMNS; None: nothing was audited.
        audit: None: ``final`` alone says which node is authoritative, and the history is taken for complete.
        heals_ns: When each heal of a cut began.
        t0_ns: From where sentences count seconds.
        deposed: Primaries that were deposed and not brought back.
        doubted_ns: Spans of which a commit timestamp may come from a wrong clock.
    """
    if not len(history):
        return _nothing(history, "the history is empty")
    opening = partial(
        open_case, history, final, audit, heals_ns=heals_ns, t0_ns=t0_ns, deposed=deposed, doubted_ns=doubted_ns
    )
    made: Case | str = guarded(opening, str)
    return _examined(made) if isinstance(made, Case) else _nothing(history, made)


def open_case(
    history: pd.DataFrame,
    final: pd.DataFrame | None,
    audit: Audit | None,
    *,
    heals_ns: Sequence[int] = (),
    t0_ns: int = 0,
    deposed: Collection[str] = (),
    doubted_ns: Sequence[tuple[int, int]] = (),
) -> Case:
    """Code and rank a history for its checkers; arguments as of ``examine``.

    Raises:
        ValueError: The tables cannot be what they claim to be.
    """
    rows = pd.DataFrame(columns=list(FINAL_COLUMNS)) if final is None else final
    operations, audited = coded(history, rows)
    state = surviving(audited, audit, operations.pair_count, audited=final is not None)
    return Case(
        operations=operations,
        audited=audited,
        surviving=state,
        rank=state.rank[operations.pair],
        audit=audit,
        heals_ns=tuple(heals_ns),
        t0_ns=t0_ns,
        deposed=frozenset(deposed),
        doubted_ns=tuple(doubted_ns),
    )


def guarded(check: Callable[[], T], otherwise: Callable[[str], U]) -> T | U:
    """Return what ``check`` says, or what it is worth that it crashed."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001  # whatever it was: not a pass
        return otherwise(f"the checker failed: {type(error).__name__}: {error}")


def _examined(case: Case) -> Examination:
    findings = {name: guarded(partial(check, case), Finding.unknown) for name, check in SINGLE.items()}
    before = guarded(partial(divergence_before_failback, case), Finding.unknown)
    if before is not None:
        findings["divergence_before_failback"] = before
    sessions = guarded(partial(session_guarantees, case), lambda why: (Finding.unknown(why),) * len(SESSION_NAMES))
    findings |= dict(zip(SESSION_NAMES, sessions, strict=True))
    stale = guarded(partial(staleness, case), nothing)
    findings["stale_reads"] = guarded(partial(stale_reads, case, stale), Finding.unknown)
    split = guarded(partial(split_brain, case), lambda why: SplitBrain(finding=Finding.unknown(why)))
    findings["split_brain"] = split.finding
    return Examination(
        findings=findings,
        absent=absent_writes(case),
        ledger=guarded(partial(ledger, case), lambda _why: None),
        behind_ns=_by_region(case, stale, stale.behind_ns),
        behind_k=_by_region(case, stale, stale.behind_k),
        read_rows=_by_region(case, stale, stale.rows),
        staleness_unknown=stale.unknown,
        rankless=case.surviving.unknown,
        split_brain_ns=split.window_ns,
        scoped=partial(_within, case, stale),
    )


def _within(case: Case, stale: Staleness, name: str, scope: Bools) -> Finding:
    """What a checker of ``SCOPED`` says of the operations in ``scope``, shape (rows of history,)."""
    part = replace(case, scope=scope)
    if name in SINGLE:
        return guarded(partial(SINGLE[name], part), Finding.unknown)
    if name == "stale_reads":
        return guarded(partial(stale_reads, part, stale), Finding.unknown)
    findings = guarded(partial(session_guarantees, part), lambda why: (Finding.unknown(why),) * len(SESSION_NAMES))
    return findings[SESSION_NAMES.index(name)]


def _by_region(case: Case, stale: Staleness, behind: Ints) -> dict[str, Ints]:
    """Split figures of reads by region; a region without any is left out."""
    region = case.operations.region[stale.rows]
    present = np.unique(region)
    return {case.operations.regions[code]: behind[region == code] for code in present}


def _nothing(history: pd.DataFrame, reason: str) -> Examination:
    return Examination(
        findings=dict.fromkeys(NAMES, Finding.unknown(reason)),
        absent=np.zeros(len(history), dtype=bool),
        staleness_unknown=reason,
        rankless=reason,
    )
