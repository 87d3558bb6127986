"""A whole file: read, taken apart into its variants, and each of them checked like a file of its own."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chaoskit.errors import UsageError
from chaoskit.model.scenario import Scenario
from chaoskit.scenario_file.matrix import Variant, variants
from chaoskit.scenario_file.overlay import overlaid
from chaoskit.scenario_file.problems import Mark, Problem, Report, ScenarioErrors, did_you_mean, one_of
from chaoskit.scenario_file.scenario import read_scenario
from chaoskit.scenario_file.tree import read_tree


def load_all(path: Path, sets: Sequence[str] = ()) -> tuple[Scenario, ...]:
    """Read and check every variant of a file, each under ``sets``; of a file without ``matrix`` the one scenario.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
        UsageError: It cannot be read.
    """
    return parse_all(_text(path), str(path), sets)


def load(path: Path, sets: Sequence[str] = (), *, variant: str | None = None) -> Scenario:
    """Read and check one scenario of a file under ``sets``, each ``PATH=VALUE``; for the rest see ``parse``.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
        UsageError: It cannot be read, or it is not clear which variant is meant.
    """
    return parse(_text(path), str(path), sets, variant=variant)


def parse_all(text: str, name: str, sets: Sequence[str] = ()) -> tuple[Scenario, ...]:
    """Check ``text`` as ``load_all`` does a file; ``name`` is its path.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
    """
    report = Report(name, text)
    return _checked(report, _variants(report), sets)


def parse(text: str, name: str, sets: Sequence[str] = (), *, variant: str | None = None, here: bool = True) -> Scenario:
    """Check ``text`` as a scenario file, and return one scenario of it.

    Args:
        text: The file.
        name: Its path; stands in messages, and what the file names is sought beside it.
        sets: What overrides the file: each ``PATH=VALUE``, such as ``stack.replication=async``.
        variant: Which one, where the file has a ``matrix``; nothing else of it is then checked. None: the only one.
        here: False: the file was checked where it ran, so other files that it names need not exist.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
        UsageError: It is not clear which variant is meant.
    """
    report = Report(name, text, here=here)
    (scenario,) = _checked(report, (_chosen(report, _variants(report), variant),), sets)
    return scenario


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}", why=error.strerror or str(error), fix="name a scenario file: scenarios/*.chaos.yaml"
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sound = data[: error.start].decode("utf-8-sig")
        report = Report(str(path), sound)
        mark = Mark(line=sound.count("\n") + 1, column=len(sound) - sound.rfind("\n"))
        report.add(mark, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")
        raise ScenarioErrors(report.problems) from error


def _variants(report: Report) -> tuple[Variant, ...]:
    """Every variant, at least one.

    Raises:
        ScenarioErrors: It cannot be said what they would be.
    """
    root = read_tree(report, report.text)
    found = () if root is None else variants(report, root)
    if not found:
        raise ScenarioErrors(report.problems)
    return found


def _chosen(report: Report, found: Sequence[Variant], name: str | None) -> Variant:
    if len(found) == 1 and name is None:
        return found[0]
    names = [variant.name for variant in found if variant.name is not None]
    if name is None:
        fix = f'say which: variant="{names[0]}"'
        raise UsageError(f"{report.file} holds {len(names)} variants", why=", ".join(names), fix=fix)
    if name not in names:
        fix = did_you_mean(name, names) or one_of(names) if names else "name no variant"
        why = "" if names else "it has no `matrix`"
        raise UsageError(f"{report.file} has no variant {name}", why=why, fix=fix)
    return found[names.index(name)]


def _checked(report: Report, found: Sequence[Variant], sets: Sequence[str]) -> tuple[Scenario, ...]:
    """Read each variant. A problem that several have is told once."""
    scenarios: list[Scenario] = []
    wrong: dict[Problem, list[str | None]] = {}
    for variant in found:
        own = report.fresh()
        scenario = read_scenario(own, overlaid(own, variant.tree, sets))
        if scenario is not None:
            scenarios.append(replace(scenario, variant=variant.name))
        for problem in dict.fromkeys(own.problems):
            wrong.setdefault(problem, []).append(variant.name)
    problems = [*report.problems, *(_told(problem, names, len(found)) for problem, names in wrong.items())]
    if problems:
        raise ScenarioErrors(problems)
    return tuple(scenarios)


def _told(problem: Problem, names: Sequence[str | None], total: int) -> Problem:
    """What not every variant has says which do."""
    if len(names) == total:
        return problem
    place = f"in the variant `{names[0]}`" if len(names) == 1 else f"in {len(names)} variants, such as `{names[0]}`"
    return replace(problem, message=f"{place}: {problem.message}")
