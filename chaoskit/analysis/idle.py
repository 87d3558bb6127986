"""Users who did nothing although they were asked to: what they would have met, nobody knows."""

import numpy as np
import pandas as pd

from chaoskit.analysis.absence import Absences
from chaoskit.analysis.columns import ints, texts
from chaoskit.analysis.operations import PROBES
from chaoskit.analysis.owed import hole_ns, owed
from chaoskit.analysis.span import Span
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Load, Locustfile, Register

TIMEOUTS = 3
"""A user may spend one on an answer that never comes and one on a new connection; the third is for a busy machine."""
TURNS = 5
"""So many may pass without an operation: at the scenario's pace, or at the slowest of a locustfile's users."""
RETURN_NS = 20_000_000_000
"""Users who are back may take that long to begin: Locust starts anew."""

Sent = pd.DataFrame
"""When users sent what: session, region, invoked_ns; ascending."""


def idle(plan: Plan, history: pd.DataFrame, span: Span, absent: Absences) -> list[str]:
    """Doubt users who were silent for longer than their deadlines and their pace explain, a sentence a region and span.

    Args:
        plan: Says who should have been there, and how often they should have done something.
        history: Every operation.
        span: What is measured, up to where operations are owed.
        absent: When regions had no clients.
    """
    load, limit_ns, sent = plan.scenario.load, _limit_ns(plan), _sent(history)
    begun_ns = int(ints(history, "invoked_ns").min()) if len(history) else span.t0_ns
    spawn_hz = load.spawn_rate_hz
    doubts = []
    for region, count in load.users.items():
        mine = sent[sent["region"] == region]
        spawning_ns = 0 if spawn_hz is None else round(count / spawn_hz * 1e9)
        sent_ns = ints(mine, "invoked_ns")
        for from_ns, until_ns in owed(absent.of(region), sent_ns, begun_ns, span.end_ns, return_ns=RETURN_NS):
            here = mine[(sent_ns >= from_ns) & (sent_ns <= until_ns)]
            since_ns = max(span.t0_ns, from_ns + spawning_ns)
            silent_ns = _silent_ns(load, here, count, (since_ns, until_ns), limit_ns)
            if silent_ns:
                longest_s = max(silent_ns) / 1e9
                doubts.append(f"{len(silent_ns)} of the {count} users of {region} did nothing for {longest_s:.1f} s.")
    return doubts


def _limit_ns(plan: Plan) -> int:
    """How long a user may be silent: as long as deadlines, pace and retries allow, and more."""
    load = plan.scenario.load
    apart_ns = (load.workload.read_after_ns or 0) if isinstance(load.workload, Register) else 0
    turns_ns = round(TURNS / load.pace_hz * 1e9)
    return TIMEOUTS * plan.probes.timeout_ns + turns_ns + apart_ns + load.retry.longest_pause_ns


def _sent(history: pd.DataFrame) -> Sent:
    users = history[~history["kind"].isin(PROBES).to_numpy(dtype=bool)]
    table = pd.DataFrame({name: texts(users, name) for name in ("session", "region")})
    return table.assign(invoked_ns=ints(users, "invoked_ns")).sort_values("invoked_ns", kind="stable")


def _silent_ns(load: Load, here: Sent, count: int, span: tuple[int, int], limit_ns: int) -> list[int]:
    """For how long each user was silent who was so for too long; ``here``: what was sent since they should be there."""
    since_ns, until_ns = span
    if until_ns - since_ns <= limit_ns:
        return []
    sessions_ns = [ints(own, "invoked_ns") for _, own in here.groupby("session")]
    missing_ns = [until_ns - since_ns] * max(0, count - len(sessions_ns))
    moved = len(sessions_ns) > count  # by a master, to another worker: nobody knows which session follows which
    if not (moved or isinstance(load.workload, Locustfile)):
        holes_ns = [hole_ns(sent_ns, span) for sent_ns in sessions_ns]
        return [*missing_ns, *(silent_ns for silent_ns in holes_ns if silent_ns > limit_ns)]
    pauses_ns = np.concatenate([np.diff(sent_ns) for sent_ns in sessions_ns] or [np.zeros(0, dtype=np.int64)])
    fell_silent_ns = until_ns - max((int(sent_ns[-1]) for sent_ns in sessions_ns), default=until_ns)
    for_good = len(pauses_ns) > 0 and fell_silent_ns > limit_ns + TURNS * int(pauses_ns.max())
    return [fell_silent_ns] * count if for_good else missing_ns
