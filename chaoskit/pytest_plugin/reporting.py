"""What pytest is told of a test that made runs. Registered with the first of them, where tests run."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from chaoskit.errors import StackError
from chaoskit.pytest_plugin.settings import Inconclusive as Means
from chaoskit.pytest_plugin.settings import settings
from chaoskit.pytest_plugin.verdicts import Inconclusive
from chaoskit.session.live import Unproved


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what kind of failure it is, and link the reports of its runs."""
    report = yield
    error = None if call.excinfo is None else call.excinfo.value
    if report.outcome == "failed" and isinstance(error, Inconclusive | Unproved):
        _inconclusive(report, item, str(error))
    elif report.outcome == "failed" and isinstance(error, StackError):
        report.chaoskit_kind = "environment"  # type: ignore[attr-defined]  # travels with the report
    _link(report, item)
    return report


def _inconclusive(report: pytest.TestReport, item: pytest.Item, words: str) -> None:
    report.chaoskit_kind = "inconclusive"  # type: ignore[attr-defined]  # travels with the report
    means = settings(item.config).inconclusive
    if means is Means.FAIL:
        return
    report.outcome = "skipped"
    if means is Means.XFAIL:
        report.wasxfail = words
    else:
        file, line, _ = item.location
        report.longrepr = (file, (line or 0) + 1, f"Skipped: {words}")


def _link(report: pytest.TestReport, item: pytest.Item) -> None:
    """Link the reports in the page of pytest-html, where there is one."""
    page = item.config.getoption("htmlpath", None)
    made = [Path(str(path)) for name, path in item.user_properties if name == "chaoskit_report"]
    if report.when != "call" or not page or not made:
        return
    import pytest_html

    where = Path(page).absolute().parent
    links = [pytest_html.extras.url(os.path.relpath(path, where), name="chaoskit report") for path in made]
    extras: list[Any] = getattr(report, "extras", [])
    report.extras = [*extras, *links]  # type: ignore[attr-defined]  # pytest-html's way
