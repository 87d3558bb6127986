"""How many operations there were, how they ended, and what the users' own figures look like."""

import numpy as np
import pandas as pd

from chaoskit.analysis.absence import NOBODY, Absences
from chaoskit.analysis.columns import NEVER_NS, ints, nearest_rank, texts
from chaoskit.analysis.shapes import ErrorRow, OperationsRow, UsersRow
from chaoskit.analysis.span import Span
from chaoskit.model.history import ACKNOWLEDGED, Kind

PROBES = (Kind.PROBE_WRITE.value, Kind.PROBE_READ.value)


def operations(history: pd.DataFrame, span: Span) -> OperationsRow:
    """Count operations by outcome, and errors by region and class with their first and last instant."""
    probes = int(history["kind"].isin(PROBES).sum())
    counts = history["outcome"].value_counts()
    return {
        "total": len(history),
        "users": len(history) - probes,
        "probes": probes,
        "by_outcome": {str(outcome): int(count) for outcome, count in counts.items() if count},
        "errors": _errors(history, span),
    }


def _errors(history: pd.DataFrame, span: Span) -> list[ErrorRow]:
    failed = history[~history["outcome"].isin(ACKNOWLEDGED).to_numpy(dtype=bool)]
    table = pd.DataFrame(
        {"region": texts(failed, "region"), "error": texts(failed, "error"), "t_ns": ints(failed, "invoked_ns")}
    )
    table.loc[table["error"] == "", "error"] = "no answer"
    rows: list[ErrorRow] = [
        {
            "region": str(region),
            "error": str(error),
            "count": len(part),
            "first_s": span.since_s(int(part["t_ns"].min())),
            "last_s": span.since_s(int(part["t_ns"].max())),
        }
        for (region, error), part in table.groupby(["region", "error"], sort=True)
    ]
    return sorted(rows, key=lambda row: (row["region"], -row["count"]))


def users(history: pd.DataFrame, span: Span, absent: Absences = NOBODY) -> list[UsersRow]:
    """Rate and latency of acknowledged user operations since t0, per region and kind.

    The rate of a region whose clients were lost counts while it had clients.
    """
    since = ints(history, "invoked_ns") >= span.t0_ns
    mine = history[~history["kind"].isin(PROBES).to_numpy(dtype=bool) & since]
    table = pd.DataFrame(
        {
            "region": texts(mine, "region"),
            "operation": texts(mine, "kind"),
            "ok": mine["outcome"].isin(ACKNOWLEDGED).to_numpy(dtype=bool) & (ints(mine, "returned_ns") != NEVER_NS),
            "took_ms": (ints(mine, "returned_ns") - ints(mine, "invoked_ns")) / 1e6,
        }
    )
    return [
        _user_row(str(region), str(kind), part, _seconds(span, str(region), absent))
        for (region, kind), part in table.groupby(["region", "operation"], sort=True)
    ]


def _seconds(span: Span, region: str, absent: Absences) -> float:
    return span.duration_s - absent.absent_ns(region, span.t0_ns, span.end_ns) / 1e9


def _user_row(region: str, kind: str, part: pd.DataFrame, seconds: float) -> UsersRow:
    took_ms = part["took_ms"].to_numpy(dtype=np.float64)[part["ok"].to_numpy(dtype=bool)]
    return {
        "region": region,
        "operation": kind,
        "count": len(part),
        "per_s": len(took_ms) / seconds if seconds > 0 else None,
        "p50_ms": nearest_rank(took_ms, 50) if len(took_ms) else None,
        "p99_ms": nearest_rank(took_ms, 99) if len(took_ms) else None,
        "closed_loop": True,
    }
