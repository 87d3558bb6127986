"""Split brain: two incarnations of the database that acknowledged writes in turns (docs/definitions.md)."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import Bools, Ints
from chaoskit.analysis.findings.case import Case, counted, short
from chaoskit.analysis.findings.coding import NULL, encode, instants
from chaoskit.model.finding import Finding, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Two incarnations at once.

    Both were at work from the instant at which each had acknowledged a write sent after one of the other's. The window
    reaches from the last acknowledgement of the other before that instant, to the last one of whichever ended first, or
    to that instant itself if it came later: what one acknowledged alone, before or afterwards, is no split.

    Attributes:
        rows: Writes within the window that were sent after the other incarnation had acknowledged one.
        shown: For each of the two, a write and the other's earlier one.
    """

    names: tuple[str, str]
    begin_ns: int
    end_ns: int
    rows: tuple[int, ...]
    shown: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBrain:
    """The finding, and the window from the first to the last such write; None: no split, or not known."""

    finding: Finding
    window_ns: int | None = None


def split_brain(case: Case) -> SplitBrain:
    """Look for two incarnations, (node, timeline), that each acknowledged a write sent after one of the other's."""
    if case.several_clocks:
        return SplitBrain(finding=Finding.unknown(case.several_clocks))
    acked = case.operations.acked_write
    names, incarnation = _incarnations(case)
    splits = [
        split
        for a, b in combinations(range(len(names)), 2)
        if (split := _split(case, (names[a], names[b]), incarnation == a, incarnation == b)) is not None
    ]
    anonymous = int((acked & (incarnation == NULL)).sum())
    checked = int(acked.sum()) - anonymous
    if not splits and anonymous:
        return SplitBrain(
            finding=Finding.unknown(f"{anonymous:,} acknowledged writes do not say who answered", checked=checked)
        )
    count = len({row for split in splits for row in split.rows})
    finding = counted(count, checked, "acknowledged writes", lambda: _witness(case, splits))
    if not splits:
        return SplitBrain(finding=finding)
    begin_ns, end_ns = min(split.begin_ns for split in splits), max(split.end_ns for split in splits)
    return SplitBrain(finding=finding, window_ns=end_ns - begin_ns)


def _incarnations(case: Case) -> tuple[list[str], Ints]:
    """Names, and the index of each acknowledged write's, shape (rows,); NULL: another operation, or not told."""
    table = case.operations.table
    index = np.full(len(table), NULL, dtype=np.int64)
    if "node" not in table or "pg_timeline" not in table:
        return [], index
    (node,), nodes = encode(table["node"])
    timeline = instants(table, "pg_timeline", null=NULL)
    rows = np.flatnonzero(case.operations.acked_write & (node != NULL) & (timeline != NULL))
    if not len(rows):
        return [], index
    lines = int(timeline[rows].max()) + 1
    index[rows], both = pd.factorize(node[rows].astype(np.int64) * lines + timeline[rows])
    return [f"{short(nodes[int(code // lines)].as_py())} on timeline {code % lines}" for code in both], index


def _split(case: Case, names: tuple[str, str], a: Bools, b: Bools) -> Split | None:
    invoked_ns, returned_ns = case.operations.invoked_ns, case.operations.returned_ns
    first_a, first_b = case.first(a, returned_ns), case.first(b, returned_ns)
    later_a = np.flatnonzero(a & (invoked_ns > returned_ns[first_b]))
    later_b = np.flatnonzero(b & (invoked_ns > returned_ns[first_a]))
    if not len(later_a) or not len(later_b):
        return None
    shown = (first_a, _earliest(later_b, returned_ns), first_b, _earliest(later_a, returned_ns))
    second, other = max((shown[3], b), (shown[1], a), key=lambda turn: int(returned_ns[turn[0]]))
    both_ns = int(returned_ns[second])  # from here on both have had their turn
    begin_ns = int(returned_ns[other & (returned_ns <= both_ns)].max())
    end_ns = int(max(both_ns, min(returned_ns[later_a].max(), returned_ns[later_b].max())))
    both = np.concatenate([later_a, later_b])
    rows = both[(returned_ns[both] >= begin_ns) & (invoked_ns[both] <= end_ns)]
    return Split(
        names=names,
        begin_ns=begin_ns,
        end_ns=max(end_ns, begin_ns + 1),  # never nothing: it was split
        rows=tuple(rows.tolist()),
        shown=shown,
    )


def _earliest(rows: Ints, by_ns: Ints) -> int:
    return int(rows[np.argmin(by_ns[rows])])


def _witness(case: Case, splits: list[Split]) -> Witness:
    split = min(splits, key=lambda one: one.begin_ns)
    sentence = (
        f"{split.names[0]} and {split.names[1]} both acknowledged writes, each after the other had done so, "
        f"from {case.seconds(split.begin_ns)} to {case.seconds(split.end_ns)}."
    )
    return case.witness(sentence, split.shown)
