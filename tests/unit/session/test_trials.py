"""Trials: which seed each has, so that any of them can be repeated."""

from dataclasses import replace
from pathlib import Path

import pytest

from chaoskit import scenario_file
from chaoskit.model.scenario import Scenario
from chaoskit.session.trials import SEEDS, Chosen, all_trials, base_seed, draw_seed, seeds_text, trial_seed, trials

TEXT = "chaoskit: 1\nname: quiet\nquestion: q\nstack: {regions: [us-east]}\nduration: 5s\n"


@pytest.fixture
def scenario() -> Scenario:
    return scenario_file.parse(TEXT, "quiet.chaos.yaml")


def chosen(scenario: Scenario) -> Chosen:
    return Chosen(path=Path("quiet.chaos.yaml"), scenario=scenario, found=False)


def test_the_first_trial_is_what_a_single_run_with_that_seed_would_be() -> None:
    assert trial_seed(7, 1) == 7


def test_seeds_of_trials_are_the_same_on_every_machine_and_differ_from_each_other() -> None:
    assert trial_seed(7, 2) == 462121814
    assert len({trial_seed(7, number) for number in range(1, 101)}) == 100
    assert all(0 <= trial_seed(7, number) < SEEDS for number in range(1, 101))


def test_the_command_line_outranks_the_file_and_the_file_a_draw(scenario: Scenario) -> None:
    assert base_seed(replace(scenario, seed=5), 9, 1) == 9
    assert base_seed(replace(scenario, seed=5), 0, 1) == 0
    assert base_seed(replace(scenario, seed=5), None, 1) == 5
    assert base_seed(scenario, None, 1) == 1
    assert 0 <= draw_seed() < SEEDS


def test_a_file_s_trials_are_made_unless_the_command_line_says_how_many(scenario: Scenario) -> None:
    of_file = trials(chosen(replace(scenario, trials=3)), total=None, seed=7)
    assert [(trial.number, trial.total, trial.plan.seed) for trial in of_file] == [
        (number, 3, trial_seed(7, number)) for number in (1, 2, 3)
    ]
    assert len(trials(chosen(replace(scenario, trials=3)), total=1, seed=7)) == 1


def test_where_a_seed_is_drawn_all_scenarios_of_a_series_have_the_same(scenario: Scenario) -> None:
    variants = [chosen(replace(scenario, variant=variant)) for variant in ("a", "b")]
    own = chosen(replace(scenario, variant="c", seed=5))
    seeds = [[trial.plan.seed for trial in of] for of in all_trials([*variants, own], total=3, seed=None, drawn=5)]
    assert seeds[0] == seeds[1]
    assert seeds[2] == [trial_seed(5, number) for number in (1, 2, 3)]
    asked = all_trials([*variants, own], total=1, seed=7, drawn=5)
    assert [trial.plan.seed for (trial,) in asked] == [7, 7, 7]
    assert [trial.name for (trial,) in asked] == ["quiet[a]", "quiet[b]", "quiet[c]"]


def test_every_trial_is_a_run_of_its_own(scenario: Scenario) -> None:
    runs = [trial.plan.run for trial in trials(chosen(scenario), total=5, seed=7)]
    assert len(set(runs)) == 5


def test_all_seeds_are_told(scenario: Scenario) -> None:
    made = trials(chosen(scenario), total=2, seed=7)
    assert seeds_text(made) == f"quiet: 2 trials, seeds 7, {trial_seed(7, 2)}"
    assert [trial.name for trial in made] == ["quiet 1/2", "quiet 2/2"]
