"""YAML text to a Scenario and back: the file's keys, its words, and the position of every error."""

from pathlib import Path

from chaoskit.errors import UsageError
from chaoskit.model.scenario import Scenario
from chaoskit.scenario_file.json_schema import schema
from chaoskit.scenario_file.problems import Mark, Problem, Report, ScenarioErrors
from chaoskit.scenario_file.resolved import resolved
from chaoskit.scenario_file.scenario import read_scenario
from chaoskit.scenario_file.tree import read_tree

__all__ = ["Problem", "ScenarioErrors", "load", "parse", "resolved", "schema"]


def load(path: Path) -> Scenario:
    """Read and check a scenario file.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
        UsageError: It cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {path}", why=error.strerror or str(error), fix="name a scenario file: scenarios/*.chaos.yaml"
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sound = data[: error.start].decode("utf-8-sig")
        report = Report(str(path), sound)
        mark = Mark(line=sound.count("\n") + 1, column=len(sound) - sound.rfind("\n"))
        report.add(mark, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")
        raise ScenarioErrors(report.problems) from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Scenario:
    """Check ``text`` as a scenario file; ``name`` stands in messages.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
    """
    report = Report(name, text)
    root = read_tree(report, text)
    scenario = read_scenario(report, root) if root is not None else None
    if scenario is None or report.problems:
        raise ScenarioErrors(report.problems)
    return scenario
