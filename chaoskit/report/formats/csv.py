"""Runs as CSV: a line per objective and run, numbers as they are in ``result.json``."""

import csv
import io

from chaoskit.report.figures import printable
from chaoskit.report.formats.summary import Results
from chaoskit.report.objectives import objective_rows
from chaoskit.report.reading import number, part, rows, text

HEAD = (
    "scenario", "variant", "trial", "runtime", "seed", "started_at", "objective", "measure", "where", "unit", "lo",
    "hi", "censored", "expected", "verdict", "reason", "position", "run_dir",
)  # fmt: skip


def table_csv(results: Results) -> str:
    """Return the document. ``hi`` is empty where ``censored`` is 1: it was not over when the run ended."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    for result in results:
        about = [_safe(text(result, key)) for key in HEAD[:6]]
        for row, shown in zip(rows(result, "objectives"), objective_rows(result), strict=True):
            observed = part(row, "observed")
            lo, hi = number(observed, "lo"), number(observed, "hi")
            censored = int(lo is not None and hi is None)
            names = (shown.name, text(row, "measure"), shown.where, text(observed, "unit"))
            figures = ("" if lo is None else lo, "" if hi is None else hi, censored)
            words = (shown.expected, shown.verdict.value, shown.reason, shown.position, text(result, "run_dir"))
            writer.writerow([*about, *map(_safe, names), *figures, *map(_safe, words)])
    return out.getvalue()


def _safe(words: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    shown = printable(words)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@", "\t") else shown
