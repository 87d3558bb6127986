"""All that a checker may look at, and the words in which it tells what it saw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints
from chaoskit.analysis.findings.operations import AuditedRows, Operations
from chaoskit.analysis.findings.surviving import NO_RANK, Surviving
from chaoskit.analysis.record import Audit
from chaoskit.model.finding import Cell, Finding, Witness
from chaoskit.model.history import HISTORY_COLUMNS, WRITES, Outcome
from chaoskit.model.verdict import FindingResult

LONGEST = 60
"""Characters of a key or value that a sentence repeats."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One run before its checkers.

    Attributes:
        rank: Shape (rows of history,): the surviving version of what was written or read; NO_RANK: not in the
            surviving state, or no authority.
        heals_ns: When each heal of a cut began.
        t0_ns: From where sentences count seconds.
        doubted_ns: Spans of which a commit timestamp may come from a wrong clock.
        deposed: Primaries that were deposed and not brought back as replicas: they are out of service on purpose.
        scope: Shape (rows of history,): the operations that are counted, against all others; None: every one.
    """

    operations: Operations
    audited: AuditedRows
    surviving: Surviving
    rank: Ints
    audit: Audit | None
    heals_ns: tuple[int, ...]
    t0_ns: int
    deposed: frozenset[str] = frozenset()
    doubted_ns: tuple[tuple[int, int], ...] = ()
    scope: Bools | None = None

    def within(self, mask: Bools) -> Bools:
        """Those of ``mask``, shape (rows of history,), that are in the scope."""
        return mask if self.scope is None else mask & self.scope

    def trusted(self, committed_ns: Ints) -> Bools:
        """Which commit timestamps are there, and from a clock that was right."""
        known: Bools = committed_ns != NEVER_NS
        for first_ns, last_ns in self.doubted_ns:
            known &= (committed_ns < first_ns) | (committed_ns > last_ns)
        return known

    @property
    def missing_streams(self) -> str:
        """Why rows of the history may be missing; empty: none are."""
        if self.audit is None or self.audit.streams_complete:
            return ""
        clients = ", ".join(self.audit.streams_incomplete) or "some clients"
        return f"operations may be missing: the recording of {clients} has no end marker"

    @property
    def several_clocks(self) -> str:
        """Why instants of different sessions cannot be compared; empty: they can."""
        hosts = self.operations.hosts
        return f"operations come from {len(hosts)} hosts, whose clocks cannot be compared" if len(hosts) > 1 else ""

    def cell(self, row: int, column: str) -> Cell:
        """One cell of the history as a plain value; None for null."""
        return plain(self.operations.table, row, column)

    def text(self, row: int, column: str) -> str:
        """The same as text, shortened."""
        return short(str(self.cell(row, column)))

    def seconds(self, t_ns: int) -> str:
        """``3.204 s``, since t0."""
        return f"{(int(t_ns) - self.t0_ns) / 1e9:.3f} s"

    def invoked(self, row: int) -> str:
        """When the operation was sent."""
        return self.seconds(int(self.operations.invoked_ns[row]))

    def returned(self, row: int) -> str:
        """When its answer came."""
        return self.seconds(int(self.operations.returned_ns[row]))

    def saw(self, row: int) -> str:
        """What a write left or a read found, with its version: ``u1/5 (version 12)`` or ``no value``."""
        if self.cell(row, "value") is None:
            return "no value"
        version = f" (version {self.rank[row]})" if self.rank[row] != NO_RANK else ""
        return f"{self.text(row, 'value')}{version}"

    def did(self, row: int) -> str:
        """An operation whose answer came: ``eu-west wrote u1/5 (version 12) to k7, acknowledged at 3.204 s``."""
        region, key = self.text(row, "region"), self.text(row, "key")
        if self.cell(row, "kind") in WRITES:
            return f"{region} wrote {self.saw(row)} to {key}, acknowledged at {self.returned(row)}"
        return f"{region} read {self.saw(row)} from {key}, answered at {self.returned(row)}"

    def witness(self, sentence: str, rows: Sequence[int]) -> Witness:
        """Show ``rows`` of the history, each once, in order of time."""
        invoked_ns = self.operations.invoked_ns
        ordered = sorted(dict.fromkeys(int(row) for row in rows), key=lambda row: int(invoked_ns[row]))
        return Witness(sentence=sentence, operations=tuple(self._operation(row) for row in ordered))

    def _operation(self, row: int) -> Mapping[str, Cell]:
        shown = {name: self.cell(row, name) for name in HISTORY_COLUMNS if name in self.operations.table}
        return shown | {"rank": None if self.rank[row] == NO_RANK else int(self.rank[row])}

    def first(self, mask: Bools, by_ns: Ints) -> int:
        """The row of the earliest ``by_ns`` in ``mask``, which must not be empty."""
        rows = np.flatnonzero(mask)
        return int(rows[np.argmin(by_ns[rows])])

    def writer(self, pair: int) -> int | None:
        """The first write of a pair; None if no operation wrote it."""
        wrote = self.operations.write & (self.operations.pair == pair)
        return self.first(wrote, self.operations.invoked_ns) if wrote.any() else None

    def is_warned(self, mask: Bools) -> int:
        """How many of ``mask`` were acknowledged with a warning."""
        return int((self.operations.table["outcome"][mask] == Outcome.OK_WARNED.value).sum())


def plain(table: pd.DataFrame, row: int, column: str) -> Cell:
    """A cell as str, int or None, whatever type pandas has for it."""
    value = table[column].iloc[row]
    if pd.isna(value):
        return None
    return int(value) if isinstance(value, int | float | np.number) else str(value)


def short(text: str) -> str:
    """``text``, its middle left out if it is long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 4 :]}"


def counted(
    count: int, checked: int, what: str, witness: Callable[[], Witness], counts: Mapping[str, int] | None = None
) -> Finding:
    """The finding of a checker that could look; nothing to look at is unknown."""
    if count:
        return Finding(
            result=FindingResult.SOME, count=count, checked=checked, witness=witness(), counts=dict(counts or {})
        )
    if not checked:
        return Finding.unknown(f"there were no {what} to check")
    return Finding(result=FindingResult.NONE, checked=checked, counts=dict(counts or {}))
