"""``chaoskit trend``: all runs of a folder as one page, and what changed."""

from pathlib import Path
from typing import Any

from rich.text import Text

from chaoskit.archive.index import look, write_index
from chaoskit.archive.shelf import read_shelf
from chaoskit.cli.voice import answer, result, say
from chaoskit.errors import StackError, UsageError
from chaoskit.model.series import Change, Level, level
from chaoskit.report.figures import printable
from chaoskit.report.index import Overview, Watched, change_sentences
from chaoskit.report.levels import direction


def show_trend(directory: Path, *, smallest: float, json: bool) -> None:
    """Renew the page and tell the changes.

    Raises:
        UsageError: There is no run below ``directory``.
        StackError: The page cannot be written there.
    """
    if not directory.is_dir():
        raise UsageError(f"{directory} is no folder", fix="name the folder given as --report-dir, or a history")
    try:
        shelf = read_shelf(directory, remember=True)
        overview = look(shelf, directory, smallest=smallest)
        page = write_index(overview, directory)
    except OSError as error:
        raise StackError(
            f"cannot write to {directory}", why=str(error), fix="copy it to where you may write"
        ) from error
    for path, why in overview.unreadable:
        say(f"left out {printable(path)}: {printable(why)}")
    if not shelf.runs:
        raise UsageError(f"no runs below {directory}", fix="chaoskit run scenarios --trials 5")
    say(f"{len(shelf.runs)} runs: {page}")
    if json:
        result(as_json(overview))
        return
    for sentence in change_sentences(overview) or ("no change found",):
        answer(Text(printable(sentence)))


def as_json(overview: Overview) -> dict[str, Any]:
    """Series and changes as JSON values; a night whose median is null did not recover in half of its trials or more."""
    watched = [one for section in overview.sections for one in section.watched]
    return {"schema": 1, "series": [_series(one) for one in watched], "unreadable": [*map(list, overview.unreadable)]}


def _series(watched: Watched) -> dict[str, Any]:
    series = watched.series
    key = series.key
    return {
        "scenario": key.scenario,
        "variant": key.variant or None,
        "runtime": key.runtime,
        "objective": key.objective,
        "measure": series.measure,
        "unit": series.unit,
        "nights": [
            {"night": night.name, "unknown": night.unknown, **_level(level(night.figures) if night.figures else None)}
            for night in series.nights
        ],
        "changes": [_change(watched, change, news) for change, news in zip(watched.changes, watched.news, strict=True)],
    }


def _change(watched: Watched, change: Change, news: tuple[str, ...]) -> dict[str, Any]:
    levels = {"before": _level(change.before), "after": _level(change.after)}
    way = direction(watched.series, change)
    return {"since": change.since, "told": change.told, "direction": way, **levels, "p": change.p, "new": list(news)}


def _level(level: Level | None) -> dict[str, Any]:
    if level is None:
        return {"median": None, "trials": 0, "not_recovered": 0}
    return {"median": level.median, "trials": level.trials, "not_recovered": level.censored}
