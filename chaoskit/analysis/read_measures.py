"""Staleness: how far reads were behind what anybody had seen, in time and in versions."""

from collections.abc import Mapping

import numpy as np

from chaoskit.analysis.columns import Ints, ints, nearest_rank, texts
from chaoskit.analysis.facts import Facts, Measured, Value, exactly
from chaoskit.analysis.operation_scope import in_scope
from chaoskit.analysis.probe_measures import percentile
from chaoskit.analysis.window import Window
from chaoskit.model.history import READS
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective

NO_FIGURES: Ints = np.zeros(0, dtype=np.int64)


def staleness(objective: Objective, detail: str, facts: Facts, window: Window) -> Measured:
    """A percentile over each region's ok reads of values that survived, in seconds; fresh is 0."""
    return _behind(objective, detail, facts, window, facts.evidence.behind_ns, per_unit=1e9)


def staleness_versions(objective: Objective, detail: str, facts: Facts, window: Window) -> Measured:
    """The same in versions."""
    return _behind(objective, detail, facts, window, facts.evidence.behind_k, per_unit=1)


def _behind(
    objective: Objective,
    detail: str,
    facts: Facts,
    window: Window,
    behind: Mapping[str, Ints],
    *,
    per_unit: float,
) -> Measured:
    if facts.evidence.staleness_unknown:
        return Measured(unknown=facts.evidence.staleness_unknown)
    values = []
    for region, rows in _reads(objective, facts, window).items():
        where = f"{region} read"
        figures = behind.get(region, NO_FIGURES)
        here = figures[np.isin(facts.evidence.read_rows.get(region, NO_FIGURES), rows)]
        if len(here):
            figure = nearest_rank(here.astype(np.float64), percentile(detail)) / per_unit
            values.append(Value(where=where, interval=exactly(figure)))
        else:
            untold = f"no read of {region} returned a value that survived, so none shows how far behind it was"
            values.append(Value(where=where, interval=Interval(lo=0.0, hi=None), untold=untold))
    return Measured(values=tuple(values), unknown="" if values else "no read of surviving clients is in its scope")


def _reads(objective: Objective, facts: Facts, window: Window) -> dict[str, Ints]:
    """By region, the rows of the reads in scope that its clients sent while they were there, however they ended."""
    history = facts.history
    mask = in_scope(objective, history, facts.warm(window))
    asked = history["kind"].isin(READS).to_numpy(dtype=bool) & (True if mask is None else mask)
    found = {}
    for region in dict.fromkeys(texts(history, "region")[asked].tolist()):
        if not facts.left_out(region, window):
            there = ~facts.absent.cover(region, ints(history, "invoked_ns"))
            found[region] = np.flatnonzero(asked & there & (texts(history, "region") == region))
    return {region: rows for region, rows in found.items() if len(rows)}
