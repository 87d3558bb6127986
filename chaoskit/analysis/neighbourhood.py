"""The operations around a witness: its own, and those of the same sessions and keys just before and after."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, ints, texts
from chaoskit.analysis.evidence import Finding
from chaoskit.analysis.series import NeighbourRow
from chaoskit.analysis.span import Span

MOST_WITNESSES = 8
NEIGHBOURS = 10
"""How many operations are shown beside those of the witness."""


def neighbourhoods(findings: Mapping[str, Finding], history: pd.DataFrame, span: Span) -> dict[str, list[NeighbourRow]]:
    """By finding that has a witness with operations, in order of time."""
    columns = _Columns(history)
    found = {}
    for name, finding in findings.items():
        witness = finding.as_json().get("witness") or {}
        ops = [int(row["op"]) for row in witness.get("operations", ())][:MOST_WITNESSES]
        if ops:
            mine = np.isin(columns.op, np.array(ops, dtype=np.int64))
            rows = sorted(_around(mine, columns), key=lambda row: int(columns.invoked_ns[row]))
            found[name] = [_row(row, columns, span, witness=bool(mine[row])) for row in rows]
    return found


class _Columns:
    """What is needed of a history; arrays of shape (rows,)."""

    def __init__(self, history: pd.DataFrame) -> None:
        self.op = ints(history, "op")
        self.invoked_ns, self.returned_ns = ints(history, "invoked_ns"), ints(history, "returned_ns")
        self.version = ints(history, "version")
        self.session, self.key = texts(history, "session"), texts(history, "key")
        self.history = history

    def text(self, row: int, name: str) -> str | None:
        """A cell as text; None for null."""
        cell = self.history[name].iloc[row] if name in self.history else None
        return None if cell is None or pd.isna(cell) else str(cell)


def _around(mine: Bools, columns: _Columns) -> list[int]:
    """The witness's rows and the nearest others of its sessions and keys."""
    witness = np.flatnonzero(mine)
    near = np.isin(columns.key, columns.key[witness]) | np.isin(columns.session, columns.session[witness])
    others = np.flatnonzero(near & ~mine)
    distance_ns = _distance_ns(columns.invoked_ns[others], columns.invoked_ns[witness])
    nearest = others[np.argsort(distance_ns, kind="stable")[:NEIGHBOURS]]
    return [*witness.tolist(), *nearest.tolist()]


def _distance_ns(instants_ns: Ints, marks_ns: Ints) -> Ints:
    """How far each instant is from the nearest mark; shape (instants,)."""
    if not len(marks_ns) or not len(instants_ns):
        return np.zeros(len(instants_ns), dtype=np.int64)
    distances: Ints = np.abs(instants_ns[:, None] - marks_ns[None, :]).min(axis=1)
    return distances


def _row(row: int, columns: _Columns, span: Span, *, witness: bool) -> NeighbourRow:
    returned_ns, version = int(columns.returned_ns[row]), int(columns.version[row])
    return {
        "op": int(columns.op[row]),
        "witness": witness,
        "session": str(columns.session[row]),
        "region": columns.text(row, "region") or "",
        "kind": columns.text(row, "kind") or "",
        "key": str(columns.key[row]),
        "value": columns.text(row, "value"),
        "version": None if version == NEVER_NS else version,
        "node": columns.text(row, "node"),
        "invoked_s": span.since_s(int(columns.invoked_ns[row])),
        "returned_s": None if returned_ns == NEVER_NS else span.since_s(returned_ns),
        "outcome": columns.text(row, "outcome") or "",
    }
