"""Scenario files as test files, and each trial of each of their variants as a test."""

import os
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from chaoskit import scenario_file
from chaoskit.errors import ChaoskitError, UsageError
from chaoskit.pytest_plugin.harness import Harness, harness_of
from chaoskit.pytest_plugin.result import Result
from chaoskit.pytest_plugin.verdicts import Inconclusive, Missed
from chaoskit.session.trials import Chosen, Trial, all_trials


class ScenarioFile(pytest.File):
    """A ``*.chaos.yaml`` file."""

    def collect(self) -> Iterable["ScenarioItem"]:
        """One test per variant and trial; a wrong file is a collection error that tells every mistake."""
        try:
            harness = harness_of(self.config)
            scenarios = scenario_file.load_all(Path(os.path.relpath(self.path, self.config.invocation_params.dir)))
            chosen = [Chosen(path=self.path, scenario=scenario, found=True) for scenario in scenarios]
            made = all_trials(
                chosen, total=harness.settings.trials, seed=harness.settings.seed, drawn=harness.drawn_seed
            )
        except (UsageError, pytest.UsageError) as error:
            raise self.CollectError(str(error)) from error
        for trial in chain.from_iterable(made):
            item = ScenarioItem.from_parent(self, name=_name(trial), harness=harness, trial=trial)
            _mark(item, trial.chosen.scenario.tags)
            yield item


class ScenarioItem(pytest.Item):
    """One run. Its setup makes it, so that what the machine cannot carry is an error; its call judges it."""

    def __init__(self, *, harness: Harness, trial: Trial, name: str, parent: ScenarioFile) -> None:
        super().__init__(name, parent)
        self._harness, self._trial = harness, trial
        self._result: Result | None = None

    def setup(self) -> None:
        """Run the scenario."""
        if not self.config.getoption("setupplan"):
            self._result = self._harness.run(self._trial, self)

    def runtest(self) -> None:
        """Hold the run to its objectives; those that were expected to be missed make it an xfail."""
        assert self._result is not None
        self._result.check()
        if missed := self._result.missed_as_expected:
            pytest.xfail("; ".join(f"{objective.name}: {objective.because}" for objective in missed))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Positions and figures; no traceback where nothing of it would help."""
        if isinstance(excinfo.value, Missed | Inconclusive | ChaoskitError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, and the test's name."""
        return self.path, 0, self.name


def _name(trial: Trial) -> str:
    """``region-loss[any1-t3]``: variant and trial, as far as there are several."""
    scenario = trial.chosen.scenario
    words = [scenario.variant or "", f"t{trial.number}" if trial.total > 1 else ""]
    inside = "-".join(word for word in words if word)
    return f"{scenario.name}[{inside}]" if inside else scenario.name


def _mark(item: pytest.Item, tags: Sequence[str]) -> None:
    """Mark a test by its scenario's tags.

    A tag that nobody registered is registered, for ``--strict-markers``. One that pytest or a plugin takes for a marker
    with arguments (``skip``, ``timeout``) is left out: it would not be a tag there.
    """
    item.add_marker("chaoskit")
    known = dict(_marker(line) for line in item.config.getini("markers"))
    for tag in tags:
        if tag not in known:
            item.config.addinivalue_line("markers", f"{tag}: a tag of chaoskit scenarios")
        if not known.get(tag, False):
            item.add_marker(tag)


def _marker(line: str) -> tuple[str, bool]:
    """The name of a registered marker, and whether it takes arguments."""
    head = line.partition(":")[0]
    name, bracket, _ = head.partition("(")
    return name.strip(), bool(bracket)
