"""Every problem of a scenario file, each with its position, reported at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from chaoskit.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A position in the file; both count from 1, columns in characters.

    ``argument``: not in the file but in this ``PATH=VALUE`` of the command line; then ``line`` is 0.
    """

    line: int
    column: int
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. ``source_line`` is the file's own line, for the caret.

    ``line`` 0: ``file`` is a part of the command line, and so is ``source_line``.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source_line: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        head = f"{place}: error: {self.message}"
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
    """Collects problems while a file is read, so that one mistake never hides the next.

    Args:
        file: The path as given; what the file names is sought beside it.
        text: Its lines are shown.
        here: False: read again, perhaps elsewhere, so nothing that the file names has to exist.
    """

    def __init__(self, file: str, text: str, *, here: bool = True) -> None:
        self.file, self.text, self.here = file, text, here
        self.lines = text.split("\n")
        self.problems: list[Problem] = []

    def fresh(self) -> "Report":
        """Return one of the same file that has no problems yet."""
        return Report(self.file, self.text, here=self.here)

    @property
    def count(self) -> int:
        """How many problems there are so far: what is read without raising it is sound."""
        return len(self.problems)

    def add(self, mark: Mark, message: str, hint: str = "") -> None:
        """Note a problem at ``mark``."""
        if mark.argument:
            file, text = f"--set {mark.argument}", mark.argument
        else:
            file, text = self.file, self.lines[mark.line - 1] if mark.line <= len(self.lines) else ""
        self.problems.append(
            Problem(file=file, line=mark.line, column=mark.column, message=message, hint=hint, source_line=text)
        )

    def position(self, mark: Mark) -> str:
        """``file:line:column``, or the argument that stands for it."""
        return f"--set {mark.argument}" if mark.argument else f"{self.file}:{mark.line}:{mark.column}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean `x`?`` for the closest known word, or an empty string."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def one_of(words: Iterable[str]) -> str:
    """Return ``one of a, b, c``, or ``only a``."""
    listed = list(words)
    return f"one of {', '.join(listed)}" if len(listed) > 1 else f"only {''.join(listed)}"
