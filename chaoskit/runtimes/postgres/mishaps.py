"""What happened to one server that nobody had asked for; whoever starts it again does not make it undone."""

import re
from collections.abc import Callable

CRASH = re.compile(r" LOG:  all server processes terminated; reinitializing$", re.MULTILINE)
"""The postmaster writes that when it has lost a child to a signal or a PANIC, and has ended every session for it."""


class Mishaps:
    """Ends and crashes of a server.

    Args:
        name: Its ``cluster_name``.
        log: What it has written so far, over all its starts.
    """

    def __init__(self, name: str, log: Callable[[], str]) -> None:
        self._name, self._log = name, log
        self._ends: list[str] = []
        self._crashes_excused = 0
        self._crashes_before: int | None = None  # the excuse; None: there is none

    def ended(self, how: str) -> None:
        """It has ended by itself."""
        if self._crashes_before is None:
            self._ends.append(f"PostgreSQL {self._name} ended by itself {how}")

    def excuse(self, now: bool) -> None:
        """Whether from now on it may end or crash without being told of; idempotent.

        Raises:
            StackError: Its log cannot be had.
        """
        if now and self._crashes_before is None:
            self._crashes_before = self._crashes()
        elif not now and self._crashes_before is not None:
            self._crashes_excused += self._crashes() - self._crashes_before
            self._crashes_before = None

    def told(self) -> list[str]:
        """Everything so far, the same once.

        Raises:
            StackError: Its log cannot be had.
        """
        now = self._crashes() if self._crashes_before is None else self._crashes_before
        crashes = now - self._crashes_excused
        crashed = f"PostgreSQL {self._name} lost a process and ended every session, {crashes} times"
        return [*dict.fromkeys(self._ends), *([crashed.removesuffix(", 1 times")] if crashes else [])]

    def _crashes(self) -> int:
        return len(CRASH.findall(self._log()))
