"""What a checker found, with the operations that show it (docs/definitions.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chaoskit.model.verdict import FindingResult

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """The smallest set of operations that shows the first case.

    Attributes:
        sentence: What happened, for someone who was not there.
        operations: Rows of the history in order of time, each with its ``rank`` where it has one.
    """

    sentence: str
    operations: tuple[Mapping[str, Cell], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one checker says.

    Attributes:
        count: Cases; 0 unless the result is ``some``.
        checked: What was looked at; ``none`` without it would be no finding at all.
        witness: The first case, where there is one.
        reason: Why it is unknown, or what is worth knowing beside the result.
        counts: Further figures by name, such as ``warned`` or ``unclassified``.
    """

    result: FindingResult
    count: int = 0
    checked: int = 0
    witness: Witness | None = None
    reason: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.result is FindingResult.SOME) != (self.count > 0):
            raise ValueError(f"{self.result.value} with a count of {self.count}")
        if self.result is FindingResult.UNKNOWN and not self.reason:
            raise ValueError("unknown without a reason")
        if self.result is FindingResult.NONE and self.checked <= 0:
            raise ValueError("none, but nothing was checked")

    @classmethod
    def unknown(cls, reason: str, *, checked: int = 0) -> "Finding":
        """It cannot be told, because of ``reason``."""
        return cls(result=FindingResult.UNKNOWN, reason=reason, checked=checked)

    def as_json(self) -> dict[str, Any]:
        """Its row in ``result.json``; ``counts`` become keys of their own, an empty reason is left out."""
        row: dict[str, Any] = {"result": self.result.value, "count": self.count, "checked": self.checked}
        row["witness"] = None
        if self.witness is not None:
            operations = [dict(operation) for operation in self.witness.operations]
            row["witness"] = {"sentence": self.witness.sentence, "operations": operations}
        if self.reason:
            row["reason"] = self.reason
        return row | dict(self.counts)
