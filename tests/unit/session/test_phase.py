"""A fault phase is drawn where that asks the same question, and the file is left alone where it does not."""

from pathlib import Path

import pytest

from chaoskit import scenario_file
from chaoskit.session.phase import phased
from chaoskit.session.trials import Chosen, trials

S = 1_000_000_000
STEP = "{at: 5s, fault: partition, link: us-east <-> rest, for: 3s}"
AFTER = "{at: cut.end + 3s, fault: partition, link: us-east <-> rest, for: 3s}"


def chosen(tmp_path: Path, timeline: str, rest: str = "", stack: str = "") -> Chosen:
    path = tmp_path / "s.chaos.yaml"
    head = f"chaoskit: 1\nname: s\nquestion: q\nstack: {{regions: [us-east, eu-west]{stack}}}\nduration: 30s\n"
    path.write_text(f"{head}timeline: {timeline}\n{rest}\n")
    return Chosen(path=path, scenario=scenario_file.load(path), found=True)


def test_the_one_step_at_a_fixed_time_is_drawn_and_what_waits_for_it_moves_along(tmp_path: Path) -> None:
    moved = phased(chosen(tmp_path, f"{{cut: {STEP}, again: {AFTER}}}"), ())
    assert moved.chosen.sets == ("timeline.cut.at=5s..6s",)
    begins = [trial.plan.steps[0].at_ns for trial in trials(moved.chosen, total=20, seed=7)]
    assert len(set(begins)) > 15
    assert all(at_ns is not None and 5 * S <= at_ns <= 6 * S for at_ns in begins)


def test_the_phase_is_as_wide_as_the_operators_timer(tmp_path: Path) -> None:
    slow = ", failover: {runbook: {detect: {every: 10s, timeout: 1s}}}"
    moved = phased(chosen(tmp_path, f"{{cut: {STEP}}}", stack=slow), ())
    assert moved.chosen.sets == ("timeline.cut.at=5s..15s",)


@pytest.mark.parametrize(
    ("timeline", "rest", "told"),
    [
        ("{}", "", "nothing strikes"),
        (f"{{cut: {STEP.replace('5s', '5s..9s')}}}", "", "the file draws its own phase"),
        (f"{{cut: {STEP}, again: {STEP.replace('5s', '15s')}}}", "", "2 steps begin at fixed times"),
        (f"{{cut: {STEP.replace('for: 3s', 'until: 9s')}}}", "", "other instants are fixed too"),
        (f"{{cut: {STEP}}}", "objectives: {downtime: {max: 1s, between: [5s, 9s]}}", "other instants are fixed too"),
        (f"{{cut: {STEP.replace('5s', '26500ms')}}}", "", "the file would be wrong"),
    ],
)
def test_what_would_ask_another_question_is_left_as_it_is(tmp_path: Path, timeline: str, rest: str, told: str) -> None:
    asked = chosen(tmp_path, timeline, rest)
    moved = phased(asked, ())
    assert moved.chosen is asked
    assert told in moved.told


def test_each_variant_has_its_own_phase(tmp_path: Path) -> None:
    none = "matrix: {kind: {cut: {}, quiet: {timeline: null}}}"
    path = chosen(tmp_path, f"{{cut: {STEP}}}").path
    path.write_text(path.read_text() + none)
    both = [Chosen(path=path, scenario=one, found=True) for one in scenario_file.load_all(path)]
    cut, quiet = (phased(one, ()) for one in both)
    assert (cut.chosen.sets, cut.chosen.scenario.title) == (("timeline.cut.at=5s..6s",), "s[cut]")
    assert (quiet.chosen, quiet.told) == (both[1], "nothing strikes, so there is no phase to draw")


def test_what_is_drawn_keeps_what_was_set(tmp_path: Path) -> None:
    asked = chosen(tmp_path, f"{{cut: {STEP}}}")
    assert phased(asked, ("load.pace=5/s",)).chosen.scenario.load.pace_hz == 5
