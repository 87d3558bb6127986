"""The probe streams of a run: per region, operation and connection, in the order of the grid (docs/definitions.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, ints, texts
from chaoskit.model.history import ACKNOWLEDGED, Connection, Kind
from chaoskit.model.plan import ProbePlan

OPERATIONS = {Kind.PROBE_WRITE.value: "write", Kind.PROBE_READ.value: "read"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbeStream:
    """One stream; arrays have shape (probes,) and ascend by ``scheduled_ns``.

    Attributes:
        interval_ns: Distance of two probes on the grid.
        timeout_ns: Every probe's deadline after its scheduled instant; NEVER_NS where it is not known.
        returned_ns: NEVER_NS where no answer came.
        ok: Answered with success by its deadline, and not hollow. A success that came later is what happened to the
            operation, but its client had given up.
        hollow: Acknowledged after the onset, yet not in the surviving state.
    """

    region: str
    operation: str
    connection: str
    interval_ns: int
    timeout_ns: int
    scheduled_ns: Ints
    invoked_ns: Ints
    returned_ns: Ints
    ok: Bools
    hollow: Bools

    def __len__(self) -> int:
        return len(self.scheduled_ns)

    @property
    def name(self) -> str:
        """``eu-west write established``."""
        return f"{self.region} {self.operation} {self.connection}"

    @property
    def sent(self) -> Bools:
        """Shape (probes,): not refused for want of a free slot, which takes no time at all."""
        taken: Bools = self.returned_ns != self.scheduled_ns
        return taken

    @property
    def ends_ns(self) -> Ints:
        """Shape (probes,): when each probe was over for its client: its answer, or its deadline."""
        known = self.timeout_ns != NEVER_NS
        deadlines_ns = self.scheduled_ns + self.timeout_ns if known else np.full(len(self), NEVER_NS, dtype=np.int64)
        ends: Ints = np.maximum(self.invoked_ns, np.minimum(self.returned_ns, deadlines_ns))
        return ends

    def only(self, kept: Bools) -> "ProbeStream":
        """The probes of ``kept``, shape (probes,)."""
        return replace(
            self,
            scheduled_ns=self.scheduled_ns[kept],
            invoked_ns=self.invoked_ns[kept],
            returned_ns=self.returned_ns[kept],
            ok=self.ok[kept],
            hollow=self.hollow[kept],
        )


def probe_streams(
    history: pd.DataFrame,
    hollow: Bools,
    *,
    since_ns: int,
    regions: Sequence[str] = (),
    probes: ProbePlan | None = None,
) -> tuple[ProbeStream, ...]:
    """Split the probes scheduled from ``since_ns`` on into streams.

    Args:
        history: The run's operations.
        hollow: Shape (rows,): which operations are hollow writes.
        since_ns: t0; what came before is warm-up.
        regions: The order in which regions are wanted; others follow as they appear.
        probes: The instrument. Without it the interval is the median distance, and no success is too late.

    Returns:
        Streams by region, then write before read, then established before fresh; empty ones are left out.
    """
    wanted = history["kind"].isin(list(OPERATIONS)).to_numpy(dtype=bool) & (ints(history, "scheduled_ns") >= since_ns)
    table = _table(history[wanted], hollow[wanted], NEVER_NS if probes is None else probes.timeout_ns)
    ranks = {region: rank for rank, region in enumerate(dict.fromkeys((*regions, *table["region"])))}
    streams = [
        _stream((str(region), str(operation), str(connection)), part, probes)
        for (region, operation, connection), part in table.groupby(["region", "operation", "connection"], sort=False)
    ]
    return tuple(sorted(streams, key=lambda s: (ranks[s.region], s.operation != "write", s.connection)))


def _table(rows: pd.DataFrame, hollow: Bools, timeout_ns: int) -> pd.DataFrame:
    connection = texts(rows, "connection")
    connection[connection == ""] = Connection.ESTABLISHED.value
    returned_ns = ints(rows, "returned_ns")
    in_time = (returned_ns != NEVER_NS) & (returned_ns - ints(rows, "scheduled_ns") <= timeout_ns)
    table = pd.DataFrame(
        {
            "region": texts(rows, "region"),
            "operation": [OPERATIONS[kind] for kind in texts(rows, "kind")],
            "connection": connection,
            "ok": np.isin(texts(rows, "outcome").astype(str), ACKNOWLEDGED) & in_time & ~hollow,
            "hollow": hollow,
        }
        | {name: ints(rows, name) for name in ("op", "scheduled_ns", "invoked_ns", "returned_ns")}
    )
    return table.sort_values(["scheduled_ns", "op"], kind="stable")


def _stream(lane: tuple[str, str, str], part: pd.DataFrame, probes: ProbePlan | None) -> ProbeStream:
    region, operation, connection = lane
    scheduled_ns = part["scheduled_ns"].to_numpy()
    return ProbeStream(
        region=region,
        operation=operation,
        connection=connection,
        interval_ns=_median_distance(scheduled_ns) if probes is None else interval_ns(probes, connection),
        timeout_ns=NEVER_NS if probes is None else probes.timeout_ns,
        scheduled_ns=scheduled_ns,
        invoked_ns=part["invoked_ns"].to_numpy(),
        returned_ns=part["returned_ns"].to_numpy(),
        ok=part["ok"].to_numpy(dtype=bool),
        hollow=part["hollow"].to_numpy(dtype=bool),
    )


def interval_ns(probes: ProbePlan, connection: str) -> int:
    """Distance of two probes of a stream; fresh streams run slower."""
    return round(1e9 / probes.fresh_rate_hz) if connection == Connection.FRESH else probes.interval_ns


def _median_distance(scheduled_ns: Ints) -> int:
    return int(np.median(np.diff(scheduled_ns))) if len(scheduled_ns) > 1 else 0
