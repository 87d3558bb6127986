"""A figure that is known to lie between two ends."""

from dataclasses import dataclass

from chaoskit.model.verdict import Verdict, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """``[lo, hi]``; ``hi`` None: at least ``lo``, no more is known."""

    lo: float
    hi: float | None

    def __post_init__(self) -> None:
        if self.hi is not None and self.hi < self.lo:
            raise ValueError(f"an interval from {self.lo} to {self.hi} is empty")

    def under(self, maximum: float) -> Verdict:
        """Whether the figure is at most ``maximum``: yes if the high end is, no if the low end is not."""
        if self.hi is not None and self.hi <= maximum:
            return Verdict.PASS
        return Verdict.FAIL if self.lo > maximum else Verdict.INCONCLUSIVE

    def over(self, minimum: float) -> Verdict:
        """Whether the figure is at least ``minimum``: yes if the low end is, no if the high end is not."""
        if self.lo >= minimum:
            return Verdict.PASS
        return Verdict.FAIL if self.hi is not None and self.hi < minimum else Verdict.INCONCLUSIVE

    def within(self, minimum: float | None, maximum: float | None) -> Verdict:
        """Both bounds, inclusive; the worse of the two answers."""
        answers = [] if minimum is None else [self.over(minimum)]
        if maximum is not None:
            answers.append(self.under(maximum))
        return worst(answers)
