"""The page over all runs: what changed, a small chart per objective, and the way to every report."""

from dataclasses import dataclass

from markupsafe import Markup

from chaoskit.model.series import Change, Series, level
from chaoskit.model.verdict import Verdict
from chaoskit.report.embed import style_alone
from chaoskit.report.levels import change_sentence, direction, level_text
from chaoskit.report.pages import environment
from chaoskit.report.sparkline import sparkline
from chaoskit.report.words import MARKS

MOST_LISTED = 50  # runs of one scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An objective's series, its changes, and what else was new on their nights."""

    series: Series
    expected: str
    bound: float | None
    changes: tuple[Change, ...] = ()
    news: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One run. ``href``: its report, relative to the page; empty: there is none."""

    started_at: str
    trial: int
    verdict: Verdict
    told: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A scenario, or one of its variants; its runs the newest first."""

    name: str
    watched: tuple[Watched, ...]
    runs: tuple[Listed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that the page shows.

    Attributes:
        unreadable: Path and reason of each run that cannot be told of.
        searched: Whether changes were looked for; not, where that would take longer than a run should wait.
    """

    sections: tuple[Section, ...]
    unreadable: tuple[tuple[str, str], ...]
    searched: bool


def render_index(overview: Overview) -> str:
    """Return the page as HTML: one file, no script, no request."""
    style = style_alone("index.css")
    return (
        environment()
        .get_template("index.html.jinja")
        .render(
            style=style,
            sections=[_section(section) for section in overview.sections],
            told=change_sentences(overview),
            unreadable=overview.unreadable,
            searched=overview.searched,
            runs=sum(len(section.runs) for section in overview.sections),
        )
    )


def change_sentences(overview: Overview, *, told: str | None = None) -> tuple[str, ...]:
    """Every change in words, scenario by scenario; with ``told`` those that this night gave away."""
    return tuple(
        change_sentence(watched.series, change, news)
        for section in overview.sections
        for watched in section.watched
        for change, news in zip(watched.changes, watched.news, strict=True)
        if told is None or change.told == told
    )


def _section(section: Section) -> dict[str, object]:
    runs = section.runs
    return {
        "name": section.name,
        "tally": ", ".join(f"{found} × {v.value}" for v in Verdict if (found := sum(r.verdict is v for r in runs))),
        "objectives": [_objective(watched) for watched in section.watched],
        "runs": [{"run": run, "mark": MARKS[run.verdict]} for run in runs[:MOST_LISTED]],
        "more": max(0, len(runs) - MOST_LISTED),
    }


def _objective(watched: Watched) -> dict[str, object]:
    series = watched.series
    nights = [night for night in series.nights if night.figures]
    last = watched.changes[-1] if watched.changes else None
    chart: Markup = sparkline(series, watched.changes, watched.bound)
    return {
        "name": series.key.objective,
        "expected": watched.expected,
        "latest": level_text(level(nights[-1].figures), series.unit) if nights else "unknown",
        "nights": len(nights),
        "trials": sum(len(night.figures) for night in nights),
        "unknown": sum(night.unknown for night in series.nights),
        "chart": chart,
        "change": "" if last is None else f"{direction(series, last)} since {last.since}",
        "changed": "" if last is None else direction(series, last),
    }
