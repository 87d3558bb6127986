"""A run that was asked for and has no result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrun:
    """``scenario``: with its variant.

    ``skipped``: on purpose, because it is not for this machine; else the environment failed it, or time ran out.
    """

    scenario: str
    trial: int
    why: str
    skipped: bool
