"""Ctrl-C and SIGTERM, while something is going on that must be healed and reported first."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from types import FrameType


@contextmanager
def interruptible(say: Callable[[str], None]) -> Iterator[Flag]:
    """Ctrl-C (or SIGTERM) ends the timeline; a second one changes nothing: healing goes on."""
    interrupted = Flag()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        say("still healing" if interrupted.is_set() else "interrupted: healing, then reporting what was seen")
        interrupted.set()

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
