"""The errors that end a run: what happened, why, and the way out. One class per exit code."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command (docs/cli.md)."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    ENVIRONMENT = 3
    INCONCLUSIVE = 4
    INTERRUPTED = 130


class ChaoskitError(Exception):
    """Base of all expected errors.

    Args:
        what: One sentence, what went wrong.
        why: The cause as far as it is known.
        fix: What the reader can do about it.
    """

    exit_code = Exit.ENVIRONMENT

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class UsageError(ChaoskitError):
    """The command line or a file given to it cannot be understood."""

    exit_code = Exit.USAGE


class StackError(ChaoskitError):
    """The environment cannot carry the run: a missing tool, a full disk, a node that does not start."""

    exit_code = Exit.ENVIRONMENT


class Skipped(StackError):
    """A step cannot be done as things stand: the run goes on without it, and is inconclusive."""
