"""Failback debt: how long redundancy was missing after a primary was deposed, and what rebuilding it undid."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.failover import Failover
from chaoskit.analysis.promotion import Promotion
from chaoskit.model.event import Event, Name

FOLLOWS = "follow"
"""How a primary that was stopped cleanly becomes a replica: nothing of it has to be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failback:
    """What became of one deposed primary. Instants in run ns.

    Attributes:
        step: The fault that provoked the failover; empty: none, or an action.
        deposed_ns: When its successor was promoted: redundancy is missing from here.
        stopped_ns: When it was stopped to be rebuilt; None: it was down already, or never was.
        done_ns: When it was a replica again, verified; None: not while the load ran.
        how: ``rewind``, ``reclone`` or ``follow``, of the last attempt; empty: there was none.
        took_ns: How long the rebuild took.
        bytes: WAL that it had beyond its successor; None: not known.
        verified: Whether it was made a replica in the end, if only by the audit.
        why: Why not, or why not earlier.
    """

    node: str
    step: str
    deposed_ns: int
    stopped_ns: int | None = None
    done_ns: int | None = None
    how: str = ""
    took_ns: int | None = None
    bytes: int | None = None
    verified: bool = False
    why: str = ""


def failbacks(
    events: Sequence[Event],
    known: Sequence[Promotion],
    found: Sequence[Failover],
    *,
    primary: str = "",
    end_ns: int = NEVER_NS,
) -> tuple[Failback, ...]:
    """One row per deposed primary, by promotion.

    Args:
        events: Every event.
        known: Every promotion, ascending.
        found: Every failover: says which fault it belongs to.
        primary: Who was primary at the start; empty: the first failover says it.
        end_ns: The end of the load; what is rebuilt later is the audit's doing.
    """
    rows: list[Failback] = []
    node = primary or next((failover.node for failover in found), "")
    for promotion in known:
        if node and node != promotion.node:
            until_ns = _deposed_again_ns(node, promotion, known)
            mine = [e for e in events if _node(e) == node and promotion.t_ns <= e.t_ns < until_ns]
            rows.append(_failback(node, promotion, mine, found, end_ns))
        node = promotion.node
    return tuple(rows)


def _node(event: Event) -> str:
    return event.node or str(event.detail.get("node", ""))


def _deposed_again_ns(node: str, promotion: Promotion, known: Sequence[Promotion]) -> int:
    """When the node was made primary again; NEVER_NS: it was not."""
    return min((p.t_ns for p in known if p.node == node and p.t_ns > promotion.t_ns), default=NEVER_NS)


def _failback(
    node: str, promotion: Promotion, mine: Sequence[Event], found: Sequence[Failover], end_ns: int
) -> Failback:
    done = next((event for event in mine if event.event is Name.FAILED_BACK), None)
    failed = [event for event in mine if event.event is Name.NOT_FAILED_BACK]
    stopped = [e.t_ns for e in mine if e.event is Name.DEMOTED and e.detail.get("how") == "stopped"]
    last = done or (failed[-1] if failed else None)
    in_time = done is not None and done.t_ns <= end_ns
    detail = last.detail if last is not None else {}
    return Failback(
        node=node,
        step=_step(promotion, found),
        deposed_ns=promotion.t_ns,
        stopped_ns=stopped[0] if stopped else None,
        done_ns=done.t_ns if done is not None and in_time else None,
        how=str(detail.get("how", "")),
        took_ns=None if detail.get("took_ns") is None else int(detail["took_ns"]),
        bytes=_bytes(done),
        verified=done is not None,
        why=_why(done, failed, in_time=in_time),
    )


def _step(promotion: Promotion, found: Sequence[Failover]) -> str:
    """The fault of the failover that this promotion ended."""
    before = [failover for failover in found if failover.detected_ns <= promotion.t_ns]
    fault = before[-1].fault if before and not promotion.planned else None
    return "" if fault is None else fault.step


def _bytes(done: Event | None) -> int | None:
    if done is None:
        return None
    if done.detail.get("how") == FOLLOWS:
        return 0
    return None if done.detail.get("bytes") is None else int(done.detail["bytes"])


def _why(done: Event | None, failed: Sequence[Event], *, in_time: bool) -> str:
    if in_time:
        return ""
    if done is not None:
        return "it was made a replica only when the load had ended"
    return str(failed[-1].detail.get("why", "")) if failed else "nobody made it a replica"
