"""Projects of users, on which a pytest of their own is run with the plugin."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

import chaoskit
from chaoskit.processes import Launcher, Process, descendants, kill
from chaoskit.toolchain.cache import cache_dir

PACKAGE = Path(chaoskit.__file__).parents[1]
INSTALLED = bool(entry_points(group="pytest11", name="chaoskit"))
PLUGIN = () if INSTALLED else ("-p", "chaoskit.pytest_plugin")
"""What an installed package's entry point does by itself."""
CACHE = cache_dir(os.environ)  # before anybody moves home
INI = "[pytest]\naddopts = -p no:locust --strict-markers\nfilterwarnings = error\n"
QUIET = """\
chaoskit: 1
name: {name}
question: Does nothing happen?
tags: [{tags}]
stack:
  regions: [us-east, eu-west]
  network: {{rtt: {{default: 10ms}}}}
load: {{users: {{default: 1}}, probes: {{rate: 5/s}}}}
steady_state: {{for: 1s, availability: 90%, within: 30s}}
duration: 1s
"""
RUN_TIMEOUT_S = 400


def environment() -> dict[str, str]:
    """The package under test, installed or not, and the tools that it has built."""
    return {"PYTHONPATH": str(PACKAGE), "CHAOSKIT_CACHE": str(CACHE), "COLUMNS": "200"}


class Quick:
    """A project whose scenarios are collected and never run."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.path, self._pytester = pytester.path, pytester
        pytester.makeini(INI)

    def scenario(self, where: str, *tags: str, more: str = "") -> Path:
        """Write a scenario that is named like its file."""
        path = self.path / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(QUIET.format(name=path.name.partition(".")[0], tags=", ".join(tags)) + more)
        return path

    def test(self, text: str) -> None:
        """Write the project's own tests."""
        self._pytester.makepyfile(test_own=text)

    def __call__(self, *words: str, plugin: bool = True) -> pytest.RunResult:
        """Run pytest as a process of its own."""
        return self._pytester.runpytest_subprocess(*(PLUGIN if plugin else ("-p", "no:chaoskit")), *words, timeout=60)

    def collected(self, *words: str) -> list[str]:
        """The ids that pytest collects."""
        lines = self(*words, "--collect-only", "-q").outlines
        return [line for line in lines if "::" in line]


@pytest.fixture
def quick(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Quick:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    return Quick(pytester)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One test as JUnit has it. ``outcome``: passed, failure, error, skipped."""

    outcome: str
    message: str
    text: str
    properties: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Session:
    """A pytest that has ended."""

    code: int
    out: str
    directory: Path

    @property
    def table(self) -> list[str]:
        """The lines that the plugin adds to the end."""
        found = re.search(r"^=+ chaoskit =+\n(.*?)^[-=!]{3}", self.out, re.DOTALL | re.MULTILINE)
        return found[1].splitlines() if found else []

    @property
    def cases(self) -> dict[str, Case]:
        """By name."""
        tree = ElementTree.parse(self.directory / "results.xml")
        return {case.attrib["name"]: _case(case) for case in tree.iter("testcase")}


def _case(case: ElementTree.Element) -> Case:
    ends = [part for part in case if part.tag in ("failure", "error", "skipped")]
    end = ends[0] if ends else None
    return Case(
        outcome="passed" if end is None else end.tag,
        message="" if end is None else end.attrib.get("message", ""),
        text="" if end is None else end.text or "",
        properties={p.attrib["name"]: p.attrib["value"] for p in case.iter("property")},
    )


class Project:
    """A project whose scenarios are run on real servers."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.state = directory, directory / "state"
        self._launcher = Launcher(run="tests", logs=directory / "logs", started=lambda _name, _process: None)
        self._started: list[Process] = []
        self.write("pytest.ini", INI)

    def write(self, where: str, text: str) -> None:
        """Write a file of the project."""
        path = self.directory / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self, *words: str) -> Process:
        """Start pytest."""
        argv = [sys.executable, "-m", "pytest", *PLUGIN, *words]
        env = environment() | {"XDG_STATE_HOME": str(self.state), "PYTEST_ADDOPTS": ""}
        process = self._launcher.start(f"pytest-{len(self._started)}", argv, env=env, cwd=self.directory)
        self._started.append(process)
        return process

    def finish(self, process: Process) -> Session:
        """Wait for its end."""
        assert process.end(timeout_s=RUN_TIMEOUT_S), self._said(process)
        return Session(code=process.popen.returncode, out=self._said(process), directory=self.directory)

    def __call__(self, *words: str) -> Session:
        """Run pytest to its end."""
        return self.finish(self.start(*words))

    def unfinished(self) -> list[Path]:
        """Runs that left something behind."""
        return [*(self.state / "chaoskit" / "runs").glob("*.json")]

    def close(self) -> None:
        """Whatever a test did not finish."""
        for process in self._started:
            kill(descendants(process.pid))
            process.stop()

    def _said(self, process: Process) -> str:
        return self._launcher.log_path(process.name).read_text()


@pytest.fixture(scope="session")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Project]]:
    """Makes projects; what they started is gone at the end."""
    made: list[Project] = []

    def make() -> Project:
        made.append(Project(tmp_path_factory.mktemp("project")))
        return made[-1]

    yield make
    for project in made:
        project.close()
