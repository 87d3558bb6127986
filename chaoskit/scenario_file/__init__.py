"""YAML text to a Scenario and back: the file's keys, its words, and the position of every error."""

from collections.abc import Sequence
from pathlib import Path

from chaoskit.errors import UsageError
from chaoskit.model.scenario import Scenario
from chaoskit.scenario_file.json_schema import schema
from chaoskit.scenario_file.overlay import overlaid
from chaoskit.scenario_file.problems import Mark, Problem, Report, ScenarioErrors
from chaoskit.scenario_file.resolved import resolved
from chaoskit.scenario_file.scenario import read_scenario
from chaoskit.scenario_file.tree import read_tree

__all__ = ["Problem", "ScenarioErrors", "load", "parse", "resolved", "schema"]


def load(path: Path, sets: Sequence[str] = ()) -> Scenario:
    """Read and check a scenario file under ``sets``, each ``PATH=VALUE``.

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
    return parse(text, str(path), sets)


def parse(text: str, name: str, sets: Sequence[str] = (), *, here: bool = True) -> Scenario:
    """Check ``text`` as a scenario file.

    Args:
        text: The file.
        name: Its path; stands in messages, and what the file names is sought beside it.
        sets: What overrides the file: each ``PATH=VALUE``, such as ``stack.replication=async``.
        here: False: the file was checked where it ran, so other files that it names need not exist.

    Raises:
        ScenarioErrors: It cannot be run as written; holds every problem.
    """
    report = Report(name, text, here=here)
    root = read_tree(report, text)
    scenario = read_scenario(report, overlaid(report, root, sets)) if root is not None else None
    if scenario is None or report.problems:
        raise ScenarioErrors(report.problems)
    return scenario
