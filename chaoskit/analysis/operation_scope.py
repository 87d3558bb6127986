"""Which operations of a history an objective speaks of: by region, kind, connection, and when they were sent."""

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import Bools, ints
from chaoskit.analysis.window import WHOLE_RUN, Window
from chaoskit.model.history import READS, WRITES
from chaoskit.model.scenario import Objective

KINDS = {"write": WRITES, "read": READS}
"""The operations that are called so, whoever sent them; every other word is a kind itself."""


def in_scope(objective: Objective, history: pd.DataFrame, window: Window) -> Bools | None:
    """Return a mask of shape (rows,); None: every operation."""
    masks = []
    if objective.region is not None:
        masks.append((history["region"] == objective.region).to_numpy(dtype=bool))
    if objective.operation is not None:
        kinds = KINDS.get(objective.operation, (objective.operation,))
        masks.append(history["kind"].isin(kinds).to_numpy(dtype=bool))
    if objective.connection is not None:
        connection = history["connection"].astype("object")
        masks.append((connection == objective.connection).to_numpy(dtype=bool, na_value=False))
    if window is not WHOLE_RUN:
        masks.append(window.holds(ints(history, "invoked_ns")))
    if not masks:
        return None
    mask: Bools = np.logical_and.reduce(masks)
    return mask
