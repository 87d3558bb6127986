"""What had returned before something was sent: prefix maxima of ranks over (group, instant)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chaoskit.analysis.columns import NEVER_NS, Bools, Ints
from chaoskit.analysis.findings.coding import Codes
from chaoskit.analysis.findings.surviving import NO_RANK

LIMIT = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Operations that are compared within groups; arrays have shape (rows of history,).

    Attributes:
        group: Codes of groups.
        instants: Shape (instants,): every instant there is, ascending, where ``span`` counts those; None: it counts ns.
        origin_ns: The first instant.
        span: Above every instant since ``origin_ns``.
        width: Above every rank, plus one.
    """

    group: Ints | Codes
    rank: Ints
    invoked_ns: Ints
    returned_ns: Ints
    instants: Ints | None
    origin_ns: int
    span: int
    width: int

    def stamps(self, rows: Codes, at_ns: Ints) -> Ints:
        """(group, instant) of ``rows`` as one number that sorts like the two, shape (rows given,)."""
        stamps = self.group[rows].astype(np.int64)
        stamps *= self.span
        stamps += at_ns[rows] - self.origin_ns if self.instants is None else np.searchsorted(self.instants, at_ns[rows])
        return stamps

    def levels(self, rows: Codes) -> Ints:
        """(group, rank) of ``rows`` as one number that sorts like the two, shape (rows given,)."""
        levels = self.group[rows].astype(np.int64)
        levels *= self.width
        levels += self.rank[rows]
        levels += 1
        return levels


def course(group: Ints | Codes, rank: Ints, invoked_ns: Ints, returned_ns: Ints) -> Course:
    """Prepare operations for comparison; instants and groups are thinned out where they would not fit one number.

    Raises:
        OverflowError: The ranks are too large for that.
    """
    answered = returned_ns != NEVER_NS
    origin_ns = int(invoked_ns.min(initial=NEVER_NS))
    last_ns = int(max(invoked_ns.max(initial=0), returned_ns.max(initial=0, where=answered)))
    span, width, instants = last_ns - origin_ns + 1, int(rank.max(initial=0)) + 2, None
    if _count(group) * max(span, width) >= LIMIT:
        group = pd.factorize(group)[0].astype(np.int64)
        instants = np.unique(np.concatenate([invoked_ns, returned_ns[answered]]))
        span = len(instants) + 1
    if _count(group) * max(span, width) >= LIMIT:
        raise OverflowError(f"versions up to {width - 2} in {_count(group):,} groups are too large to compare")
    return Course(
        group=group,
        rank=rank,
        invoked_ns=invoked_ns,
        returned_ns=returned_ns,
        instants=instants,
        origin_ns=origin_ns,
        span=span,
        width=width,
    )


def _count(group: Ints | Codes) -> int:
    return int(group.max(initial=0)) + 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What was known when: sources by (group, return); arrays have shape (sources,).

    Attributes:
        rows: Rows of the course.
        stamps: Ascending.
        highest: Ascending: the level of the highest rank of the group up to here.
    """

    course: Course
    rows: Codes
    stamps: Ints
    highest: Ints

    def first_above(self, rows: Codes) -> Codes:
        """The first source with a rank above that of each of ``rows``, which must have one; shape (rows given,)."""
        return self.rows[np.searchsorted(self.highest, self.course.levels(rows), side="right")]


def known(course: Course, sources: Bools) -> Known:
    """Order the answered operations of ``sources``, shape (rows of history,)."""
    rows, stamps = _ordered(course, sources & (course.returned_ns != NEVER_NS), course.returned_ns)
    highest = course.levels(rows)
    np.maximum.accumulate(highest, out=highest)
    return Known(course=course, rows=rows, stamps=stamps, highest=highest)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Operations that should have known, by (group, invocation); arrays have shape (targets,)."""

    rows: Codes
    stamps: Ints


def asked(course: Course, targets: Bools) -> Asked:
    """Order the operations of ``targets``, shape (rows of history,)."""
    rows, stamps = _ordered(course, targets, course.invoked_ns)  # sorted look-ups are ten times as fast
    return Asked(rows=rows, stamps=stamps)


def _ordered(course: Course, mask: Bools, at_ns: Ints) -> tuple[Codes, Ints]:
    """The rows of ``mask`` and their stamps, by stamp."""
    rows: Codes = np.flatnonzero(mask).astype(np.int32 if len(mask) <= np.iinfo(np.int32).max else np.int64)
    stamps = course.stamps(rows, at_ns)
    order = np.argsort(stamps)
    rows = rows[order]
    del order
    stamps.sort()
    return rows, stamps


def highest_before(sources: Known, targets: Asked, *, strictly: bool) -> Ints:
    """The highest rank that a source of the same group had returned before each target was sent.

    Args:
        sources: What could be known.
        targets: Who should have known.
        strictly: Whether a return at the very instant of the invocation is too late.

    Returns:
        Shape (targets,), in the order of ``targets``; NO_RANK where there was none.
    """
    position = np.searchsorted(sources.stamps, targets.stamps, side="left" if strictly else "right")
    if not len(sources.rows):
        return np.full(len(targets.rows), NO_RANK, dtype=np.int64)
    position -= 1
    best: Ints = sources.highest[position]
    best[position < 0] = NO_RANK
    del position
    base = sources.course.group[targets.rows].astype(np.int64)
    base *= sources.course.width
    best -= base
    best -= 1
    np.maximum(best, NO_RANK, out=best)  # below it: the source before belongs to another group
    return best


def overtaken(sources: Known, targets: Asked, *, strictly: bool) -> Codes:
    """The targets whose own rank is below what they should have known, as rows of the course."""
    return targets.rows[highest_before(sources, targets, strictly=strictly) > sources.course.rank[targets.rows]]
