"""The measures an objective may bound: their units and the scopes that narrow them."""

from dataclasses import dataclass

from chaoskit.scenario_file import later

EVERY_SCOPE = ("region", "operation", "connection", "step")
PERCENTILES = ("p50", "p90", "p95", "p99", "p99.9", "max")
WATERFALL = ("detect", "decide", "promote", "route", "reconnect", "total")
FINDINGS = [
    "lost_writes",
    "ghosts",
    "late_ghosts",
    "failed_visible",
    "observed_lost",
    "phantom",
    "duplicated",
    "read_your_writes",
    "monotonic_reads",
    "monotonic_writes",
    "writes_follow_reads",
    "stale_reads",
    "divergence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """``unit`` is s, fraction, count or bytes; ``scopes`` are the keys that mean something for it."""

    unit: str
    scopes: tuple[str, ...] = ()


_STREAM = ("region", "operation", "connection")

MEASURES: dict[str, Measure] = {
    "rto": Measure(unit="s", scopes=EVERY_SCOPE),
    "downtime": Measure(unit="s", scopes=EVERY_SCOPE),
    "outage.max": Measure(unit="s", scopes=EVERY_SCOPE),
    "availability": Measure(unit="fraction", scopes=_STREAM),
    **{f"latency.{p}": Measure(unit="s", scopes=_STREAM) for p in PERCENTILES},
    **{f"staleness.{p}": Measure(unit="s", scopes=("region",)) for p in PERCENTILES},
    **{f"waterfall.{part}": Measure(unit="s", scopes=("region", "step")) for part in WATERFALL},
    "rpo_window": Measure(unit="s"),
    "split_brain": Measure(unit="s"),
    "rpo_bytes": Measure(unit="bytes"),
    **{name: Measure(unit="count") for name in FINDINGS},
}


def not_yet(name: str) -> bool:
    """Whether ``name`` is a measure of the language that is not built yet."""
    head, _, percentile = name.partition(".")
    return name in later.MEASURE or (head in later.PERCENTILE_MEASURE and percentile in PERCENTILES)
