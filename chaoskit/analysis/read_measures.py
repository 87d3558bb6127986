"""Staleness: how far reads were behind what anybody had seen, in time and in versions."""

from collections.abc import Mapping

import numpy as np

from chaoskit.analysis.columns import Ints, nearest_rank
from chaoskit.analysis.facts import Facts, Measured, Value, exactly
from chaoskit.analysis.operation_scope import in_scope
from chaoskit.analysis.probe_measures import percentile
from chaoskit.analysis.window import Window
from chaoskit.model.scenario import Objective


def staleness(objective: Objective, detail: str, facts: Facts, window: Window) -> Measured:
    """A percentile over each region's ok reads, in seconds; fresh is 0."""
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
    mask = in_scope(objective, facts.history, facts.warm(window))
    percent = percentile(detail)
    values = []
    for region, figures in behind.items():
        if not facts.left_out(region, window):
            here = figures if mask is None else figures[mask[facts.evidence.read_rows[region]]]
            if len(here):
                figure = nearest_rank(here.astype(np.float64), percent) / per_unit
                values.append(Value(where=f"{region} read", interval=exactly(figure)))
    return Measured(values=tuple(values), unknown="" if values else "no read of surviving clients is in its scope")
