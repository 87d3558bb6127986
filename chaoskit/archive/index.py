"""``index.html``: the page over all runs of a folder, renewed after each of them."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from chaoskit.analysis.trends.changes import SMALLEST, changes
from chaoskit.archive.kept import REPORT, Kept
from chaoskit.archive.news import news
from chaoskit.archive.nights import series
from chaoskit.archive.shelf import Shelf, read_shelf, write_atomically
from chaoskit.model.series import Change, Key, Series
from chaoskit.report.index import Listed, Overview, Section, Watched, render_index
from chaoskit.report.reading import Row, number, part, rows, text
from chaoskit.report.words import verdict_of

INDEX = "index.html"
MOST_NIGHTS = 2000
"""Nights, of all series that ever varied, that are looked at after a run: more would keep the next run waiting."""


def renew(root: Path) -> Path:
    """Write the page of the runs below ``root``; what was read for the last one is not read again.

    Raises:
        OSError: It cannot be written.
    """
    overview = look(read_shelf(root, remember=True), root, most_nights=MOST_NIGHTS)
    return write_index(overview, root)


def renew_after_run(root: Path, say: Callable[[str], None]) -> None:
    """Renew the page; a run is no worse for a page that could not be written, so that is only said."""
    try:
        renew(root)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with old runs, this one is judged
        say(f"{root / INDEX} could not be renewed: {type(error).__name__}: {error}")


def write_index(overview: Overview, root: Path) -> Path:
    """Write ``index.html`` into ``root``, so that nobody sees half of it.

    Raises:
        OSError: It cannot be written.
    """
    write_atomically(root / INDEX, render_index(overview))
    return root / INDEX


def look(shelf: Shelf, root: Path, *, smallest: float = SMALLEST, most_nights: int | None = None) -> Overview:
    """Find the changes of all series and lay out the page; with ``most_nights`` not where there are more."""
    found = series(shelf.runs)
    searched = most_nights is None or sum(len(one.nights) for one in found if _varies(one)) <= most_nights
    changed = changes(found, smallest=smallest) if searched else {}
    titles = {run.title for run in shelf.runs}
    return Overview(
        sections=tuple(_section(title, shelf.runs, found, changed, root) for title in sorted(titles)),
        unreadable=tuple((os.path.relpath(one.path, root), one.why) for one in shelf.unreadable),
        searched=searched,
    )


def _varies(one: Series) -> bool:
    return len({figure for night in one.nights for figure in night.figures}) > 1


def _section(
    title: str, runs: Sequence[Kept], found: Sequence[Series], changed: Mapping[Key, tuple[Change, ...]], root: Path
) -> Section:
    own = [run for run in runs if run.title == title]
    return Section(
        name=title,
        watched=tuple(_watched(one, own, changed.get(one.key, ())) for one in found if one.key.title == title),
        runs=tuple(_listed(run, root) for run in reversed(own)),
    )


def _watched(one: Series, runs: Sequence[Kept], changed: tuple[Change, ...]) -> Watched:
    newest = next(row for run in reversed(runs) for row in rows(run.row, "objectives") if _is(one.key, run, row))
    bounds = part(newest, "expect")
    low, high = number(bounds, "min"), number(bounds, "max")
    return Watched(
        series=one,
        expected=text(newest, "expected"),
        bound=high if high is not None else low,
        changes=changed,
        news=tuple(news(runs, change) for change in changed),
    )


def _is(key: Key, run: Kept, row: Row) -> bool:
    return (key.runtime, key.objective) == (text(run.row, "runtime"), text(row, "name"))


def _listed(run: Kept, root: Path) -> Listed:
    return Listed(
        started_at=text(run.row, "started_at", run.path.name),
        trial=int(number(run.row, "trial") or 1),
        verdict=verdict_of(run.row),
        told=text(run.row, "told"),
        href=quote(os.fsencode(os.path.relpath(run.path / REPORT, root))) if run.report else "",
    )
