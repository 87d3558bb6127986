"""What is taken for a run's own in a real engine, and what becomes of everything else."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from docker import APIClient

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.runtimes.docker.ownership import RUN_LABEL, labels, remove

pytestmark = pytest.mark.docker


def test_everything_of_a_run_is_removed_whatever_its_state(engine, make, run, of_run):
    names = [f"chaoskit-{run}-{state}" for state in ("created", "running", "paused")]
    _created, _running, paused = (make(name, labels(run), start=not name.endswith("created")) for name in names)
    engine.pause(paused.container)
    done = remove(engine, run)
    assert (sorted(done.containers), sorted(done.networks), sorted(done.volumes)) == (sorted(names),) * 3
    assert done.left == ()
    assert of_run(run) == []


def test_removing_again_removes_nothing(engine, run):
    done = remove(engine, run)
    assert (done.words, done.left) == ((), ())


def test_a_volume_without_a_name_goes_with_its_container(engine, image, run):
    before = {volume["Name"] for volume in engine.volumes()["Volumes"] or ()}
    engine.create_container(image, ["/toxiproxy"], name=f"chaoskit-{run}", labels=labels(run), volumes=["/data"])
    assert {volume["Name"] for volume in engine.volumes()["Volumes"]} > before
    remove(engine, run)
    assert {volume["Name"] for volume in engine.volumes()["Volumes"] or ()} == before


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("chaoskit-{run}-1", {}),
        ("chaoskit-{run}0", {RUN_LABEL: "{run}0"}),
        ("chaoskit-{run}-2", {RUN_LABEL: ""}),
        ("chaoskit-other", {RUN_LABEL: "{start}", f"{RUN_LABEL}.of": "{run}", "org.chaoskit": "{run}"}),
    ],
    ids=["a name", "a longer run", "no value", "a shorter run"],
)
def test_a_stranger_is_untouched(engine: APIClient, make, run: str, name: str, label: dict[str, str]):
    words = {"run": run, "start": run[:-1]}
    theirs = make(name.format(**words), {key: value.format(**words) for key, value in label.items()}, start=True)
    ours = make(f"chaoskit-{run}", labels(run), start=True)
    pid = engine.inspect_container(theirs.container)["State"]["Pid"]
    assert set(remove(engine, run).words) == {f"{kind} {ours.volume}" for kind in ("container", "network", "volume")}
    state = engine.inspect_container(theirs.container)["State"]
    assert (state["Running"], state["Pid"]) == (True, pid)
    assert list(engine.inspect_network(theirs.network)["Containers"]) == [theirs.container]
    assert engine.inspect_volume(theirs.volume)["Name"] == theirs.volume


def test_what_a_stranger_uses_of_ours_is_left_and_named(engine, make, run, of_run):
    ours = make(f"chaoskit-{run}", labels(run))
    guest = make(f"guest-{secrets.token_hex(3)}", {}, start=True)
    engine.connect_container_to_network(guest.container, ours.network)
    done = remove(engine, run, timeout_s=0)
    (left,) = done.left
    assert left.startswith(f"network chaoskit-{run} (")
    assert engine.inspect_container(guest.container)["State"]["Running"]
    assert list(engine.inspect_network(ours.network)["Containers"]) == [guest.container]
    engine.disconnect_container_from_network(guest.container, ours.network)
    assert remove(engine, run).networks == (f"chaoskit-{run}",)
    assert of_run(run) == []


def test_what_appears_late_is_removed_too(engine, make, run, of_run):
    make(f"chaoskit-{run}-1", labels(run))
    with ThreadPoolExecutor() as pool:
        removal = pool.submit(remove, engine, run, quiet_s=4)
        wait_for(
            lambda: "something is left" if of_run(run) else None,
            clock=MonotonicClock(),
            timeout_s=20,
            what="nothing is removed",
        )
        engine.create_volume(f"chaoskit-{run}-2", labels=labels(run))
        assert removal.result().volumes == (f"chaoskit-{run}-1", f"chaoskit-{run}-2")
    assert of_run(run) == []


def test_a_run_without_a_name_removes_nothing(engine: APIClient, make: Callable[..., object]):
    with pytest.raises(ValueError, match="no run is called ''"):
        remove(engine, "")
