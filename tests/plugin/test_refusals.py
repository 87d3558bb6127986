"""What the fixtures refuse before anything is started."""

from typing import Any

import pytest

USE = "import pytest\n@pytest.mark.chaoskit({marker})\ndef test_use(chaoskit_run): {body}\n"


@pytest.mark.parametrize(
    ("marker", "body", "told"),
    [
        ("", "chaoskit_run()", "no scenario is named"),
        ("'loss.chaos.yaml', sed=7", "chaoskit_run()", "the marker chaoskit takes no sed"),
        ("'loss.chaos.yaml'", "chaoskit_run(sets=['stak.x=1'])", "unknown key `stak` (did you mean `stack`?)"),
        ("'two.chaos.yaml'", "chaoskit_run()", "two.chaos.yaml holds 2 variants"),
        ("'two.chaos.yaml', variant='nea'", "chaoskit_run()", "did you mean `near`?"),
        ("'two.chaos.yaml', variant='near'", "chaoskit_run(variant='fra')", "two.chaos.yaml has no variant fra"),
        ("'loss.chaos.yaml', variant='near'", "chaoskit_run()", "it has no `matrix`"),
        ("'gone.chaos.yaml'", "chaoskit_run()", "cannot read gone.chaos.yaml"),
    ],
)
def test_a_test_that_names_no_scenario_or_a_wrong_one_is_told(quick: Any, marker: str, body: str, told: str) -> None:
    quick.scenario("loss.chaos.yaml")
    quick.scenario("two.chaos.yaml", more="matrix: {distance: {near: {}, far: {}}}\n")
    quick.test(USE.format(marker=marker, body=body))
    assert told in quick().stdout.str()


def test_a_process_that_gevent_has_patched_measures_nothing(quick: Any) -> None:
    quick.scenario("loss.chaos.yaml")
    test = USE.format(marker="'loss.chaos.yaml'", body="chaoskit_run()")
    quick.test(f"from gevent import monkey\nmonkey.patch_thread()\n{test}")
    result = quick("-v")
    result.assert_outcomes(errors=1)
    shown = result.stdout.str()
    assert "test_own.py::test_use ERROR" in shown
    assert "gevent has patched it" in shown
    assert "not run  loss  this process cannot measure anything" in shown
