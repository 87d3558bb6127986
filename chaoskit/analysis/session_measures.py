"""Measures of the users: how many were hit, and how long each of them was."""

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints, ints, nearest_rank, texts
from chaoskit.analysis.facts import Facts, Measured, Value, single
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.operation_scope import in_scope
from chaoskit.analysis.operations import PROBES
from chaoskit.analysis.probe_measures import percentile
from chaoskit.analysis.window import WHOLE_RUN, Window
from chaoskit.model.history import ACKNOWLEDGED
from chaoskit.model.interval import Interval
from chaoskit.model.scenario import Objective


def client_rto(objective: Objective, detail: str, facts: Facts, _window: Window) -> Measured:
    """A percentile over sessions, after each onset: until the first acknowledgement that followed an operation without.

    A session that was not hit counts 0, one that did not recover is censored. One that was hit under the next onset,
    before anything that it sent after this one was acknowledged, counts anything between the two. Sessions of a region
    whose clients were lost do not count, nor do those that had not begun.
    """
    faults = [fault for fault in facts.course.faults if objective.step in (None, fault.step)]
    if not faults:
        return Measured(unknown="no fault struck, so there was nothing to recover from")
    table = _sessions(objective, facts, WHOLE_RUN)
    percent = percentile(detail)
    values = []
    for fault in faults:
        least_ns, most_ns = _recoveries_ns(table, fault, facts)
        if len(most_ns):
            lo_ns, hi_ns = (nearest_rank(took_ns.astype(np.float64), percent) for took_ns in (least_ns, most_ns))
            values.append(_figure(lo_ns, hi_ns, fault, facts.course.end_ns))
    return Measured(values=tuple(values), unknown="" if values else "no session of surviving users is in its scope")


def _figure(lo_ns: float, hi_ns: float, fault: FaultRecord, end_ns: int) -> Value:
    """From the last link's onset at least, from the first one's at most."""
    where = f"users, onset of {fault.step}"
    censored = lo_ns >= float(NEVER_NS)
    lo_ns = end_ns - fault.onset_first_ns if censored else lo_ns
    lo_s = max(0.0, lo_ns - (fault.onset_last_ns - fault.onset_first_ns)) / 1e9
    hi_s = None if hi_ns >= float(NEVER_NS) else hi_ns / 1e9
    return Value(where=where, interval=Interval(lo=lo_s, hi=hi_s), censored=censored)


def users_affected(objective: Objective, _detail: str, facts: Facts, window: Window) -> Measured:
    """The share of sessions with an operation in scope of which one was not acknowledged."""
    table = _sessions(objective, facts, facts.warm(window))
    if table.empty:
        return Measured(unknown="no session of surviving users is in its scope")
    affected = (~table["acked"]).groupby(table["session"]).any()
    return Measured(values=single(float(affected.mean())))


def _sessions(objective: Objective, facts: Facts, window: Window) -> pd.DataFrame:
    """Operations of users in scope, by session and invocation: session, region, invoked_ns, ended_ns, acked.

    A hollow write was not acknowledged: its user was told "saved", and it was not.
    What had not ended when its clients were lost is left out; so are regions whose clients were lost for good.
    """
    history = facts.history
    users: Bools = ~history["kind"].isin(PROBES).to_numpy(dtype=bool)
    mask = in_scope(objective, history, window)
    rows = users if mask is None else users & mask
    mine = history[rows]
    table = pd.DataFrame(
        {
            "session": pd.factorize(texts(mine, "session"))[0],
            "region": texts(mine, "region"),
            "invoked_ns": ints(mine, "invoked_ns"),
            "returned_ns": ints(mine, "returned_ns"),
            "acked": mine["outcome"].isin(ACKNOWLEDGED).to_numpy(dtype=bool) & ~facts.hollow[rows],
        }
    ).sort_values(["session", "invoked_ns"], kind="stable", ignore_index=True)
    # A session is sequential: what was never answered was given up when the next operation was sent.
    following_ns = ints(pd.DataFrame({"next": table.groupby("session")["invoked_ns"].shift(-1)}), "next")
    table["ended_ns"] = np.minimum(ints(table, "returned_ns"), following_ns)
    return table[_kept(table, facts, window)].reset_index(drop=True)


def _kept(table: pd.DataFrame, facts: Facts, window: Window) -> Bools:
    kept = np.ones(len(table), dtype=bool)
    for region, spans in facts.absent.spans.items():
        here = (table["region"] == region).to_numpy(dtype=bool)
        if facts.left_out(region, window):
            kept &= ~here
        for from_ns, until_ns in spans:
            begun = (table["invoked_ns"] < until_ns).to_numpy(dtype=bool)
            cut_short = (~table["acked"] & (table["ended_ns"] >= from_ns)).to_numpy(dtype=bool)
            kept &= ~(here & begun & cut_short)
    return kept


def _recoveries_ns(table: pd.DataFrame, fault: FaultRecord, facts: Facts) -> tuple[Ints, Ints]:
    """For how long each session of the time was hit, since the first link's onset, at least and at most.

    NEVER_NS: to the end of the run.
    """
    onset_ns, until_ns = fault.onset_first_ns, _next_onset_ns(fault, facts)
    began_ns = table.groupby("session")["invoked_ns"].transform("min")
    gone = [region for region in facts.absent.spans if facts.absent.at(region, onset_ns)]
    mine = table[(began_ns < until_ns) & (table["ended_ns"] >= onset_ns) & ~table["region"].isin(gone)]
    first = pd.DataFrame(index=pd.Index(mine["session"].unique()))
    first["hit_ns"] = _first_ns(mine[~mine["acked"]], "invoked_ns")
    first["sound_ns"] = _first_ns(mine[mine["acked"] & (mine["invoked_ns"] > fault.onset_last_ns)], "invoked_ns")
    after = mine["acked"] & (mine["invoked_ns"] > mine["session"].map(first["hit_ns"]))
    first["back_ns"] = _first_ns(mine[after], "returned_ns")
    hit_ns, sound_ns, back_ns = (ints(first, name) for name in ("hit_ns", "sound_ns", "back_ns"))
    took_ns = np.where(back_ns == NEVER_NS, NEVER_NS, back_ns - onset_ns)
    mine_too = (hit_ns < until_ns) | ((hit_ns != NEVER_NS) & (hit_ns < sound_ns))
    return np.where(hit_ns < until_ns, took_ns, 0), np.where(mine_too, took_ns, 0)


def _next_onset_ns(fault: FaultRecord, facts: Facts) -> int:
    """When the next step struck, after this one had; what sessions were hit by from then on is its doing."""
    onsets_ns = (other.onset_first_ns for other in facts.course.faults)
    return min((onset_ns for onset_ns in onsets_ns if onset_ns > fault.onset_last_ns), default=NEVER_NS)


def _first_ns(operations: pd.DataFrame, column: str) -> "pd.Series[int]":
    """The earliest instant of each session."""
    return operations.groupby("session")[column].min()
