"""The history and the audited rows in codes: what every checker reads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints
from chaoskit.analysis.findings.coding import NULL, Codes, among, encode, instants, pairs
from chaoskit.model.history import ACKNOWLEDGED, READS, WRITES, Kind, Outcome


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operations:
    """The history; arrays have shape (rows,) and keep its order.

    Attributes:
        table: The history itself, for witnesses.
        pair: Identity (key, value); NULL where the value is null. Below ``pair_count``.
        returned_ns: NEVER_NS where no answer came.
        user: Not a probe.
    """

    table: pd.DataFrame
    key: Codes
    pair: Codes
    session: Codes
    region: Codes
    host: Codes
    invoked_ns: Ints
    returned_ns: Ints
    write: Bools
    acked_write: Bools
    unknown_write: Bools
    failed_write: Bools
    ok_read: Bools
    user: Bools
    key_count: int
    pair_count: int
    session_count: int
    regions: tuple[str, ...]
    hosts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AuditedRows:
    """What the audited nodes held; arrays have shape (audited rows,).

    Attributes:
        table: The rows themselves, for witnesses.
        pair: Coded together with those of the history.
        final: Read in the ``final`` audit, not ``before_failback``.
    """

    table: pd.DataFrame
    pair: Codes
    node: Codes
    final: Bools
    authoritative: Bools
    version: Ints
    nodes: tuple[str, ...]

    def of(self, node: str, *, final: bool) -> Bools:
        """Which rows ``node`` held in that audit, shape (audited rows,)."""
        code = self.nodes.index(node) if node in self.nodes else NULL - 1
        held: Bools = (self.node == code) & (self.final == final)
        return held


def coded(history: pd.DataFrame, final: pd.DataFrame) -> tuple[Operations, AuditedRows]:
    """Code a history and its audited rows together; ``final`` may be empty.

    Raises:
        ValueError: A column that must not be null is, a write that may have happened has no value, an operation
            returned before it was invoked, or an audited version is below 1.
    """
    keys, key_texts = encode(history["key"], final["key"])
    values, value_texts = encode(history["value"], final["value"])
    identities = pairs(keys, values, len(value_texts))
    pair_count = max((int(part.max(initial=NULL)) + 1 for part in identities), default=0)
    operations = _operations(history, keys[0], identities[0], len(key_texts), pair_count)
    rows = _audited(final, identities[1])
    _require_valid(operations, rows, keys[1])
    return operations, rows


def _operations(history: pd.DataFrame, key: Codes, pair: Codes, key_count: int, pair_count: int) -> Operations:
    (session,), sessions = encode(history["session"])
    (region,), regions = encode(history["region"])
    (host,), hosts = encode(history["host"])
    (kind,), kinds = encode(history["kind"])
    (outcome,), outcomes = encode(history["outcome"])
    write, read = among(kind, kinds, WRITES), among(kind, kinds, READS)
    return Operations(
        table=history,
        key=key,
        pair=pair,
        session=session,
        region=region,
        host=host,
        invoked_ns=instants(history, "invoked_ns"),
        returned_ns=instants(history, "returned_ns"),
        write=write,
        acked_write=write & among(outcome, outcomes, ACKNOWLEDGED),
        unknown_write=write & among(outcome, outcomes, [Outcome.UNKNOWN.value]),
        failed_write=write & among(outcome, outcomes, [Outcome.FAIL.value]),
        ok_read=read & among(outcome, outcomes, [Outcome.OK.value]),
        user=among(kind, kinds, [Kind.WRITE.value, Kind.READ.value]),
        key_count=key_count,
        pair_count=pair_count,
        session_count=len(sessions),
        regions=tuple(regions.to_pylist()),
        hosts=tuple(hosts.to_pylist()),
    )


def _audited(final: pd.DataFrame, pair: Codes) -> AuditedRows:
    (node,), nodes = encode(final["node"])
    (audit,), audits = encode(final["audit"])
    return AuditedRows(
        table=final,
        pair=pair,
        node=node,
        final=among(audit, audits, ["final"]),
        authoritative=final["authoritative"].to_numpy(dtype=bool),
        version=instants(final, "version", null=0),
        nodes=tuple(nodes.to_pylist()),
    )


def _require_valid(operations: Operations, rows: AuditedRows, audited_key: Codes) -> None:
    happened = operations.acked_write | operations.unknown_write
    broken: dict[str, Bools] = {
        "operations without key, session, region or host": np.logical_or.reduce(
            [part == NULL for part in (operations.key, operations.session, operations.region, operations.host)]
        ),
        "operations that were never invoked": operations.invoked_ns == NEVER_NS,
        "operations that returned before they were invoked": operations.returned_ns < operations.invoked_ns,
        "writes without a value": happened & (operations.pair == NULL),
        "audited rows without key or value": (rows.pair == NULL) | (audited_key == NULL),
        "audited rows with a version below 1": rows.version < 1,
    }
    found = [f"{int(mask.sum()):,} {what}" for what, mask in broken.items() if mask.any()]
    if found:
        raise ValueError("the tables hold " + ", ".join(found))
