"""``chaoskit compare``: two groups of runs side by side."""

import sys
from pathlib import Path

from chaoskit.archive.pair import compare
from chaoskit.cli.shapes import Shape
from chaoskit.cli.voice import result, show
from chaoskit.report.comparison import comparison_json, comparison_markdown, comparison_table


def compare_folders(a: Path, b: Path, shape: Shape) -> None:
    """Print the comparison on stdout."""
    found = compare(a, b)
    match shape:
        case Shape.TABLE:
            show(comparison_table(found))
        case Shape.MARKDOWN:
            sys.stdout.write(comparison_markdown(found))
        case Shape.JSON:
            result(comparison_json(found))
