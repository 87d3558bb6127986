"""``chaoskit table``: what theory says beside what was observed, over all runs below a folder."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chaoskit import __version__
from chaoskit.cli.theory import theory_table
from chaoskit.cli.voice import say
from chaoskit.errors import UsageError

RESULT = "result.json"


def print_table(directory: Path) -> None:
    """Write the table to stdout; which runs were left out, and why, to stderr.

    Raises:
        UsageError: There is no run to tell of.
    """
    results = list(_results(directory))
    if not results:
        fix = "chaoskit run scenarios --trials 5, or name the folder given as --report-dir"
        raise UsageError(f"no runs of chaoskit {__version__} below {directory}", fix=fix)
    sys.stdout.write(theory_table(results, version=__version__))


def _results(directory: Path) -> Iterator[Mapping[str, Any]]:
    """Every readable result that is comparable, in a fixed order; of the others it is told why they are left out."""
    for path in sorted(directory.rglob(RESULT)):
        try:
            result, sets = _read(path), _read(path.with_name("run.json")).get("sets")
            version = result["environment"]["versions"]["chaoskit"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            say(f"left out {path}: {type(error).__name__}: {error}")
            continue
        if version != __version__:
            say(f"left out {path}: it is of chaoskit {version}, this is {__version__}")
        elif sets:
            say(f"left out {path}: it is not the file's own scenario (--set {' '.join(sets)})")
        else:
            yield result


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
