"""What pytest collects, and what it does not; nothing is run."""

from typing import Any

import pytest

from chaoskit.session.trials import trial_seed

VARIANTS = """\
matrix: {replication: {async: {}, any1: {trials: 2, tags: [quorum], stack: {replication: {quorum: {any: 1}}}}}}
"""
SECOND = ["loss.chaos.yaml::loss[any1-t2]"]
SLOW_TO_IMPORT = ("ruamel", "pydantic", "typer", "rich", "pandas", "numpy", "pyarrow", "psycopg", "locust", "gevent")
SHOW_MODULES = """\
import pathlib, sys
def pytest_sessionfinish(session):
    pathlib.Path(__file__).with_name("modules").write_text(" ".join(sys.modules))
"""


def modules(quick: Any, *words: str, plugin: bool = True) -> set[str]:
    """What pytest has imported in the end."""
    quick.path.joinpath("conftest.py").write_text(SHOW_MODULES)
    assert quick(*words, plugin=plugin).ret == pytest.ExitCode.OK
    return set(quick.path.joinpath("modules").read_text().split())


def test_a_bare_pytest_starts_nothing(quick: Any) -> None:
    quick.scenario("scenarios/loss.chaos.yaml")
    quick.test("def test_mine(): pass")
    assert quick.collected() == ["test_own.py::test_mine"]


@pytest.mark.parametrize("path", [".", "scenarios", "scenarios/loss.chaos.yaml"])
def test_a_scenario_below_a_path_that_is_named_is_a_test(quick: Any, path: str) -> None:
    quick.scenario("scenarios/loss.chaos.yaml")
    quick.scenario("loss.yaml")
    assert quick.collected(path) == ["scenarios/loss.chaos.yaml::loss"]


def test_testpaths_name_paths(quick: Any) -> None:
    quick.scenario("scenarios/loss.chaos.yaml")
    quick.scenario("elsewhere/other.chaos.yaml")
    assert quick.collected("-o", "testpaths=scenarios") == ["scenarios/loss.chaos.yaml::loss"]


def test_the_workers_of_a_bare_pytest_start_nothing(quick: Any) -> None:
    quick.scenario("scenarios/loss.chaos.yaml")
    quick.test("def test_mine(): pass")
    quick("-n", "1").assert_outcomes(passed=1)


def test_each_trial_is_a_test(quick: Any) -> None:
    quick.scenario("loss.chaos.yaml", more="trials: 2\n")
    assert quick.collected("loss.chaos.yaml") == ["loss.chaos.yaml::loss[t1]", "loss.chaos.yaml::loss[t2]"]
    assert quick.collected("loss.chaos.yaml::loss[t2]") == ["loss.chaos.yaml::loss[t2]"]
    assert quick.collected("loss.chaos.yaml", "--chaoskit-trials", "1") == ["loss.chaos.yaml::loss"]
    assert len(quick.collected("loss.chaos.yaml", "-o", "chaoskit_trials=3")) == 3
    assert len(quick.collected("loss.chaos.yaml", "-o", "chaoskit_trials=3", "--chaoskit-trials", "4")) == 4


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("-m", "chaoskit"), ["loss", "slow-loss"]),
        (("-m", "not chaoskit"), []),
        (("-m", "region-loss and not nightly"), ["loss"]),
        (("-k", "loss and not slow"), ["loss"]),
        (("-k", "nightly"), ["slow-loss"]),
    ],
)
def test_scenarios_are_selected_by_name_and_tag(quick: Any, words: tuple[str, ...], names: list[str]) -> None:
    quick.scenario("loss.chaos.yaml", "region-loss")
    quick.scenario("slow-loss.chaos.yaml", "region-loss", "nightly")
    assert quick.collected(".", *words) == [f"{name}.chaos.yaml::{name}" for name in names]


def test_each_variant_is_a_test_and_each_of_its_trials(quick: Any) -> None:
    path = quick.scenario("loss.chaos.yaml", "slow", more=VARIANTS)
    assert quick.collected(".") == ["loss.chaos.yaml::loss[async]", "loss.chaos.yaml::loss[any1-t1]", *SECOND]
    assert quick.collected(".", "--chaoskit-trials", "1") == [f"loss.chaos.yaml::loss[{v}]" for v in ("async", "any1")]
    assert quick.collected(".", "-k", "loss[any1-t2]") == SECOND
    assert quick.collected(".", "-k", "any1 and not t1") == SECOND
    assert quick.collected(".", "-m", "quorum and not slow", "-k", "t2") == SECOND
    assert quick.collected(*SECOND) == SECOND
    path.write_text(path.read_text().replace("any: 1", "any: 9"))
    shown = quick(".")
    shown.assert_outcomes(errors=1)
    shown.stdout.fnmatch_lines(["*loss.chaos.yaml:11:*error: in the variant `any1`: `any: 9` cannot be met*"])


def test_tests_that_use_the_fixtures_are_deselected_with_the_scenarios(quick: Any) -> None:
    quick.test("def test_run(chaoskit_run): pass\ndef test_stack(chaoskit_stack): pass\ndef test_mine(): pass")
    assert quick.collected("-m", "not chaoskit") == ["test_own.py::test_mine"]


def test_a_tag_that_is_a_marker_with_arguments_is_only_a_tag(quick: Any) -> None:
    quick.scenario("loss.chaos.yaml", "skip", "timeout", "slow")
    quick.path.joinpath("conftest.py").write_text(
        "def pytest_collection_modifyitems(items):\n    print([m.name for i in items for m in i.iter_markers()])\n"
    )
    assert "['chaoskit', 'slow']" in quick(".", "--collect-only", "-q", "-s").outlines


def test_a_wrong_file_is_an_error_that_tells_every_mistake(quick: Any) -> None:
    quick.scenario("scenarios/loss.chaos.yaml", more="trails: 2\ntimeline: {cut: {at: 5, fault: partition}}\n")
    result = quick("scenarios")
    result.assert_outcomes(errors=1)
    shown = result.stdout.str()
    assert "scenarios/loss.chaos.yaml:11:1: error: unknown key `trails` (did you mean `trials`?)" in shown
    assert "scenarios/loss.chaos.yaml:12:22: error: `5` has no unit" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--chaoskit-runtime", "moon"), "no runtime moon"),
        (("-o", "chaoskit_inconclusive=maybe"), "chaoskit_inconclusive = maybe: one of fail, skip, xfail"),
        (("-o", "chaoskit_trials=none"), "chaoskit trials: none is not a whole number from 1 on"),
        (("-o", "chaoskit_seed=-1"), "chaoskit seed: -1 is not a whole number from 0 on"),
    ],
)
def test_an_option_that_means_nothing_is_refused(quick: Any, words: tuple[str, ...], told: str) -> None:
    quick.scenario("loss.chaos.yaml")
    result = quick(".", "--collect-only", *words)
    result.assert_outcomes(errors=1)
    assert told in result.stdout.str()


def test_only_one_stack_can_be_kept(quick: Any) -> None:
    quick.scenario("loss.chaos.yaml", more="trials: 2\n")
    result = quick(".", "--chaoskit-keep-stack")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "select one test" in result.stderr.str()


SEEDS = """\
from pathlib import Path
def pytest_collection_modifyitems(config, items):
    worker = getattr(config, "workerinput", {"workerid": "alone"})["workerid"]
    Path(f"{worker}.seeds").write_text("\\n".join(str(item._trial.plan.seed) for item in items))
    items.clear()
"""


def seeds(quick: Any, *words: str) -> dict[str, list[int]]:
    """By process, what each item that it collected would be run with."""
    quick.path.joinpath("conftest.py").write_text(SEEDS)
    for path in quick.path.glob("*.seeds"):
        path.unlink()
    quick(".", *words)
    return {path.stem: [int(seed) for seed in path.read_text().split()] for path in quick.path.glob("*.seeds")}


def test_workers_draw_no_seeds_of_their_own(quick: Any) -> None:
    quick.scenario("a.chaos.yaml", more="trials: 2\n")
    quick.scenario("b.chaos.yaml")
    found = seeds(quick, "-n", "2")
    assert sorted(found) == ["gw0", "gw1"]
    (first, second, alone) = found["gw0"]
    assert found["gw1"] == [first, second, first] == [first, second, alone]
    assert first != second
    assert seeds(quick, "-n", "1")["gw0"] != found["gw0"]


def test_a_seed_that_is_asked_for_is_the_base_of_all(quick: Any) -> None:
    quick.scenario("a.chaos.yaml", more="trials: 2\nseed: 5\n")
    quick.scenario("b.chaos.yaml")
    own, _, drawn = seeds(quick)["alone"]
    assert own == 5
    assert drawn != 5
    assert seeds(quick, "--chaoskit-seed", "7")["alone"] == [7, trial_seed(7, 2), 7]


def test_a_marker_with_several_scenarios_makes_a_test_of_each(quick: Any) -> None:
    quick.test(
        "import pytest\n"
        "@pytest.mark.chaoskit('scenarios/a.chaos.yaml', 'b.chaos.yaml')\n"
        "def test_run(chaoskit_run): pass\n"
    )
    assert quick.collected() == ["test_own.py::test_run[a]", "test_own.py::test_run[b]"]


@pytest.mark.parametrize("words", [(), ("--collect-only",)])
def test_a_project_without_scenarios_pays_for_two_small_modules(quick: Any, words: tuple[str, ...]) -> None:
    quick.test("def test_mine(): pass")
    extra = modules(quick, *words) - modules(quick, *words, plugin=False)
    assert extra == {"chaoskit", "chaoskit.pytest_plugin"}


def test_scenarios_that_are_elsewhere_cost_nothing(quick: Any) -> None:
    quick.scenario("scenarios/loss.chaos.yaml")
    quick.test("def test_mine(): pass")
    assert not {name for name in modules(quick) if name.partition(".")[0] in SLOW_TO_IMPORT}
