"""Trials: how often a scenario is run, and the seed of each."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaoskit import planning
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Scenario

SEEDS = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A scenario that is to be used.

    Attributes:
        found: It was found in a folder, not named.
        sets: ``PATH=VALUE`` that changed this scenario alone.
    """

    path: Path
    scenario: Scenario
    found: bool
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run to be made: trial ``number`` of ``total`` of a scenario."""

    chosen: Chosen
    plan: Plan
    number: int
    total: int

    @property
    def name(self) -> str:
        """The scenario's title, and which trial it is where there are several."""
        title = self.chosen.scenario.title
        return title if self.total == 1 else f"{title} {self.number}/{self.total}"


def all_trials(
    chosen: Sequence[Chosen], *, total: int | None, seed: int | None, drawn: int
) -> tuple[tuple[Trial, ...], ...]:
    """Plan every trial of several scenarios, as ``trials`` does of one.

    Args:
        chosen: The scenarios.
        total: How many of each; None: as many as its file says.
        seed: The base of all seeds that was asked for; None: none was.
        drawn: The base where neither anybody nor the file names one. It is the same for all: variants of a file then
            differ in what their overlays say, not in what was drawn.
    """
    return tuple(trials(one, total=total, seed=base_seed(one.scenario, seed, drawn)) for one in chosen)


def trials(chosen: Chosen, *, total: int | None, seed: int) -> tuple[Trial, ...]:
    """Plan every trial of a scenario.

    Args:
        chosen: The scenario.
        total: How many; None: as many as the file says.
        seed: The base of all seeds.
    """
    count = chosen.scenario.trials if total is None else total
    return tuple(
        Trial(chosen=chosen, plan=_plan(chosen, trial_seed(seed, number)), number=number, total=count)
        for number in range(1, count + 1)
    )


def draw_seed() -> int:
    """A seed for whatever names none."""
    return secrets.randbelow(SEEDS)


def seed_of(text: str) -> int:
    """The seed that belongs to a text: 4 bytes of its SHA-256, mod 2^31."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % SEEDS


def base_seed(scenario: Scenario, asked: int | None, drawn: int) -> int:
    """The seed that was asked for, or the file's, or the one that was drawn."""
    return next(seed for seed in (asked, scenario.seed, drawn) if seed is not None)


def trial_seed(base: int, number: int) -> int:
    """The seed of a trial: of the first the base; of others that of ``<base>/<number>``.

    So trial 1 is what a single run with that seed would be, and any trial can be repeated by its own seed.
    """
    return base if number == 1 else seed_of(f"{base}/{number}")


def seeds_text(of: Sequence[Trial]) -> str:
    """``region-loss: 3 trials, seeds 7, 1201, 98``."""
    seeds = ", ".join(str(trial.plan.seed) for trial in of)
    title = of[0].chosen.scenario.title
    return f"{title}: seed {seeds}" if len(of) == 1 else f"{title}: {len(of)} trials, seeds {seeds}"


def _plan(chosen: Chosen, seed: int) -> Plan:
    return planning.plan(chosen.scenario, seed=seed, run=secrets.token_hex(3))
