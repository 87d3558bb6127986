"""Outages against a slow, obvious state machine."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chaoskit.analysis.absence import Absences, present
from chaoskit.analysis.cause import NO_CAUSE, Cause
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.outages import outages
from chaoskit.analysis.probes import ProbeStream


@dataclass
class Seen:
    begin_ns: int
    end_lo_ns: int
    end_hi_ns: int | None
    failed: int


def state_machine(ok: list[bool], scheduled: list[int], invoked: list[int], returned: list[int]) -> list[Seen]:
    """Walk the probes one by one, as the definition reads."""
    found: list[Seen] = []
    current: Seen | None = None
    streak: list[int] = []
    for i in range(len(ok)):
        if not ok[i]:
            streak = []
            if current is None:
                current = Seen(scheduled[i], invoked[i], None, 0)
                found.append(current)
            current.end_lo_ns = invoked[i]
            current.failed += 1
        elif current is not None:
            streak.append(returned[i])
            if len(streak) == 5:
                current.end_hi_ns = streak[0]
                current = None
                streak = []
    return found


@st.composite
def streams(draw: st.DrawFn) -> ProbeStream:
    # Long runs of both kinds, so that outages end and flap.
    runs = draw(st.lists(st.tuples(st.booleans(), st.integers(1, 8)), max_size=14))
    ok = np.array([good for good, length in runs for _ in range(length)], dtype=bool)
    n = len(ok)
    answered = ok | np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    scheduled = 10 * np.arange(n, dtype=np.int64)
    late = np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), dtype=np.int64)
    took = np.array(draw(st.lists(st.integers(0, 40), min_size=n, max_size=n)), dtype=np.int64)
    invoked = scheduled + late
    return ProbeStream(
        region="r",
        operation="write",
        connection="fresh",
        interval_ns=10,
        timeout_ns=40,
        scheduled_ns=scheduled,
        invoked_ns=invoked,
        returned_ns=np.where(answered, invoked + took, NEVER_NS),
        ok=ok,
        hollow=np.zeros(n, dtype=bool),
    )


@given(streams())
def test_outages_agree_with_a_state_machine(stream: ProbeStream) -> None:
    expected = state_machine(
        stream.ok.tolist(), stream.scheduled_ns.tolist(), stream.invoked_ns.tolist(), stream.returned_ns.tolist()
    )
    found = [Seen(o.begin_ns, o.end_lo_ns, o.end_hi_ns, o.failed_probes) for o in outages(stream)]
    assert found == expected


@given(streams())
def test_every_failed_probe_is_in_exactly_one_outage(stream: ProbeStream) -> None:
    assert sum(o.failed_probes for o in outages(stream)) == int((~stream.ok).sum())


@given(streams(), st.lists(st.integers(0, 1000), max_size=6))
def test_the_cause_is_the_earliest_onset_in_flight_else_the_latest_before(
    stream: ProbeStream, instants: list[int]
) -> None:
    known = [Cause(step=str(i), event="onset", first_ns=t, last_ns=t) for i, t in enumerate(sorted(instants))]
    for outage in outages(stream, known):
        index = stream.scheduled_ns.tolist().index(outage.begin_ns)
        start, end = int(stream.invoked_ns[index]), int(stream.ends_ns[index])
        inside = [c for c in known if start <= c.first_ns <= end]
        before = [c for c in known if c.first_ns < start]
        best = inside[:1] or before[-1:] or [NO_CAUSE]
        assert outage.cause == best[0]


@given(streams(), st.lists(st.integers(0, 1000), max_size=4, unique=True))
def test_absent_clients_make_no_outage_and_the_others_make_theirs(stream: ProbeStream, edges: list[int]) -> None:
    ends = [*sorted(edges), NEVER_NS][: len(edges) + len(edges) % 2]
    spans = tuple(zip(ends[::2], ends[1::2], strict=True))
    absent = Absences(spans={"r": spans})
    found = outages(stream, absent=absent)
    kept = present(stream, absent)
    assert sum(o.failed_probes for o in found) == int((~kept.ok).sum())
    assert not any(absent.at("r", outage.begin_ns) for outage in found)
    for since, until in spans:  # none reaches from before a loss to after the return
        assert not any(o.begin_ns < since and o.ended and (o.end_hi_ns or 0) > until + 50 for o in found)
