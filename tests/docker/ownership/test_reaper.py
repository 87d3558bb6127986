"""Nothing of a run is left in a real engine, however its harness ended."""

import json
import os
import secrets
import signal
from pathlib import Path

import psutil
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.engine.clean import clean
from chaoskit.processes import alive, descendants, kill
from chaoskit.toolchain.engine_address import engine_address
from chaoskit.wiring.docker import sweep_engine

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_a_harness_killed_while_it_creates_leaves_nothing(harness, run, of_run):
    one = harness(run)
    one.says("made")
    one.kill()
    one.await_reaper()
    assert of_run(run) == []


def test_a_harness_killed_while_things_run_leaves_nothing(harness, run, of_run):
    one = harness(run)
    one.all_made()
    assert sum("paused" in thing for thing in of_run(run)) == 1
    one.kill()
    one.await_reaper()
    assert of_run(run) == []


def test_a_harness_killed_while_it_removes_leaves_nothing(harness, run, of_run):
    one = harness(run)
    one.all_made()
    made = len(of_run(run))
    one.go()
    wait_for(
        lambda: "everything is there" if len(of_run(run)) == made else None,
        clock=MonotonicClock(),
        timeout_s=20,
        what="the harness removes nothing",
        every_s=0,
    )
    one.kill()
    one.await_reaper()
    assert of_run(run) == []


def test_a_harness_that_says_farewell_has_removed_everything_and_its_reaper_ends(harness, run, of_run):
    one = harness(run)
    one.all_made()
    one.go()
    assert one.process.end(timeout_s=60)
    assert one.process.exit_code == 0
    assert not alive(one.reaper)
    assert of_run(run) == []
    assert list(one.index.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_group_ends_the_harness_and_not_its_reaper(harness, run, of_run, number):
    one = harness(run)
    one.says("made")
    os.killpg(one.process.pid, number)
    assert one.process.end(timeout_s=60)
    one.await_reaper()
    assert of_run(run) == []


def test_whoever_kills_the_harness_with_all_its_children_does_not_find_the_reaper(harness, run, of_run):
    one = harness(run)
    one.says("made")
    kill([psutil.Process(one.process.pid), *descendants(one.process.pid)])
    assert alive(one.reaper)
    one.await_reaper()
    assert of_run(run) == []


def test_a_reaper_is_deaf_to_requests_to_end(harness, run):
    one = harness(run)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        one.reaper.send_signal(number)
    one.says("made")
    assert alive(one.reaper)
    assert one.reaper.ppid() != one.process.pid


def test_the_reaper_of_one_run_does_not_touch_another(harness, run, of_run):
    other_run = secrets.token_hex(3)
    one, other = harness(run), harness(other_run)
    one.all_made()
    other.all_made()
    before = of_run(other_run)
    one.kill()
    one.await_reaper()
    assert of_run(run) == []
    assert of_run(other_run) == before
    assert alive(other.reaper)
    other.kill()
    other.await_reaper()
    assert of_run(other_run) == []


def test_clean_removes_what_is_left_when_the_reaper_was_killed_too(harness, run, of_run):
    one = harness(run)
    one.all_made()
    kill([one.reaper])
    one.kill()
    held = of_run(run)
    (done,) = clean(one.index, sweep_engine)
    assert (len(done.removed), done.left) == (len(held), ())
    assert of_run(run) == []
    assert list(one.index.iterdir()) == []


def test_clean_leaves_a_running_run_and_its_reaper_alone(harness, run, of_run):
    one = harness(run)
    one.all_made()
    held = of_run(run)
    (done,) = clean(one.index, sweep_engine)
    assert done.running
    assert of_run(run) == held
    assert alive(one.reaper)


def test_clean_takes_the_work_from_a_reaper_that_still_waits_for_the_engine(harness, run, of_run, tmp_path):
    one = harness(run, address=f"unix://{link(tmp_path)}")
    one.all_made()
    (tmp_path / "engine.sock").unlink()
    one.kill()
    (done,) = clean(one.index, sweep_engine)
    assert done.killed == 1
    assert not alive(one.reaper)
    (left,) = done.left
    assert f"what the Docker engine at unix://{tmp_path}/engine.sock holds" in left
    (entry,) = one.index.iterdir()
    assert json.loads(entry.read_text())["run"] == run
    link(tmp_path)
    (done,) = clean(one.index, sweep_engine)
    assert done.left == ()
    assert of_run(run) == []
    assert list(one.index.iterdir()) == []


def test_a_reaper_waits_for_an_engine_that_is_away(harness, run, of_run, tmp_path):
    one = harness(run, address=f"unix://{link(tmp_path)}")
    one.all_made()
    (tmp_path / "engine.sock").unlink()
    one.kill()
    assert alive(one.reaper)
    link(tmp_path)
    one.await_reaper()
    assert of_run(run) == []


def link(room: Path) -> Path:
    """An engine's address that can be taken away."""
    path = room / "engine.sock"
    path.symlink_to(engine_address(os.environ).removeprefix("unix://"))
    return path
