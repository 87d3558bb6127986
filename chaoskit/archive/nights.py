"""Kept runs as series of nights, one for each objective."""

from collections.abc import Iterable, Mapping

from chaoskit.archive.kept import Kept
from chaoskit.model.series import Figure, Key, Night, Series, Worse
from chaoskit.report.reading import Row, number, part, rows, text, texts


def series(runs: Iterable[Kept]) -> tuple[Series, ...]:
    """Return the series of every objective, in the order in which scenarios and objectives first appear.

    Of the interval that a run saw, the end counts against which its bound is held: the high one, or the low one
    where the objective has nothing but a minimum. A run whose instrument was in doubt has no figures.
    """
    found: dict[Key, tuple[Row, dict[str, list[Figure | None]]]] = {}
    for run in runs:
        for row in rows(run.row, "objectives"):
            _, nights = found.setdefault(_key(run, row), (row, {}))
            found[_key(run, row)] = (row, nights)  # the newest words
            nights.setdefault(run.night, []).append(_figure(run, row))
    return tuple(_series(key, row, nights) for key, (row, nights) in found.items())


def _key(run: Kept, row: Row) -> Key:
    name, runtime = text(row, "name"), text(run.row, "runtime")
    return Key(scenario=run.scenario, variant=run.variant, runtime=runtime, objective=name)


def _series(key: Key, row: Row, nights: Mapping[str, list[Figure | None]]) -> Series:
    return Series(
        key=key,
        measure=text(row, "measure"),
        unit=text(part(row, "observed"), "unit"),
        worse=_worse(row),
        nights=tuple(
            Night(name=name, figures=tuple(f for f in figures if f is not None), unknown=figures.count(None))
            for name, figures in sorted(nights.items())
        ),
    )


def figures(runs: Iterable[Kept], objective: str) -> tuple[Figure, ...]:
    """The figures of one objective, run by run; runs of which nothing can be told have none."""
    found = (_figure(run, row) for run in runs for row in rows(run.row, "objectives") if text(row, "name") == objective)
    return tuple(figure for figure in found if figure is not None)


def _figure(run: Kept, row: Row) -> Figure | None:
    observed = part(row, "observed")
    low, high = number(observed, "lo"), number(observed, "hi")
    if low is None or texts(part(run.row, "instrument"), "doubts"):
        return None
    if high is None:
        return Figure(value=low, censored=True)
    return Figure(value=low if _worse(row) is Worse.LOWER else high)


def _worse(row: Row) -> Worse:
    bounds = part(row, "expect")
    low, high = number(bounds, "min") is not None, number(bounds, "max") is not None
    if low is high:
        return Worse.EITHER
    return Worse.HIGHER if high else Worse.LOWER
