"""What many runs of one scenario say together, in words: each figure from the lowest to the highest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from chaoskit.analysis.words import interval_text
from chaoskit.model.interval import Interval
from chaoskit.report.reading import number, part, rows, text

Results = Sequence[Mapping[str, Any]]
NONE = "–"


def verdicts(found: Results) -> str:
    """``5 × pass``; the same for rows of objectives."""
    counts = Counter(text(row, "verdict", "inconclusive") for row in found)
    known = (verdict for verdict in ("pass", "fail", "inconclusive") if counts[verdict])
    return ", ".join(f"{counts[verdict]} × {verdict}" for verdict in known) or NONE


def observed(objectives: Results) -> str:
    """What an objective saw over all runs: the widest interval that holds every one."""
    if not objectives:
        return NONE
    seen = [part(row, "observed") for row in objectives]
    known = [one for one in seen if number(one, "lo") is not None]
    if not known:
        return "unknown"
    words = interval_text(_envelope(known, "lo", "hi"), text(known[0], "unit"))
    return words if len(known) == len(seen) else f"{words} ({len(seen) - len(known)} unknown)"


def outages(recoveries: Results) -> Results:
    """Those whose low end is above zero."""
    return [row for row in recoveries if (number(row, "lo_s") or 0) > 0]


def recovered(recoveries: Results) -> str:
    """How long the outages among them took; what did not recover is counted, never a number."""
    found = outages(recoveries)
    if not found:
        return "no outage" if recoveries else NONE
    ended = [row for row in found if not row.get("censored")]
    words = interval_text(_envelope(ended or found, "lo_s", "hi_s"), "s")
    censored = len(found) - len(ended)
    return f"{words} ({censored} not before the end of the run)" if censored else words


def longest_rto(group: Results) -> str:
    """Of writes, the region that waited longest in each run; regions whose clients were lost do not count."""
    if not group:
        return NONE
    longest = [found for result in group if (found := _slowest(rows(result, "rto"))) is not None]
    if not longest:
        return "no outage"
    words = recovered(longest)
    return words if len(longest) == len(group) else f"{words} ({len(group) - len(longest)} without an outage)"


def lost(group: Results) -> str:
    """Acknowledged writes that were lost."""
    if not group:
        return NONE
    counts = [number(part(result, "rpo"), "lost_writes") for result in group]
    known = [count for count in counts if count is not None]
    if not known:
        return "unknown"
    words = interval_text(Interval(lo=min(known), hi=max(known)), "count")
    return words if len(known) == len(counts) else f"{words} ({len(counts) - len(known)} unknown)"


def _envelope(found: Results, low: str, high: str) -> Interval:
    highs = [number(row, high) for row in found]
    lowest = min(number(row, low) or 0.0 for row in found)
    return Interval(lo=lowest, hi=None if None in highs else max(hi for hi in highs if hi is not None))


def _slowest(recoveries: Results) -> Mapping[str, Any] | None:
    writes = outages([row for row in recoveries if text(row, "operation") == "write"])
    return max(writes, key=_length, default=None)


def _length(outage: Mapping[str, Any]) -> tuple[bool, float]:
    return bool(outage.get("censored")), number(outage, "hi_s") or number(outage, "lo_s") or 0
