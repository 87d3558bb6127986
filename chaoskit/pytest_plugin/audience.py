"""Who hears how a run goes: whatever captures the test, or, where somebody has to act, the terminal itself."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from chaoskit.engine.progress import Progress, Watch
from chaoskit.report.figures import printable
from chaoskit.session.running import Audience


def audience(config: pytest.Config, *, loud: bool) -> Audience:
    """Tell lines to stderr, which pytest captures and shows where a test fails; ``loud``: past the capture."""
    say = _on_terminal(config) if loud else _say
    return Audience(say=say, watching=lambda name: _watching(name, say))


def _say(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")


def _on_terminal(config: pytest.Config) -> Callable[[str], None]:
    writer = config.get_terminal_writer()  # its file is not the one that is captured

    def say(text: str) -> None:
        writer.line(printable(text))
        writer.flush()

    return say


@contextmanager
def _watching(name: str, say: Callable[[str], None]) -> Iterator[Watch]:
    """A line for each new phase, and each event, once."""
    said: set[str] = set()

    def watch(progress: Progress) -> None:
        for line in (f"{name}: {progress.phase}", *progress.events):
            if line not in said:
                said.add(line)
                say(line)

    yield watch
