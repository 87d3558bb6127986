"""Three-valued truth: what was found, what it means, how the worst wins (docs/definitions.md, Verdicts)."""

from collections.abc import Iterable
from enum import StrEnum

from chaoskit.errors import Exit


class Verdict(StrEnum):
    """The judgement of an objective or of a run."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"

    @property
    def exit_code(self) -> Exit:
        """The exit code of a run that ends so."""
        return {Verdict.PASS: Exit.PASS, Verdict.FAIL: Exit.FAIL, Verdict.INCONCLUSIVE: Exit.INCONCLUSIVE}[self]


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Worst wins: fail > inconclusive > pass; nothing judged is inconclusive."""
    seen = set(verdicts)
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS):
        if verdict in seen:
            return verdict
    return Verdict.INCONCLUSIVE


class FindingResult(StrEnum):
    """What a checker says."""

    NONE = "none"
    SOME = "some"
    UNKNOWN = "unknown"
