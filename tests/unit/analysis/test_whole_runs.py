"""Whole runs whose answer is known by hand: a zombie, clients that come back, two failovers. Real checkers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pytest

from chaoskit.analysis.record import Audit, NodeAudit, RunRecord
from chaoskit.analysis.result import analyze
from chaoskit.analysis.shapes import ResultRow
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Fault, Freeze, RegionLoss
from chaoskit.model.history import FINAL_COLUMNS
from chaoskit.model.instant import since_t0
from chaoskit.model.place import places
from chaoskit.model.plan import Plan, PlannedStep
from chaoskit.model.scenario import Objective

MS = 1_000_000
S = 1_000_000_000
END_NS = 8 * S
REGIONS = ("us-east", "eu-west", "ap-south")
Histories = Callable[[list[dict[str, object]]], pd.DataFrame]
Who = tuple[str, int]
OLD, NEW, NEWEST = ("us-east/1", 1), ("eu-west/1", 2), ("ap-south/1", 3)


@dataclass
class Course:
    """What became of a write that ``region`` sent at an instant: who acknowledged it when, or None."""

    answers: Callable[[str, int], tuple[Who, int] | None]
    lost: Callable[[str, int, Who], bool] = field(default=lambda region, at_ns, who: False)
    absent: Callable[[str, int], bool] = field(default=lambda region, at_ns: False)


def rows(course: Course) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Every probe of the grid, and the rows that survived. Reads always succeed."""
    operations: list[dict[str, object]] = []
    survived: list[dict[str, object]] = []
    for region in REGIONS:
        for connection, every_ns in (("established", 50 * MS), ("fresh", 200 * MS)):
            for at_ns in range(0, END_NS, every_ns):
                if course.absent(region, at_ns):
                    continue
                lane = {"region": region, "client": region, "connection": connection, "scheduled_ns": at_ns}
                read = {"kind": "probe_read", "session": f"{region}.r.{connection}", "key": "none"}
                operations.append(lane | read | {"returned_ns": at_ns + 2 * MS})
                key = f"{region}.{connection}"
                made = lane | {"kind": "probe_write", "session": f"{key}.w", "key": key, "value": f"{key}.{at_ns}"}
                answer = course.answers(region, at_ns)
                if answer is None:
                    operations.append(made | {"outcome": "unknown", "error": "timeout"})
                    continue
                who, returned_ns = answer
                version = at_ns // MS + 1
                told = {"node": who[0], "pg_timeline": who[1], "returned_ns": returned_ns, "version": version}
                operations.append(made | told | {"lsn": f"0/{0x10000 + returned_ns // MS:X}"})
                if not course.lost(region, at_ns, who):
                    survived.append({"key": key, "version": version, "value": made["value"]})
    return operations, survived


def event(t_ns: int, name: Name, **given: Any) -> Event:
    known = {key: given.pop(key) for key in ("step", "region", "node") if key in given}
    return Event(t_ns=t_ns, event=name, **known, detail=given)


def struck(step: str, word: str, at_ns: int, **detail: Any) -> list[Event]:
    start = event(at_ns, Name.START, step=step, fault=word, onset_first_ns=at_ns, onset_last_ns=at_ns, **detail)
    return [start, event(at_ns + MS, Name.PROVED, step=step, phase="onset", ok=True, proof="-")]


def healed(step: str, at_ns: int) -> list[Event]:
    end = event(at_ns, Name.END, step=step, heal_first_ns=at_ns, healed_ns=at_ns + MS, by="timeline")
    return [end, event(at_ns + 2 * MS, Name.PROVED, step=step, phase="heal", ok=True, proof="-")]


def failover(at_ns: int, old: str, new: Who, *, fork: int) -> list[Event]:
    """Detected half a second before the promotion; routed with it."""
    return [
        event(at_ns - S // 2, Name.DETECTED, node=old, first_failure_ns=at_ns - 9 * S // 10),
        event(at_ns - S // 4, Name.DECIDED, node=old),
        event(at_ns, Name.PROMOTED, node=new[0], pg_timeline=new[1], fork_lsn=f"0/{fork:X}"),
        *(event(at_ns, Name.ROUTED, region=region, endpoint="write", node=new[0]) for region in REGIONS),
    ]


def step(name: str, fault: Fault, at_ns: int) -> PlannedStep:
    return PlannedStep(name=name, deed=fault, at=since_t0(at_ns))


@pytest.fixture
def judged(history: Histories, plan: Callable[..., Plan]) -> Callable[..., ResultRow]:
    def judge(
        course: Course, events: Sequence[Event], *steps: PlannedStep, authority: str, asked: Sequence[Objective] = ()
    ) -> ResultRow:
        operations, survived = rows(course)
        planned = plan(*steps, objectives=tuple(asked))
        constant = {"audit": "final", "node": authority, "authoritative": True, "pg_timeline": 2, "committed_ns": None}
        record = RunRecord(
            scenario=planned.scenario,
            plan=planned,
            history=history(operations),
            final=pd.DataFrame([row | constant for row in survived], columns=list(FINAL_COLUMNS)),
            audit=Audit(
                quiescent=True,
                authoritative=authority,
                nodes=(NodeAudit(audit="final", node=authority, answered=True, in_recovery=False),),
            ),
            events=(event(0, Name.STEADY), *events, event(END_NS, Name.LOAD_STOPPED)),
        )
        return analyze(record).result

    return judge


def rto(result: ResultRow, region: str, operation: str = "write", cause: str = "onset", step: str | None = None) -> Any:
    (row,) = [
        r for r in result["rto"]
        if (r["region"], r["operation"], r["connection"], r["cause"]) == (region, operation, "established", cause)
        and step in (None, r["step"])
    ]  # fmt: skip
    return row


FROZEN_NS, PROMOTED_NS, AWAKE_NS, FENCED_NS = 2 * S, 3 * S, 4 * S, 5 * S


def zombie(region: str, at_ns: int) -> tuple[Who, int] | None:
    """us-east's clients stay with the old primary; what they sent in the last 400 ms of its sleep it acknowledges."""
    stays = region == "us-east" and at_ns < FENCED_NS
    if at_ns < FROZEN_NS:
        return OLD, at_ns + 5 * MS
    if stays and at_ns >= AWAKE_NS - 400 * MS:
        return OLD, max(at_ns, AWAKE_NS) + 5 * MS
    return None if stays or at_ns < PROMOTED_NS else (NEW, at_ns + 5 * MS)


FREEZE = [
    *struck("hang", "freeze", FROZEN_NS, target="primary", resolved="us-east/1"),
    *failover(PROMOTED_NS, "us-east/1", NEW, fork=0x10000 + FROZEN_NS // MS),
    *healed("hang", AWAKE_NS),
    event(FENCED_NS, Name.DEMOTED, node="us-east/1", how="fenced"),
]


def test_all_that_a_zombie_acknowledges_is_hollow_and_its_clients_were_out_until_it_was_fenced(
    judged: Callable[..., ResultRow],
) -> None:
    def lost(region: str, at_ns: int, who: Who) -> bool:
        return who == OLD and at_ns >= FROZEN_NS

    seen = judged(Course(answers=zombie, lost=lost), FREEZE,
                  step("hang", Freeze(target=places("primary")), FROZEN_NS), authority="eu-west/1")  # fmt: skip
    assert seen["instrument"]["doubts"] == []
    by_zombie = seen["outages"][0]["hollow"]
    assert by_zombie == (FENCED_NS - AWAKE_NS + 400 * MS) // (50 * MS)
    assert rto(seen, "eu-west")["hi_s"] == pytest.approx(1.005)
    assert rto(seen, "us-east")["lo_s"] == pytest.approx(2.95)
    assert rto(seen, "us-east")["hi_s"] == pytest.approx(3.005)
    lost_writes = seen["rpo"]["lost_writes"]
    assert lost_writes == by_zombie + (FENCED_NS - AWAKE_NS + 400 * MS) // (200 * MS)


def test_the_split_brain_lasts_from_the_awakening_to_the_fence(judged: Callable[..., ResultRow]) -> None:
    asked = [Objective(name=name, measure="split_brain", unit="s", **{end: limit})
             for name, end, limit in (("least", "minimum", 0.95), ("most", "maximum", 1.05))]  # fmt: skip
    seen = judged(Course(answers=zombie), FREEZE, step("hang", Freeze(target=places("primary")), FROZEN_NS),
                  authority="eu-west/1", asked=asked)  # fmt: skip
    assert [row["verdict"] for row in seen["objectives"]] == ["pass", "pass"]


LOST_NS, HEALED_NS, RETURNED_NS, WRITES_NS = 2 * S, 4 * S, 5 * S, 6 * S
LOSS = [
    *struck("lose", "region_loss", LOST_NS, target="us-east", excluded_regions=["us-east"]),
    *failover(3 * S, "us-east/1", NEW, fork=0x10000 + LOST_NS // MS),
    *healed("lose", HEALED_NS),
    event(RETURNED_NS, Name.CLIENTS_BACK, region="us-east"),
]


def comeback(region: str, at_ns: int) -> tuple[Who, int] | None:
    """us-east's clients return at 5 s, and can write from 6 s on."""
    if at_ns < LOST_NS:
        return OLD, at_ns + 5 * MS
    out = at_ns < 3 * S if region != "us-east" else at_ns < WRITES_NS
    return None if out else (NEW, at_ns + 5 * MS)


def away(region: str, at_ns: int) -> bool:
    """Lost 100 ms after the onset, when they were drained; the grid goes on 300 ms after their return."""
    return region == "us-east" and LOST_NS + 100 * MS <= at_ns < RETURNED_NS + 300 * MS


def test_clients_that_return_are_measured_from_the_heal_until_they_can_write(judged: Callable[..., ResultRow]) -> None:
    lose = step("lose", RegionLoss(target=places("us-east")), LOST_NS)
    lowest = Objective(name="availability", measure="availability", unit="fraction", minimum=0.5)
    seen = judged(Course(answers=comeback, absent=away), LOSS, lose, authority="eu-west/1", asked=[lowest])
    assert seen["instrument"]["doubts"] == []
    assert rto(seen, "us-east")["excluded"]
    heal = rto(seen, "us-east", cause="heal")
    assert (heal["lo_s"], heal["hi_s"]) == pytest.approx((1.949, 2.005))
    mine = [o for o in seen["outages"] if (o["region"], o["connection"]) == ("us-east", "established")]
    assert [(o["begin_s"], o["cause_event"]) for o in mine] == [(5.3, "heal")]
    (row,) = [d for d in seen["downtime"] if (d["region"], d["operation"], d["connection"]) ==
              ("us-east", "write", "established")]  # fmt: skip
    # 2 s before the loss, and 2.7 s after the return, of which 0.7 s out.
    assert (row["scheduled"], row["ok"], row["excluded"]) == (94, 80, False)
    assert seen["objectives"][0]["verdict"] == "pass"
    assert [w["region"] for w in seen["waterfall"]] == ["eu-west", "ap-south"]
    assert [(f["node"], f["redundancy_s"], f["ok"]) for f in seen["failback"]] == [("us-east/1", None, False)]


AGAIN_NS = 5 * S
TWICE = [
    *struck("lose", "region_loss", LOST_NS, target="us-east", excluded_regions=["us-east"]),
    *failover(3 * S, "us-east/1", NEW, fork=0x10000 + LOST_NS // MS - 95),
    *struck("again", "freeze", AGAIN_NS, target="primary", resolved="eu-west/1"),
    *failover(6 * S, "eu-west/1", NEWEST, fork=0x10000 + AGAIN_NS // MS - 145),
]


def two_failovers(_region: str, at_ns: int) -> tuple[Who, int] | None:
    if at_ns < LOST_NS:
        return OLD, at_ns + 5 * MS
    if 3 * S <= at_ns < AGAIN_NS:
        return NEW, at_ns + 5 * MS
    return (NEWEST, at_ns + 5 * MS) if at_ns >= 6 * S else None


def test_two_failovers_in_one_run_lose_and_recover_each_for_itself(judged: Callable[..., ResultRow]) -> None:
    def lost(region: str, at_ns: int, who: Who) -> bool:
        first = who == OLD and at_ns >= LOST_NS - 100 * MS
        return region == "ap-south" and (first or (who == NEW and at_ns >= AGAIN_NS - 150 * MS))

    def gone(region: str, at_ns: int) -> bool:
        return region == "us-east" and at_ns >= LOST_NS

    steps = (step("lose", RegionLoss(target=places("us-east")), LOST_NS),
             step("again", Freeze(target=places("primary")), AGAIN_NS))  # fmt: skip
    promotions = Objective(name="failovers", measure="failovers", unit="count", minimum=2, maximum=2)
    seen = judged(Course(answers=two_failovers, lost=lost, absent=gone), TWICE, *steps, authority="ap-south/1",
                  asked=[promotions])  # fmt: skip
    assert seen["instrument"]["doubts"] == []
    # What was lost in the second failover was acknowledged in earnest: it prolongs no outage of the first.
    for name in ("lose", "again"):
        assert rto(seen, "ap-south", step=name)["hi_s"] == pytest.approx(1.005)
    assert {w["step"]: w["node"] for w in seen["waterfall"]} == {"lose": "us-east/1", "again": "eu-west/1"}
    # The longer of the two windows, from the first lost acknowledgement to its onset: 4.855 s to 5 s.
    assert seen["rpo"]["window_s"] == pytest.approx(0.145)
    # Forks 95 bytes before the first onset and 145 before the second; the last lost commits lie 50 + 5 ms of each.
    assert seen["rpo"]["wal_bytes"] == (95 - 45) + (145 - 45)
    assert seen["objectives"][0]["verdict"] == "pass"


APART_NS, OTHER_NS, FENCE_NS, OVER_NS = 2 * S, 3 * S, 4700 * MS, 5 * S
APART = [
    *struck("apart", "partition", APART_NS, target="eu-west <-> us-east"),
    *struck("other", "latency", OTHER_NS, target="ap-south <-> us-east"),
    *failover(OVER_NS, "us-east/1", NEW, fork=0x20000),
]


def fenced_late(_region: str, at_ns: int) -> tuple[Who, int] | None:
    """The cut hurts nobody but the manager, which fences the old primary long after another fault has struck."""
    if at_ns < FENCE_NS:
        return OLD, at_ns + 5 * MS
    return (NEW, at_ns + 5 * MS) if at_ns >= OVER_NS else None


def test_an_outage_of_a_failover_belongs_to_the_fault_that_provoked_it_and_not_to_a_later_one(
    judged: Callable[..., ResultRow],
) -> None:
    events = [replace(e, detail={**e.detail, "first_failure_ns": APART_NS}) if e.event is Name.DETECTED else e
              for e in APART]  # fmt: skip
    steps = (step("apart", Freeze(target=places("us-east/1")), APART_NS),
             step("other", Freeze(target=places("ap-south/1")), OTHER_NS))  # fmt: skip
    asked = [Objective(name=name, measure="rto", unit="s", step=name, maximum=1.0) for name in ("apart", "other")]
    seen = judged(Course(answers=fenced_late), events, *steps, authority="eu-west/1", asked=asked)
    assert {o["cause"] for o in seen["outages"]} == {"apart"}
    assert rto(seen, "ap-south", step="apart")["hi_s"] == pytest.approx(3.005)
    assert [row["verdict"] for row in seen["objectives"]] == ["fail", "pass"]


def test_what_a_slow_link_kept_from_the_new_primary_was_acknowledged_in_vain(judged: Callable[..., ResultRow]) -> None:
    """WAL has not arrived since 3.5 s; the manager takes the primary, which it hears too slowly, for dead."""
    events = [*struck("slow", "latency", APART_NS), *failover(OVER_NS, "us-east/1", NEW, fork=0x10000)]

    def answers(_region: str, at_ns: int) -> tuple[Who, int]:
        return OLD if at_ns < OVER_NS - 5 * MS else NEW, at_ns + 5 * MS

    def lost(_region: str, at_ns: int, who: Who) -> bool:
        return who == OLD and at_ns >= 3500 * MS

    seen = judged(Course(answers=answers, lost=lost), events,
                  step("slow", Freeze(target=places("us-east/1")), APART_NS), authority="eu-west/1")  # fmt: skip
    assert rto(seen, "ap-south")["hi_s"] == pytest.approx(3.005)
    assert seen["outages"][0]["hollow"] == 30
    assert seen["rpo"]["window_s"] == pytest.approx(1.45)
