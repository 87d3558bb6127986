"""What is wrong with the state itself: values out of nowhere, values twice, nodes that disagree."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chaoskit.analysis.columns import Bools, Ints
from chaoskit.analysis.findings.case import Case, counted, plain, short
from chaoskit.analysis.findings.loss import written
from chaoskit.analysis.findings.surviving import NO_RANK, missing_rows
from chaoskit.model.finding import Finding, Witness
from chaoskit.model.verdict import FindingResult

FINAL, BEFORE_FAILBACK = "final", "before_failback"


def phantom(case: Case) -> Finding:
    """Count ok reads and authoritative rows with a value that no operation wrote."""
    if case.missing_streams:
        return Finding.unknown(case.missing_streams)
    operations, surviving = case.operations, case.surviving
    unwritten = ~written(case)
    unwritten[-1] = False
    reads = operations.ok_read & unwritten[operations.pair]
    rows = surviving.rows[unwritten[case.audited.pair[surviving.rows]]]
    checked = int(operations.ok_read.sum()) + len(surviving.rows)
    count = int(reads.sum()) + len(rows)
    if surviving.unknown and not count:
        return Finding.unknown(f"no read shows one, but {surviving.unknown}", checked=checked)

    def witness() -> Witness:
        if reads.any():
            row = case.first(reads, operations.invoked_ns)
            return case.witness(f"{case.did(row)}; no operation wrote that.", [row])
        return Witness(sentence=f"{surviving.node} holds {_held(case, rows)}; no operation wrote that.")

    return counted(count, checked, "reads or surviving rows", witness)


def duplicated(case: Case) -> Finding:
    """Count pairs that the surviving state has under more than one version."""
    surviving = case.surviving
    if surviving.unknown:
        return Finding.unknown(surviving.unknown)
    twice = np.flatnonzero((surviving.last_version > surviving.rank) & (surviving.rank != NO_RANK))
    twice = twice[twice < case.operations.pair_count]

    def witness() -> Witness:
        pair = int(twice[0])
        held = _held(case, surviving.rows[case.audited.pair[surviving.rows] == pair])
        sentence = f"{surviving.node} holds {held}, and again as version {surviving.last_version[pair]}."
        return case.witness(sentence, _writers(case, pair))

    checked = int((surviving.rank[:-1] != NO_RANK).sum())
    return counted(len(twice), checked, "surviving values", witness)


def divergence(case: Case) -> Finding:
    """Count pairs held by one node in service and not by another.

    A deposed node that was kept out of service is left out, and named; of any other that did not answer, nobody knows.
    """
    if case.audit is not None and not case.audit.quiescent:
        return Finding.unknown(f"the nodes had not come to rest: {case.audit.reason or 'no reason was given'}")
    found = _apart(case, [(node, True) for node in _answered(case, FINAL)])
    silent = [] if case.audit is None else [n.node for n in case.audit.nodes if n.audit == FINAL and not n.answered]
    left_out = [node for node in silent if node in case.deposed]
    if found.result is FindingResult.NONE and len(silent) > len(left_out):
        missing = ", ".join(node for node in silent if node not in left_out)
        return Finding.unknown(f"{missing} did not answer the audit", checked=found.checked)
    if found.result is FindingResult.UNKNOWN or not left_out:
        return found
    reason = f"left out, deposed and not back in service: {', '.join(left_out)}"
    return replace(found, reason=reason, counts={"left_out": len(left_out)})


def divergence_before_failback(case: Case) -> Finding | None:
    """Count pairs that a deposed node held when it was read before failback, and that a survivor lacks.

    Those are what rebuilding it erases; what it lacked itself was written after it was deposed, and diverges from
    nothing. Unknown where one that was asked did not answer and the others hold nothing of the kind; None where no
    node was asked.
    """
    asked = {one.node for one in case.audit.nodes if one.audit == BEFORE_FAILBACK} if case.audit else set()
    old, final = _answered(case, BEFORE_FAILBACK), _answered(case, FINAL)
    if not asked and not old:
        return None
    silent = Finding.unknown(f"{', '.join(sorted(asked - {*old}))} did not answer before failback")
    if not old:
        return silent
    found = _apart(case, [*((node, False) for node in old), *((node, True) for node in final)], among=len(old))
    return replace(silent, checked=found.checked) if found.result is FindingResult.NONE and asked - {*old} else found


def _answered(case: Case, audit: str) -> list[str]:
    """The nodes that answered an audit; without one, those that have rows."""
    if case.audit is not None:
        return [one.node for one in case.audit.nodes if one.audit == audit and one.answered]
    final = audit == FINAL
    return [node for node in case.audited.nodes if case.audited.of(node, final=final).any()]


def _apart(case: Case, nodes: Sequence[tuple[str, bool]], *, among: int | None = None) -> Finding:
    """Compare the states of ``nodes``, each as (name, read in the final audit).

    ``among``: what any of that many first ones holds is compared with all others, and not with each other.
    """
    if len(nodes) <= (among or 1):
        return Finding.unknown(f"{nodes[0][0] if nodes else 'no node'} alone answered: there is nothing to compare")
    torn = [missing_rows(case.audited, case.audit, node) for node, final in nodes if final and case.audit]
    if any(torn):
        return Finding.unknown("; ".join(filter(None, torn)))
    held = [_pairs(case, node, final=final) for node, final in nodes]
    union, common = np.logical_or.reduce(held[:among]), np.logical_and.reduce(held[among or 0 :])
    apart = np.flatnonzero(union & ~common)

    def witness() -> Witness:
        pair = int(apart[0])
        have = next(index for index, mask in enumerate(held) if mask[pair])
        lacks = next(index for index, mask in enumerate(held) if index >= (among or 0) and not mask[pair])
        node, final = nodes[have]
        rows = np.flatnonzero(case.audited.of(node, final=final) & (case.audited.pair == pair))
        return case.witness(f"{node} holds {_held(case, rows)}; {nodes[lacks][0]} does not.", _writers(case, pair))

    return counted(len(apart), int(union.sum()), "rows on any node", witness)


def _pairs(case: Case, node: str, *, final: bool) -> Bools:
    """Which pairs ``node`` holds, shape (pairs,)."""
    held = np.zeros(case.operations.pair_count, dtype=bool)
    held[case.audited.pair[case.audited.of(node, final=final)]] = True
    return held


def _held(case: Case, rows: Ints) -> str:
    """The row of the lowest version among ``rows`` of the audit: ``u1/5 under k7 as version 3``."""
    row = int(rows[np.argmin(case.audited.version[rows])])
    key, value = (short(str(plain(case.audited.table, row, column))) for column in ("key", "value"))
    return f"{value} under {key} as version {case.audited.version[row]}"


def _writers(case: Case, pair: int) -> list[int]:
    writer = case.writer(pair)
    return [] if writer is None else [writer]
