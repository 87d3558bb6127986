"""The measures an objective may bound: their units and the scopes that narrow them.

Three kinds of scope. *Which clients*: `region`, `operation`, `connection`. *Which outages*: `step`, those that it
caused. *When*: `phase` or `between`, by the instant at which a probe was scheduled or another operation sent; beside
`phase`, `step` names the step whose phase is meant, so a measure with phases takes it even where it knows no cause.
A bound relative to a phase (`1.5x before`) is for measures that have phases.

An `operation` is `write` or `read`: what the client did, probes included.
"""

from dataclasses import dataclass

from chaoskit.scenario_file import later

CLIENTS = ("region", "operation", "connection")
WHEN = ("phase", "between")
EVERY_SCOPE = (*CLIENTS, "step", *WHEN)
PERCENTILES = ("p50", "p90", "p95", "p99", "p99.9", "max")
WATERFALL = ("detect", "decide", "promote", "route", "reconnect", "total")
OPERATION_FINDINGS = (
    "lost_writes",
    "ghosts",
    "late_ghosts",
    "failed_visible",
    "observed_lost",
    "read_your_writes",
    "monotonic_reads",
    "monotonic_writes",
    "writes_follow_reads",
    "stale_reads",
)
"""Findings that count operations; each belongs to a client and to an instant."""
STATE_FINDINGS = ("phantom", "duplicated", "divergence", "divergence_before_failback")
"""Findings about values and rows, which belong to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """``unit`` is s, fraction, count or bytes; ``scopes`` are the keys that mean something for it by themselves."""

    unit: str
    scopes: tuple[str, ...] = ()

    @property
    def phased(self) -> bool:
        """Whether it has a value in each phase."""
        return "phase" in self.scopes

    @property
    def every_scope(self) -> tuple[str, ...]:
        """Also ``step``, where it only says whose phase."""
        return tuple(key for key in EVERY_SCOPE if key in self.scopes or (key == "step" and self.phased))


def _percentiles(name: str, measure: Measure) -> dict[str, Measure]:
    return {f"{name}.{percentile}": measure for percentile in PERCENTILES}


MEASURES: dict[str, Measure] = {
    "rto": Measure(unit="s", scopes=(*CLIENTS, "step")),
    "downtime": Measure(unit="s", scopes=EVERY_SCOPE),
    "outage.max": Measure(unit="s", scopes=EVERY_SCOPE),
    "availability": Measure(unit="fraction", scopes=(*CLIENTS, *WHEN)),
    **_percentiles("latency", Measure(unit="s", scopes=(*CLIENTS, *WHEN))),
    **_percentiles("staleness", Measure(unit="s", scopes=("region", *WHEN))),
    **_percentiles("staleness_versions", Measure(unit="count", scopes=("region", *WHEN))),
    **_percentiles("client_rto", Measure(unit="s", scopes=("region", "operation", "step"))),
    "users_affected": Measure(unit="fraction", scopes=("region", "operation", *WHEN)),
    **{f"waterfall.{part}": Measure(unit="s", scopes=("region", "step")) for part in WATERFALL},
    "rpo_window": Measure(unit="s"),
    "rpo_bytes": Measure(unit="bytes"),
    "split_brain": Measure(unit="s"),
    "failback": Measure(unit="s"),
    "failback_bytes": Measure(unit="bytes"),
    "failovers": Measure(unit="count"),
    "prediction_misses": Measure(unit="count", scopes=("region", "step")),
    "wan_bytes": Measure(unit="bytes"),
    **{name: Measure(unit="count", scopes=("region", "operation", *WHEN)) for name in OPERATION_FINDINGS},
    **{name: Measure(unit="count") for name in STATE_FINDINGS},
}


def not_yet(name: str) -> bool:
    """Whether ``name`` is a measure of the language that is not built yet."""
    return name in later.MEASURE
