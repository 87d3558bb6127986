"""Runs as a Markdown summary: verdicts first, then every objective that was not met, then all of them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chaoskit.model.verdict import Verdict
from chaoskit.report.formats.markdown import MOST_BYTES, code, document, plain, table
from chaoskit.report.formats.unrun import Unrun
from chaoskit.report.objectives import ObjectiveRow, objective_rows
from chaoskit.report.reading import Row, text
from chaoskit.report.words import MARKS, headline, scenario, verdict_of

Results = Sequence[Row]


def summary(
    results: Results, unrun: Sequence[Unrun] = (), notes: Sequence[str] = (), *, most_bytes: int = MOST_BYTES
) -> str:
    """Return the document. ``notes`` are sentences about all of it: what changed, what was left out."""
    return document(tuple(_lines(results, unrun, notes)), most_bytes=most_bytes)


def _lines(results: Results, unrun: Sequence[Unrun], notes: Sequence[str]) -> Iterator[str]:
    yield f"## chaoskit: {tally(results, unrun)}"
    yield ""
    if notes:
        yield from (f"- {plain(note)}" for note in notes)
        yield ""
    names = list(dict.fromkeys(map(scenario, results)))
    rows = [(code(name), *_verdicts([r for r in results if scenario(r) == name])) for name in names]
    if rows:
        yield from table(("scenario", "runs", "pass", "fail", "inconclusive"), rows)
        yield ""
    yield from _missed(results)
    if unrun:
        yield "### Not run"
        yield ""
        yield from (f"- {code(one.scenario)}, trial {one.trial}: {plain(one.why)}" for one in unrun)
        yield ""
    for name in names:
        yield from _all_of(name, [r for r in results if scenario(r) == name])


def tally(results: Results, unrun: Sequence[Unrun]) -> str:
    """``26 runs: 24 pass, 2 fail; 3 not run``."""
    counts = Counter(verdict_of(result) for result in results)
    found = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]) or "none judged"
    missing = f"; {len(unrun)} not run" if unrun else ""
    return f"{len(results)} {'run' if len(results) == 1 else 'runs'}: {found}{missing}"


def _verdicts(results: Results) -> tuple[str, ...]:
    counts = Counter(verdict_of(result) for result in results)
    return (str(len(results)), *(str(counts[verdict] or "") for verdict in Verdict))


def _missed(results: Results) -> Iterator[str]:
    """Every objective that some trial did not meet, once, with the words of the first such trial."""
    groups = _by_objective(results)
    missed = {key: rows for key, rows in groups.items() if any(row.verdict is not Verdict.PASS for row in rows)}
    if not missed:
        return
    yield "### Not met"
    yield ""
    yield from table(
        ("", "objective", "where", "observed", "expected", "trials", "why"),
        [_missed_row(name, rows) for (name, _), rows in missed.items()],
    )
    yield ""


def _by_objective(results: Results) -> dict[tuple[str, str], list[ObjectiveRow]]:
    groups: dict[tuple[str, str], list[ObjectiveRow]] = {}
    for result in results:
        for row in objective_rows(result):
            groups.setdefault((scenario(result), row.name), []).append(row)
    return groups


def _missed_row(name: str, rows: Sequence[ObjectiveRow]) -> tuple[str, ...]:
    wrong = [row for row in rows if row.verdict is not Verdict.PASS]
    shown = next((row for row in wrong if row.verdict is Verdict.FAIL), wrong[0])
    same = sum(row.verdict is shown.verdict for row in rows)
    words = " ".join(part for part in (shown.more, f"({shown.position})" if shown.position else "") if part)
    return (
        MARKS[shown.verdict],
        f"{code(name)} {code(shown.name)}",
        plain(shown.where),
        plain(shown.observed),
        plain(shown.expected),
        f"{same} of {len(rows)} {shown.verdict.value}",
        plain(words),
    )


def _all_of(name: str, results: Results) -> Iterator[str]:
    yield f"<details><summary>{plain(name)}</summary>"
    yield ""
    for result in results:
        verdict = verdict_of(result)
        about = f"started {text(result, 'started_at')}, seed {text(result, 'seed')}"
        yield f"{MARKS[verdict]} **{verdict.value}**, {plain(about)}: {plain(headline(result).sentence)}"
        yield ""
        yield from table(
            ("", "objective", "where", "observed", "expected"),
            [
                (MARKS[row.verdict], code(row.name), plain(row.where), plain(row.observed), plain(row.expected))
                for row in objective_rows(result)
            ],
        )
        yield ""
    yield "</details>"
    yield ""
