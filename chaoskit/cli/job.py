"""The CI job that a command runs in, as its environment tells: where a summary goes, and whether marks are read."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chaoskit.cli.voice import say
from chaoskit.report.formats.markdown import MOST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``summary`` None: nobody reads one."""

    summary: Path | None
    annotated: bool

    def summarize(self, write: Callable[[int], str]) -> None:
        """Append what ``write`` makes of the bytes that are left; a job whose summary is too long loses all of it."""
        if self.summary is None:
            return
        try:
            before = self.summary.stat().st_size if self.summary.exists() else 0
            with self.summary.open("a", encoding="utf-8") as file:
                file.write(write(max(1000, MOST_BYTES - before)))
        except OSError as error:
            say(f"the job summary {self.summary} could not be written: {error}")

    def annotate(self, lines: Iterable[str], *, quiet: bool) -> None:
        """Print marks where the job reads them; to stderr where stdout is a document."""
        if self.annotated:
            out = sys.stderr if quiet else sys.stdout
            out.write("".join(f"{line}\n" for line in lines))
            out.flush()


def job_of(env: Mapping[str, str]) -> Job:
    """Read what GitHub's runner sets; elsewhere there is neither."""
    path = env.get("GITHUB_STEP_SUMMARY")
    return Job(summary=Path(path) if path else None, annotated=env.get("GITHUB_ACTIONS") == "true")
