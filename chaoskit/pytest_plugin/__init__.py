"""The pytest plugin. pytest imports this module in every project, so all that costs is imported when it is needed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chaoskit.pytest_plugin.collection import ScenarioFile
    from chaoskit.pytest_plugin.fixtures import Runner
    from chaoskit.session.live import LiveStack

SUFFIX = ".chaos.yaml"
FIXTURES = frozenset({"chaoskit_run", "chaoskit_stack"})
MARKER = (
    "chaoskit(path, *more, variant=None, sets=(), seed=None): "
    "the scenario of the fixtures chaoskit_run and chaoskit_stack"
)
ASKED = "chaoskit_asked"
SCOPES = ("function", "class", "module")
STATUS = {
    "inconclusive": ("failed", "?", ("INCONCLUSIVE", {"yellow": True})),
    "environment": ("error", "E", ("ERROR", {"red": True})),
}
"""How pytest counts, abbreviates and calls what is neither right nor wrong."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every option is an ini option, too; what the command line says wins."""
    group = parser.getgroup("chaoskit", "chaoskit: scenarios that break a multi-region PostgreSQL")

    def add(name: str, text: str, *, default: str = "", **more: Any) -> None:
        group.addoption(f"--chaoskit-{name}", default=None, help=text, **more)
        parser.addini(f"chaoskit_{name.replace('-', '_')}", text, default=default)

    def flag(name: str, text: str) -> None:
        group.addoption(f"--chaoskit-{name}", action="store_true", default=None, help=text)
        parser.addini(f"chaoskit_{name.replace('-', '_')}", text, type="bool", default=False)

    add("report-dir", "Where run directories are made (reports, beside the ini file)", default="reports")
    add("trials", "Run each scenario so often; overrides the file's", type=int)
    add("seed", "The base of all seeds; overrides the files'", type=int)
    add("runtime", "What the stack runs on (local)", default="local")
    flag("keep-stack", "Keep the stack up after the run until Ctrl-C; for one scenario, with no workers")
    flag("no-lock", "Do not wait for another run on this machine")
    judged = ("fail", "skip", "xfail")
    add("inconclusive", "What an inconclusive run is to pytest: fail, skip or xfail", default="fail", choices=judged)
    parser.addini("chaoskit_stack_scope", f"Scope of chaoskit_stack: {', '.join(SCOPES)}", default="function")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; tags of scenarios are registered as they are collected."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist whether paths were named: it is always given some."""
    node.workerinput[ASKED] = _asked(node.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Collect scenarios below paths that were named, on the command line or in ``testpaths``, and nowhere else."""
    if not file_path.name.endswith(SUFFIX) or not _asked(parent.config):
        return None
    from chaoskit.pytest_plugin.collection import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def _asked(config: pytest.Config) -> bool:
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        return bool(worker[ASKED])
    return config.args_source is not pytest.Config.ArgsSource.INVOCATION_DIR


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A marker that names several scenarios makes a test of each."""
    marker = metafunc.definition.get_closest_marker("chaoskit")
    if marker is None or len(marker.args) < 2:
        return
    names = [str(path).rpartition("/")[2].removesuffix(SUFFIX) for path in marker.args]
    for fixture in sorted(FIXTURES & set(metafunc.fixturenames)):
        metafunc.parametrize(fixture, marker.args, indirect=True, ids=names)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark tests that start stacks, so that ``-m "not chaoskit"`` leaves out them, too."""
    if FIXTURES.intersection(getattr(item, "fixturenames", ())) and item.get_closest_marker("chaoskit") is None:
        item.add_marker("chaoskit")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to keep several stacks: each waits for its Ctrl-C."""
    config = session.config
    if not (config.getoption("chaoskit_keep_stack") or config.getini("chaoskit_keep_stack")):
        return
    count = sum(item.get_closest_marker("chaoskit") is not None for item in session.items)
    if count > 1 or hasattr(config, "workerinput"):
        raise pytest.UsageError("--chaoskit-keep-stack waits for Ctrl-C: select one test, and run it without -n")


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, Any] | None:
    """Inconclusive is a failure of its own kind; what the machine could not carry is an error."""
    kind = getattr(report, "chaoskit_kind", None)
    return STATUS[kind] if kind is not None and report.outcome == "failed" else None


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """One line per run."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    told = [pair for report in reports for pair in getattr(report, "user_properties", ())]
    if any(name == "chaoskit_run" for name, _ in told) or _cut_short(config):
        from chaoskit.pytest_plugin.summary import write

        write(terminalreporter, reports, _cut_short(config))


CUT_SHORT = pytest.StashKey[list[tuple[str, object]]]()
"""What is told of a run that Ctrl-C ended: pytest makes no report of its test."""


def _cut_short(config: pytest.Config) -> Sequence[tuple[str, object]]:
    return config.stash.get(CUT_SHORT, [])


@pytest.fixture
def chaoskit_run(request: pytest.FixtureRequest) -> "Runner":
    """Run a scenario: ``chaoskit_run("scenarios/x.chaos.yaml")``, or the marker's; a typed result."""
    from chaoskit.pytest_plugin.fixtures import runner

    return runner(request)


def _stack_scope(fixture_name: str, config: pytest.Config) -> Any:  # noqa: ARG001 - pytest passes it by name
    scope = config.getini("chaoskit_stack_scope")
    if scope not in SCOPES:
        raise pytest.UsageError(f"chaoskit_stack_scope = {scope}: one of {', '.join(SCOPES)}")
    return scope


@pytest.fixture(scope=_stack_scope)
def chaoskit_stack(request: pytest.FixtureRequest) -> "Iterator[LiveStack]":
    """The live stack of the marker's scenario, to drive by hand; healed and gone afterwards."""
    from chaoskit.pytest_plugin.fixtures import live_stack

    with live_stack(request) as stack:
        yield stack
