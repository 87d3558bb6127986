"""Makes the runs of a pytest process, one at a time, and leaves what is told of them where pytest finds it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

import pytest

from chaoskit.engine.rundir import prepare
from chaoskit.errors import ChaoskitError, Exit, StackError
from chaoskit.pytest_plugin import CUT_SHORT, reporting
from chaoskit.pytest_plugin.audience import audience
from chaoskit.pytest_plugin.result import Result
from chaoskit.pytest_plugin.settings import settings
from chaoskit.pytest_plugin.summary import NOT_RUN, SKIPPED, told
from chaoskit.pytest_plugin.words import shown
from chaoskit.report.terminal import decisive
from chaoskit.session.live import LiveStack, live
from chaoskit.session.running import Audience, Manner, run_trial
from chaoskit.session.trials import Trial, draw_seed, seed_of
from chaoskit.wiring import kit
from chaoskit.wiring.kit import Kit

Node = pytest.Item | pytest.Collector


class Harness:
    """Everything that the runs of one pytest process share."""

    def __init__(self, config: pytest.Config) -> None:
        self.settings = settings(config)
        self._config = config
        self._holder: str | None = None
        config.pluginmanager.register(reporting, "chaoskit-reporting")

    def run(self, trial: Trial, node: pytest.Item, *, sets: tuple[str, ...] = ()) -> Result:
        """Make one run on behalf of a test; ``sets`` are those under which its file was read.

        Raises:
            StackError: The machine cannot carry it.
            UsageError: What its file names cannot be used.
            pytest.skip.Exception: The runtime cannot run it.
            pytest.exit.Exception: Interrupted; what was seen is reported.
        """
        with _noted(trial, node), self._alone(node):
            self._skip_unmet(trial, node)
            finished = run_trial(_from_here(trial), self._kit, self._manner(sets))
        judgement = finished.judgement
        verdict = "interrupted" if finished.exit is Exit.INTERRUPTED else judgement.verdict.value
        line = told(trial.name, verdict, decisive(judgement.result), str(judgement.report), judgement.result["seed"])
        node.user_properties.extend(line)
        if finished.exit is Exit.INTERRUPTED:
            self._config.stash.setdefault(CUT_SHORT, []).extend(line)
            pytest.exit(f"interrupted; what was seen: {judgement.report}")
        return Result(data=judgement.result, report=judgement.report.absolute())

    @contextmanager
    def stack(self, trial: Trial, node: Node, *, sets: tuple[str, ...] = ()) -> Iterator[LiveStack]:
        """Bring up the stack of a scenario, without its load and its timeline.

        Raises:
            StackError: The machine cannot carry it.
        """
        with self._alone(node):
            if why := self._kit.refuses(trial.chosen.scenario):
                pytest.skip(why)
            with live(_from_here(trial), self._kit, self._manner(sets)) as stack:
                yield stack

    @cached_property
    def drawn_seed(self) -> int:
        """For scenarios that name none; one for all workers of xdist, whichever of them runs a variant or a trial."""
        worker: dict[str, Any] | None = getattr(self._config, "workerinput", None)
        return draw_seed() if worker is None else seed_of(worker["testrunuid"])

    @cached_property
    def _kit(self) -> Kit:
        return kit(self.settings.runtime, os.environ, self._audience.say)

    @cached_property
    def _audience(self) -> Audience:
        return audience(self._config, loud=self.settings.keep_stack)

    def _manner(self, sets: tuple[str, ...]) -> Manner:
        report_dir = shown(self.settings.report_dir)
        prepare(report_dir)
        return Manner(
            report_dir=report_dir,
            keep_stack=self.settings.keep_stack,
            lock=self.settings.lock,
            sets=sets,
            env=os.environ,
            audience=self._audience,
        )

    def _skip_unmet(self, trial: Trial, node: pytest.Item) -> None:
        if why := self._kit.refuses(trial.chosen.scenario):
            node.user_properties.extend(told(trial.name, SKIPPED, why))
            pytest.skip(why)

    @contextmanager
    def _alone(self, node: Node) -> Iterator[None]:
        """One stack per process: a second would wait for the first one's end for ever, or be measured by it."""
        if self._holder is not None:
            raise StackError(
                f"{node.nodeid} cannot start a stack",
                why=f"the one of {self._holder} is up",
                fix="use one of chaoskit_run and chaoskit_stack in a test, and chaoskit_stack_scope = function",
            )
        monkey = sys.modules.get("gevent.monkey")
        if monkey is not None and monkey.is_module_patched("threading"):
            raise StackError(
                "this process cannot measure anything",
                why="gevent has patched it: something imported locust",
                fix="import no locust in tests; pytest -p no:locust",
            )
        self._holder = node.nodeid
        try:
            yield
        finally:
            self._holder = None


HARNESS = pytest.StashKey[Harness]()


def harness_of(config: pytest.Config) -> Harness:
    """The harness of this process, made when it is first needed."""
    if HARNESS not in config.stash:
        config.stash[HARNESS] = Harness(config)
    return config.stash[HARNESS]


def _from_here(trial: Trial) -> Trial:
    return replace(trial, chosen=replace(trial.chosen, path=shown(trial.chosen.path)))


@contextmanager
def _noted(trial: Trial, node: pytest.Item) -> Iterator[None]:
    """A run that could not be made has its line, too."""
    try:
        yield
    except Exception as error:
        words = error.what if isinstance(error, ChaoskitError) else f"{type(error).__name__}: {error}"
        node.user_properties.extend(told(trial.name, NOT_RUN, words))
        raise
