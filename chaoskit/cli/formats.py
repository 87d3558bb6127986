"""``--format``: many results as one document on stdout."""

import sys
from collections.abc import Sequence

from chaoskit.cli.shapes import Format
from chaoskit.cli.voice import document
from chaoskit.report.formats.csv import table_csv
from chaoskit.report.formats.junit import junit
from chaoskit.report.formats.summary import Results, summary
from chaoskit.report.formats.unrun import Unrun


def print_results(shape: Format, results: Results, unrun: Sequence[Unrun] = ()) -> None:
    """Write the document to stdout."""
    match shape:
        case Format.MARKDOWN:
            sys.stdout.write(summary(results, unrun))
        case Format.JUNIT:
            sys.stdout.write(junit(results, unrun))
        case Format.CSV:
            sys.stdout.write(table_csv(results))
        case Format.JSON:
            missing = [{"scenario": one.scenario, "trial": one.trial, "why": one.why} for one in unrun]
            document({"schema": 1, "runs": [*results], "not_run": missing})
    sys.stdout.flush()
