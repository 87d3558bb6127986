"""The findings against a slow, obvious oracle, on small histories full of ties and overlaps (docs/definitions.md)."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.analysis.findings.examine import SCOPED, Examination, examine
from chaoskit.analysis.record import Audit, NodeAudit
from chaoskit.model.history import FINAL_COLUMNS, HISTORY_COLUMNS

Row = dict[str, Any]
WRITES, READS, ACKED = ("write", "probe_write"), ("read", "probe_read"), ("ok", "ok_warned")
KEYS, SESSIONS, NODES = ("k", "l"), ("s", "t"), ("us/1", "eu/1", "ap/1")
INCARNATIONS = (("us/1", 1), ("eu/1", 2), ("ap/1", 2))


@st.composite
def operations(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = []
    for op in range(draw(st.integers(1, 14))):
        kind = draw(st.sampled_from(("write", "write", "read", "read", "probe_write", "probe_read")))
        invoked = draw(st.integers(0, 10))
        outcome = draw(st.sampled_from(("ok", "ok", "ok", "ok_warned", "fail", "unknown")))
        hung = outcome == "unknown" and draw(st.booleans())
        # Few values, some of them written twice or never: reads find them, lose them, make them up.
        value = f"v{draw(st.integers(0, 7))}" if kind in WRITES or draw(st.integers(0, 5)) else None
        node, timeline = draw(st.sampled_from(INCARNATIONS))
        rows.append(
            dict.fromkeys(HISTORY_COLUMNS)
            | {
                "op": op, "client": "c", "session": draw(st.sampled_from(SESSIONS)), "region": node[:2], "host": "h",
                "node": node, "pg_timeline": timeline, "kind": kind, "key": draw(st.sampled_from(KEYS)),
                "value": value, "scheduled_ns": invoked, "invoked_ns": invoked,
                "returned_ns": None if hung else invoked + draw(st.integers(0, 4)), "outcome": outcome,
            }
        )  # fmt: skip
    return rows


@st.composite
def states(draw: st.DrawFn) -> list[Row]:
    rows = []
    for node in NODES:
        for key in KEYS:
            values = draw(st.lists(st.sampled_from([f"v{number}" for number in range(9)]), max_size=6))
            for version, value in enumerate(values, start=1):
                row = {
                    "audit": "final", "node": node, "authoritative": node == NODES[0], "key": key, "version": version,
                    "value": value, "pg_timeline": 1, "committed_ns": draw(st.none() | st.integers(0, 12)),
                }  # fmt: skip
                rows.append(row)
    return rows


HEALS = st.lists(st.integers(0, 12), max_size=2)


def told(history: list[Row], state: list[Row], heals: list[int]) -> Examination:
    audit = Audit(
        quiescent=True,
        authoritative=NODES[0],
        nodes=tuple(NodeAudit(audit="final", node=node, answered=True) for node in NODES),
    )
    table = pd.DataFrame(history, columns=list(HISTORY_COLUMNS))
    return examine(table, pd.DataFrame(state, columns=list(FINAL_COLUMNS)), audit, heals_ns=heals)


class Oracle:
    """Every definition word by word, each over all pairs of operations."""

    def __init__(self, history: list[Row], state: list[Row], heals: list[int]) -> None:
        self.history, self.heals = history, heals
        self.state = state
        self.survived = [row for row in state if row["node"] == NODES[0]]

    def rank(self, op: Row) -> int | None:
        if op["value"] is None:
            return 0
        versions = [row["version"] for row in self.survived if same(row, op)]
        return min(versions, default=None)

    def acked(self) -> list[Row]:
        return [op for op in self.history if op["kind"] in WRITES and op["outcome"] in ACKED]

    def writes(self, *outcomes: str) -> list[Row]:
        return [op for op in self.history if op["kind"] in WRITES and (not outcomes or op["outcome"] in outcomes)]

    def reads(self) -> list[Row]:
        return [op for op in self.history if op["kind"] in READS and op["outcome"] == "ok"]

    def is_written(self, row: Row) -> bool:
        return any(same(row, op) for op in self.writes())

    def lost_writes(self) -> int:
        return sum(self.rank(op) is None for op in self.acked())

    def ghosts(self) -> list[Row]:
        return [op for op in self.writes("unknown") if self.rank(op) is not None]

    def late_ghosts(self) -> tuple[int, int]:
        late = unclassified = 0
        for op in self.ghosts():
            first = [row for row in self.survived if same(row, op) and row["version"] == self.rank(op)]
            committed = first[0]["committed_ns"]
            if committed is None:
                unclassified += any(op["invoked_ns"] < heal for heal in self.heals)
            else:
                late += any(op["invoked_ns"] < heal < committed for heal in self.heals)
        return late, unclassified

    def failed_visible(self) -> int:
        seen = [op for op in self.writes("fail") if any(same(op, read) for read in self.reads())]
        return sum(self.rank(op) is not None or op in seen for op in self.writes("fail"))

    def observed_lost(self) -> int:
        return sum(self.is_written(op) and self.rank(op) is None for op in self.reads())

    def phantom(self) -> int:
        rows = [op for op in (*self.reads(), *self.survived) if op["value"] is not None]
        return sum(not self.is_written(row) for row in rows)

    def duplicated(self) -> int:
        pairs = {(row["key"], row["value"]) for row in self.survived}
        return sum(sum((row["key"], row["value"]) == pair for row in self.survived) > 1 for pair in pairs)

    def divergence(self) -> int:
        held = [{(row["key"], row["value"]) for row in self.state if row["node"] == node} for node in NODES]
        return len({pair for one in held for other in held for pair in one - other})

    def session(self, sources: list[Row], targets: list[Row]) -> int:
        return sum(any(self.breaks(source, target) for source in users(sources)) for target in users(targets))

    def breaks(self, source: Row, target: Row) -> bool:
        before = source["returned_ns"] is not None and source["returned_ns"] <= target["invoked_ns"]
        return source["session"] == target["session"] and before and self.newer(source, target)

    def newer(self, source: Row, target: Row) -> bool:
        mine, other = self.rank(target), self.rank(source)
        return source["key"] == target["key"] and mine is not None and other is not None and other > mine

    def behind(self, read: Row) -> tuple[int, int]:
        newer = [
            op
            for op in (*self.acked(), *self.reads())
            if op["returned_ns"] is not None and op["returned_ns"] < read["invoked_ns"] and self.newer(op, read)
        ]
        if not newer:
            return 0, 0
        mine = self.rank(read)
        assert mine is not None
        return (
            max(self.rank(op) or 0 for op in newer) - mine,
            read["invoked_ns"] - min(op["returned_ns"] for op in newer),
        )

    def split(self) -> bool:
        return any(self.after(a, b) and self.after(b, a) for a, b in combinations(INCARNATIONS, 2))

    def after(self, one: tuple[str, int], other: tuple[str, int]) -> bool:
        """Whether ``one`` acknowledged a write sent after one acknowledged by ``other`` had returned."""
        mine = [op for op in self.acked() if (op["node"], op["pg_timeline"]) == one]
        theirs = [op for op in self.acked() if (op["node"], op["pg_timeline"]) == other]
        return any(a["invoked_ns"] > b["returned_ns"] for a in mine for b in theirs)


def same(row: Row, other: Row) -> bool:
    return row["value"] is not None and (row["key"], row["value"]) == (other["key"], other["value"])


def users(rows: list[Row]) -> Iterator[Row]:
    return (row for row in rows if not row["kind"].startswith("probe"))


EXAMPLES = settings(max_examples=50, deadline=None)
CASES = given(operations(), states(), HEALS)


@CASES
@EXAMPLES
def test_counts_are_those_of_the_oracle(history: list[Row], state: list[Row], heals: list[int]) -> None:
    findings, oracle = told(history, state, heals).findings, Oracle(history, state, heals)
    simple: dict[str, Callable[[], int]] = {
        "lost_writes": oracle.lost_writes,
        "ghosts": lambda: len(oracle.ghosts()),
        "failed_visible": oracle.failed_visible,
        "observed_lost": oracle.observed_lost,
        "phantom": oracle.phantom,
        "duplicated": oracle.duplicated,
        "divergence": oracle.divergence,
    }
    assert {name: findings[name].count for name in simple} == {name: count() for name, count in simple.items()}


@CASES
@EXAMPLES
def test_late_ghosts_are_those_of_the_oracle(history: list[Row], state: list[Row], heals: list[int]) -> None:
    finding, oracle = told(history, state, heals).findings["late_ghosts"], Oracle(history, state, heals)
    late, unclassified = oracle.late_ghosts()
    assert finding.count == late
    if unclassified and not late:
        assert finding.result.value == "unknown"


@CASES
@EXAMPLES
def test_broken_guarantees_are_those_of_the_oracle(history: list[Row], state: list[Row], heals: list[int]) -> None:
    findings, oracle = told(history, state, heals).findings, Oracle(history, state, heals)
    writes = [op for op in oracle.writes() if oracle.rank(op) is not None]
    assert findings["read_your_writes"].count == oracle.session(oracle.acked(), oracle.reads())
    assert findings["monotonic_reads"].count == oracle.session(oracle.reads(), oracle.reads())
    assert findings["monotonic_writes"].count == oracle.session(oracle.acked(), writes)
    assert findings["writes_follow_reads"].count == oracle.session(oracle.reads(), writes)


@CASES
@EXAMPLES
def test_staleness_is_that_of_the_oracle(history: list[Row], state: list[Row], heals: list[int]) -> None:
    examined, oracle = told(history, state, heals), Oracle(history, state, heals)
    ranked = [read for read in oracle.reads() if oracle.rank(read) is not None]
    assert set(examined.behind_ns) == {read["region"] for read in ranked}
    for region in examined.behind_ns:
        behind = [oracle.behind(read) for read in ranked if read["region"] == region]
        assert examined.behind_k[region].tolist() == [versions for versions, _ in behind]
        assert examined.behind_ns[region].tolist() == [age_ns for _, age_ns in behind]
    assert examined.findings["stale_reads"].count == sum(oracle.behind(read)[0] > 0 for read in oracle.reads())


@CASES
@EXAMPLES
def test_the_brain_is_split_where_the_oracle_says_so(history: list[Row], state: list[Row], heals: list[int]) -> None:
    examined, oracle = told(history, state, heals), Oracle(history, state, heals)
    assert (examined.findings["split_brain"].count > 0) == oracle.split()
    assert (examined.split_brain_ns is not None) == oracle.split()
    assert (examined.split_brain_ns or 1) > 0


@CASES
@EXAMPLES
def test_the_ledger_adds_up_and_agrees_with_the_loss(history: list[Row], state: list[Row], heals: list[int]) -> None:
    examined, oracle = told(history, state, heals), Oracle(history, state, heals)
    ledger = examined.ledger
    assert ledger is not None
    assert ledger["acknowledged"]["absent"] == oracle.lost_writes() == int(examined.absent.sum())
    assert ledger["unknown"]["present"] == len(oracle.ghosts())
    for answer in ("acknowledged", "unknown", "failed"):
        for cell in ("present", "absent"):
            assert ledger[answer][cell] == sum(group[answer][cell] for group in ledger["by_region"].values())


@CASES
@EXAMPLES
def test_every_witness_is_a_smaller_history_with_the_same_finding(
    history: list[Row], state: list[Row], heals: list[int]
) -> None:
    by_op = {op["op"]: op for op in history}
    for name in ("read_your_writes", "monotonic_reads", "monotonic_writes", "writes_follow_reads", "stale_reads"):
        finding = told(history, state, heals).findings[name]
        if finding.witness is None:
            continue
        shown = [by_op[row["op"]] for row in finding.witness.operations]
        assert len(shown) == 2
        assert told(shown, state, heals).findings[name].count == 1


@given(operations(), states(), HEALS, st.randoms(use_true_random=False))
@EXAMPLES
def test_the_order_of_rows_changes_no_count(history: list[Row], state: list[Row], heals: list[int], dice: Any) -> None:
    before = {name: finding.count for name, finding in told(history, state, heals).findings.items()}
    shuffled, mixed = list(history), list(state)
    dice.shuffle(shuffled)
    dice.shuffle(mixed)
    assert {name: finding.count for name, finding in told(shuffled, mixed, heals).findings.items()} == before


@given(operations(), states(), HEALS, st.lists(st.booleans(), min_size=14, max_size=14))
@EXAMPLES
def test_a_scope_and_the_rest_add_up_to_the_whole(
    history: list[Row], state: list[Row], heals: list[int], picked: list[bool]
) -> None:
    examined = told(history, state, heals)
    assert examined.scoped is not None
    scope = np.array(picked[: len(history)])
    for name in sorted(SCOPED - {"late_ghosts"}):  # one without a timestamp makes part of the ghosts unknown
        parts = [examined.scoped(name, mask).count for mask in (scope, ~scope)]
        assert sum(parts) == examined.findings[name].count
