"""The surviving state: which writes the authoritative node holds, and in which order (docs/definitions.md)."""

from dataclasses import dataclass

import numpy as np

from chaoskit.analysis.columns import NEVER_NS, Ints
from chaoskit.analysis.findings.coding import instants
from chaoskit.analysis.findings.operations import AuditedRows
from chaoskit.analysis.record import Audit

NO_RANK = -1
ABSENT_KEY = 0
"""The rank of a read that found no such key: below every version."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surviving:
    """The state of the authoritative node.

    Attributes:
        unknown: Why there is none; then every rank is NO_RANK. Empty: there is one.
        node: The authoritative node.
        rows: Its audited rows, shape (rows of that node,), indices into the audit.
        rank: Shape (pairs + 1,): the first version of each pair; the last element, which index NULL finds, is that of
            an absent key.
        last_version: Shape (pairs + 1,): the last version of each pair.
        committed_ns: Shape (pairs + 1,): when the first version was committed; NEVER_NS: no timestamp.
    """

    unknown: str
    node: str
    rows: Ints
    rank: Ints
    last_version: Ints
    committed_ns: Ints


def surviving(rows: AuditedRows, audit: Audit | None, pair_count: int, *, audited: bool) -> Surviving:
    """Find the surviving state.

    Args:
        rows: All audited rows.
        audit: What each node said; None: ``rows`` alone say which node is authoritative.
        pair_count: Identities there are.
        audited: There is a table of audited rows, even if it is empty.
    """
    node, unknown = _authority(rows, audit, audited=audited)
    mine = np.flatnonzero(rows.of(node, final=True)) if not unknown else np.zeros(0, dtype=np.int64)
    pair, version = rows.pair[mine], rows.version[mine]
    rank = np.full(pair_count + 1, NEVER_NS, dtype=np.int64)
    last_version = np.full(pair_count + 1, NO_RANK, dtype=np.int64)
    np.minimum.at(rank, pair, version)
    np.maximum.at(last_version, pair, version)
    committed_ns = np.full(pair_count + 1, NEVER_NS, dtype=np.int64)
    first = rank[pair] == version
    committed_ns[pair[first]] = instants(rows.table, "committed_ns")[mine[first]]
    rank[rank == NEVER_NS] = NO_RANK
    rank[-1] = NO_RANK if unknown else ABSENT_KEY
    return Surviving(
        unknown=unknown, node=node, rows=mine, rank=rank, last_version=last_version, committed_ns=committed_ns
    )


def _authority(rows: AuditedRows, audit: Audit | None, *, audited: bool) -> tuple[str, str]:
    """The authoritative node and why there is none; one of the two is empty."""
    if audit is None:
        return _claimed(rows, audited=audited)
    node = audit.authoritative
    if node is None:
        claimants = f"; {' and '.join(audit.claimants)} claim to be" if len(audit.claimants) > 1 else ""
        return "", f"no node is authoritative{claimants}{f' ({audit.reason})' if audit.reason else ''}"
    said = [one for one in audit.nodes if one.audit == "final" and one.node == node]
    if not said or not said[-1].answered:
        why = f": {said[-1].why}" if said and said[-1].why else ""
        return "", f"the authoritative node {node} did not answer the audit{why}"
    return (node, "") if not (torn := missing_rows(rows, audit, node)) else ("", torn)


def _claimed(rows: AuditedRows, *, audited: bool) -> tuple[str, str]:
    if not audited:
        return "", "there was no audit, so the surviving state is not known"
    codes = np.unique(rows.node[rows.final & rows.authoritative])
    names = [rows.nodes[code] for code in codes]
    if len(names) == 1:
        return names[0], ""
    return "", f"no node is authoritative; {' and '.join(names)} claim to be" if names else "no node is authoritative"


def missing_rows(rows: AuditedRows, audit: Audit, node: str) -> str:
    """Say what is wrong where fewer rows of ``node`` arrived than the audit counted; empty: nothing."""
    said = [one.rows or 0 for one in audit.nodes if one.audit == "final" and one.node == node and one.answered]
    have = int(rows.of(node, final=True).sum())
    if said and have < said[-1]:
        return f"only {have:,} of the {said[-1]:,} rows that the audit counted on {node} are in the final state"
    return ""
