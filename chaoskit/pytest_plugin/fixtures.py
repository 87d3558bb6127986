"""What the fixtures do: they run the scenario that a test names, or hand it that scenario's live stack."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chaoskit import scenario_file
from chaoskit.errors import UsageError
from chaoskit.pytest_plugin.harness import Harness, harness_of
from chaoskit.pytest_plugin.result import Result
from chaoskit.pytest_plugin.words import shown
from chaoskit.session.live import LiveStack
from chaoskit.session.trials import Chosen, Trial, base_seed, draw_seed, trials

EXAMPLE = '@pytest.mark.chaoskit("scenarios/region-loss.chaos.yaml")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which scenario a test is about, and what it changes in it."""

    path: str | None
    variant: str | None = None
    sets: tuple[str, ...] = ()
    seed: int | None = None


class Runner:
    """The fixture ``chaoskit_run``: call it to run a scenario."""

    def __init__(self, harness: Harness, node: pytest.Item, wanted: Wanted, root: Path) -> None:
        self._harness, self._node, self._wanted, self._root = harness, node, wanted, root

    def __call__(
        self,
        path: str | Path | None = None,
        *,
        variant: str | None = None,
        sets: Sequence[str] | None = None,
        seed: int | None = None,
    ) -> Result:
        """Run a scenario once, and judge it.

        Args:
            path: The file, from pytest's rootdir; None: the marker's.
            variant: Which one, of a file with a ``matrix``; None: the marker's.
            sets: ``PATH=VALUE`` that change it, like ``stack.replication=async``; None: the marker's.
            seed: None: the marker's, else the file's, else drawn.

        Raises:
            UsageError: The file, or ``sets``, is wrong, or it has several variants and none is named.
            StackError: The machine cannot carry the run.
        """
        asked = replace(
            self._wanted,
            path=self._wanted.path if path is None else str(path),
            variant=self._wanted.variant if variant is None else variant,
            sets=self._wanted.sets if sets is None else tuple(sets),
            seed=self._wanted.seed if seed is None else seed,
        )
        return self._harness.run(_trial(asked, self._harness, self._root), self._node, sets=asked.sets)


def runner(request: pytest.FixtureRequest) -> Runner:
    """The fixture ``chaoskit_run`` of a test."""
    harness = harness_of(request.config)
    return Runner(harness, request.node, _wanted(request), request.config.rootpath)


def live_stack(request: pytest.FixtureRequest) -> AbstractContextManager[LiveStack]:
    """The fixture ``chaoskit_stack`` of a test, a class or a module."""
    wanted = _wanted(request)
    harness = harness_of(request.config)
    return harness.stack(_trial(wanted, harness, request.config.rootpath), request.node, sets=wanted.sets)


def _wanted(request: pytest.FixtureRequest) -> Wanted:
    """What the nearest marker says; of several files the one that pytest chose for this test."""
    marker = request.node.get_closest_marker("chaoskit")
    args, more = (marker.args, dict(marker.kwargs)) if marker else ((), {})
    path = getattr(request, "param", args[0] if args else None)
    known = {"variant": more.pop("variant", None), "seed": more.pop("seed", None)}
    wanted = Wanted(path=path, sets=tuple(more.pop("sets", ())), **known)
    if more:
        raise UsageError(f"the marker chaoskit takes no {', '.join(more)}", fix="it takes variant, sets and seed")
    return wanted


def _trial(wanted: Wanted, harness: Harness, root: Path) -> Trial:
    if wanted.path is None:
        raise UsageError("no scenario is named", why="neither here nor by a marker", fix=EXAMPLE)
    path = root / wanted.path
    scenario = scenario_file.load(shown(path), wanted.sets, variant=wanted.variant)
    asked = harness.settings.seed if wanted.seed is None else wanted.seed
    seed = base_seed(scenario, asked, draw_seed())
    (trial,) = trials(Chosen(path=path, scenario=scenario, found=True), total=1, seed=seed)
    return trial
