"""Small histories and states whose findings are known by hand. Instants are in ms."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from chaoskit.analysis.findings.examine import Examination, examine
from chaoskit.analysis.record import Audit, NodeAudit
from chaoskit.model.history import FINAL_COLUMNS, HISTORY_COLUMNS

MS = 1_000_000


@dataclass(kw_only=True)
class Story:
    """What clients did, and what the nodes held afterwards."""

    operations: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    nodes: dict[tuple[str, str], bool] = field(default_factory=dict)  # (audit, node) -> answered
    authoritative: str | None = "eu/1"
    audited: bool = True
    streams_complete: bool = True
    quiescent: bool = True
    heals_ms: tuple[float, ...] = ()
    deposed: tuple[str, ...] = ()
    doubted_ms: tuple[tuple[float, float], ...] = ()

    def op(self, kind: str, value: str | None, invoked: float, returned: float | None, **more: Any) -> "Story":
        """An operation; ``returned`` None: no answer came."""
        row = dict.fromkeys(HISTORY_COLUMNS) | {
            "op": len(self.operations), "client": "c", "session": "s", "region": "eu", "host": "h", "node": "eu/1",
            "pg_timeline": 1, "kind": kind, "key": "k", "value": value, "version": None,
            "scheduled_ns": int(invoked * MS), "invoked_ns": int(invoked * MS),
            "returned_ns": None if returned is None else int(returned * MS),
            "outcome": "unknown" if returned is None else "ok",
        }  # fmt: skip
        self.operations.append(row | more)
        return self

    def write(self, value: str, invoked: float, returned: float | None, **more: Any) -> "Story":
        return self.op("write", value, invoked, returned, **more)

    def read(self, value: str | None, invoked: float, returned: float | None, **more: Any) -> "Story":
        return self.op("read", value, invoked, returned, **more)

    def holds(self, *values: str, node: str = "eu/1", key: str = "k", audit: str = "final", **more: Any) -> "Story":
        """``values`` of ``key`` on ``node``, as versions 1, 2, …; a node without values answered with no rows."""
        self.nodes[audit, node] = True
        for version, value in enumerate(values, start=1):
            row = dict.fromkeys(FINAL_COLUMNS) | {
                "audit": audit, "node": node, "authoritative": node == self.authoritative, "key": key,
                "version": version, "value": value, "pg_timeline": 1, "committed_ns": None,
            }  # fmt: skip
            self.rows.append(row | more)
        return self

    def silent(self, node: str, audit: str = "final") -> "Story":
        self.nodes[audit, node] = False
        return self

    @property
    def history(self) -> pd.DataFrame:
        return pd.DataFrame(self.operations, columns=list(HISTORY_COLUMNS))

    @property
    def final(self) -> pd.DataFrame | None:
        return pd.DataFrame(self.rows, columns=list(FINAL_COLUMNS)) if self.audited else None

    @property
    def audit(self) -> Audit | None:
        if not self.audited:
            return None
        return Audit(
            quiescent=self.quiescent,
            reason="" if self.quiescent else "held bytes were left",
            authoritative=self.authoritative,
            claimants=() if self.authoritative else ("us/1", "eu/1"),
            streams_complete=self.streams_complete,
            streams_incomplete=() if self.streams_complete else ("us.users",),
            nodes=tuple(
                NodeAudit(audit=audit, node=node, answered=answered, why="" if answered else "timeout")
                for (audit, node), answered in self.nodes.items()
            ),
        )

    def told(self) -> Examination:
        heals_ns = [int(heal * MS) for heal in self.heals_ms]
        doubted_ns = [(int(first * MS), int(last * MS)) for first, last in self.doubted_ms]
        return examine(
            self.history, self.final, self.audit, heals_ns=heals_ns, deposed=self.deposed, doubted_ns=doubted_ns
        )

    def finds(self, name: str) -> tuple[str, int]:
        finding = self.told().findings[name]
        return finding.result.value, finding.count


@pytest.fixture
def story() -> Callable[..., Story]:
    return Story
