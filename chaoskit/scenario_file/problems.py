"""Every problem of a scenario file, each with its position, reported at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from chaoskit.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A position in the file; both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. ``source_line`` is the file's own line, for the caret."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source_line: str = ""

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}: error: {self.message}"
        if self.hint:
            head += f" ({self.hint})"
        if not self.source_line.strip():
            return head
        # Tabs become one blank each, so that the caret stands under its character.
        shown = self.source_line.replace("\t", " ").rstrip()
        return f"{head}\n  {shown}\n  {' ' * (self.column - 1)}^"


class ScenarioErrors(UsageError):
    """A scenario file that cannot be run as written.

    Attributes:
        problems: All of them, in the order of the file.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Report:
    """Collects problems while a file is read, so that one mistake never hides the next."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.split("\n")
        self.problems: list[Problem] = []

    @property
    def count(self) -> int:
        """How many problems there are so far: what is read without raising it is sound."""
        return len(self.problems)

    def add(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note a problem at ``mark``."""
        line = self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        self.problems.append(
            Problem(file=self.file, line=mark.line, column=mark.column, message=message, hint=hint, source_line=line)
        )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean `x`?`` for the closest known word, or an empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def one_of(words: Iterable[str]) -> str:
    """Return ``one of a, b, c``, or ``only a``."""
    listed = list(words)
    return f"one of {', '.join(listed)}" if len(listed) > 1 else f"only {''.join(listed)}"
