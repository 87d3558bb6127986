"""What else was new when a series changed: the scenario, a version, the machine."""

from collections.abc import Iterator, Mapping, Sequence

from chaoskit.archive.kept import Kept
from chaoskit.model.series import Change
from chaoskit.report.reading import part, text

SCENARIO = "scenario"


def conditions(run: Kept) -> Mapping[str, str]:
    """What a run was made of and where, word by word."""
    environment = part(run.row, "environment")
    found = {name: str(value) for name, value in environment.items() if name != "versions" and value is not None}
    found |= {f"{name} version": str(value) for name, value in part(environment, "versions").items()}
    return found | {SCENARIO: text(run.row, "digest")}


def news(runs: Sequence[Kept], change: Change) -> tuple[str, ...]:
    """What the runs of one scenario had when the change was told that they had not had before it."""
    before = [run for run in runs if run.night < change.since]
    now = [run for run in runs if run.night == change.told]
    if not before or not now:
        return ()
    return tuple(differences(conditions(before[-1]), conditions(now[0])))


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """``postgresql version 18.4 → 18.5``, ``scenario changed``."""
    for name in dict.fromkeys((*old, *new)):
        first, second = old.get(name, ""), new.get(name, "")
        if first != second:
            yield f"{name} changed" if name == SCENARIO else f"{name} {first or 'unknown'} → {second or 'unknown'}"
