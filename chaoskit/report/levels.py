"""Levels and changes of a series in words."""

from collections.abc import Sequence

from chaoskit.model.series import Change, Level, Series, Worse
from chaoskit.report.figures import amount


def level_text(level: Level, unit: str) -> str:
    """``18.02 s``; ``18.02 s, 1 of 5 not recovered``; never a number where half of them did not recover."""
    lost = f"{level.censored} of {level.trials} not recovered" if level.censored else ""
    return ", ".join(part for part in ("" if level.median is None else amount(level.median, unit), lost) if part)


def direction(series: Series, change: Change) -> str:
    """``worse`` or ``better`` where the objective's bounds say which is which, else ``higher`` or ``lower``."""
    if series.worse is Worse.EITHER:
        return "higher" if change.upwards else "lower"
    return "worse" if change.upwards is (series.worse is Worse.HIGHER) else "better"


def share_text(change: Change) -> str:
    """``+21 %``; empty where one side is no number, or nothing to be a share of."""
    before, after = change.before.median, change.after.median
    return "" if not before or after is None else f"{after / before - 1:+.0%}".replace("%", " %")


def change_sentence(series: Series, change: Change, news: Sequence[str] = ()) -> str:
    """One sentence: ``… is worse since 2026-10-15: 18.0 s before, 21.9 s after (+21 %; p = 2e-05).``."""
    before, after = level_text(change.before, series.unit), level_text(change.after, series.unit)
    by = "; ".join(part for part in (share_text(change), f"p = {change.p:.0e}") if part)
    told = "" if change.told == change.since else f", told by {change.told}"
    changed = f" New by then: {', '.join(news)}." if news else ""
    return (
        f"{series.key.objective} of {series.key.title} is {direction(series, change)} since {change.since}{told}: "
        f"{before} before, {after} after ({by}).{changed}"
    )
