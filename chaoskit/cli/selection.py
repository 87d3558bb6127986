"""Which scenarios a command is about: files as named, folders searched, narrowed by name and by tag."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaoskit import planning, scenario_file
from chaoskit.cli.expression import wanted
from chaoskit.cli.voice import say
from chaoskit.errors import UsageError
from chaoskit.session.trials import Chosen

PATTERN = "*.chaos.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which of the scenarios found are wanted: by ``expression`` (``-k``), and having any of ``tags``."""

    expression: str = ""
    tags: tuple[str, ...] = ()

    def keep(self, chosen: Sequence[Chosen]) -> tuple[Chosen, ...]:
        """Return those that are wanted.

        Raises:
            UsageError: None is, or the expression cannot be read.
        """
        by_name = wanted(self.expression) if self.expression.strip() else lambda _name: True
        kept = tuple(
            one
            for one in chosen
            if by_name(one.scenario.title) and (not self.tags or set(self.tags) & set(one.scenario.tags))
        )
        if not kept:
            names = ", ".join(dict.fromkeys(one.scenario.title for one in chosen))
            tags = ", ".join(sorted({tag for one in chosen for tag in one.scenario.tags})) or "none"
            raise UsageError("no scenario is selected", why=f"there are {names}; tags: {tags}", fix="see -k and --tag")
        return kept


def load(paths: Sequence[Path], sets: Sequence[str] = ()) -> tuple[Chosen, ...]:
    """Read every scenario that ``paths`` name or hold, in their order; a folder's are sorted. Each file is read once.

    A file with a ``matrix`` holds one for each of its variants.

    Raises:
        UsageError: A folder holds none, or files have errors: all of them are told.
    """
    chosen: list[Chosen] = []
    errors: dict[str, UsageError] = {}  # by their words: what is wrong with --set is wrong in every file
    for path, found in _files(paths):
        try:
            for scenario in scenario_file.load_all(path, sets):
                planning.plan(scenario, seed=scenario.seed or 0, run="000000")
                chosen.append(Chosen(path=path, scenario=scenario, found=found))
        except UsageError as error:
            errors[str(error)] = error
    if not errors:
        return tuple(chosen)
    *others, last = errors.values()
    for wrong in others:
        say(f"chaoskit: {wrong}")
    raise last


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    seen: set[Path] = set()
    for path in paths:
        found = path.is_dir()
        files = sorted(path.rglob(PATTERN)) if found else [path]
        if not files:
            raise UsageError(f"no {PATTERN} in {path}", fix="name a scenario file, or a folder that holds some")
        for file in files:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, found
