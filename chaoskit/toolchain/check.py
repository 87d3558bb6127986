"""What ``doctor`` says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of ``doctor``.

    Attributes:
        name: What was looked for.
        version: Its version, or how much of it there is; "" where nothing was found.
        found: Where, or why not.
        ok: Whether a local run can do with what there is.
        fix: The way out; "" where none is needed.
    """

    name: str
    version: str
    found: str
    ok: bool = True
    fix: str = ""
