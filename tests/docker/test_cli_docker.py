"""``chaoskit run --runtime docker`` as its users meet it: run, interrupted, killed, refused; nothing is left of it."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest
from docker import APIClient
from docker.errors import APIError

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.processes import alive
from chaoskit.runtimes.docker.ownership import RUN_LABEL
from chaoskit.toolchain.images import images

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.usefixtures("docker_images")]
DOCKER = ("--runtime", "docker", "--json")
REAPED_TIMEOUT_S = 90
INTERRUPTED, ENVIRONMENT = 130, 3


def test_a_run_is_judged_and_leaves_its_report_and_nothing_else(chaoskit, of_run):
    session = chaoskit.start(*DOCKER)
    session.await_event("proved", phase="onset")
    until(lambda: sum("paused" in thing for thing in of_run(session.run)) == 1, "the lost region's server is paused")
    code, out = session.finish()
    result = session.result()
    assert json.loads(out) == result
    assert (result["runtime"], code) == ("docker", {"pass": 0, "fail": 1, "inconclusive": 4}[result["verdict"]])
    assert [fault["took_effect"] for fault in result["faults"]] == [True]
    assert {"docker", "compose", "postgresql", "toxiproxy"} <= result["environment"]["versions"].keys()
    logs = {path.name for path in (session.directory / "logs").iterdir()}
    assert {"us-east:1.log", "eu-west:1.log", "ap-south:1.log", "toxiproxy.log", "compose.log"} <= logs
    assert "database system is ready" in (session.directory / "logs" / "eu-west:1.log").read_text()
    assert of_run(session.run) == []
    assert list(chaoskit.index.iterdir()) == []


def test_a_second_run_waits_until_the_first_has_ended(chaoskit, of_run):
    first = chaoskit.start(*DOCKER)
    first.await_journal("engine")
    second = chaoskit.start(*DOCKER)
    second.await_words("waiting for another run on this machine")
    for session in (second, first):
        session.signal(signal.SIGINT)
        assert session.finish()[0] == INTERRUPTED
    assert of_run(first.run) == []
    assert list(chaoskit.index.iterdir()) == []


def test_an_interrupted_run_heals_reports_and_leaves_nothing(chaoskit, of_run):
    session = chaoskit.start(*DOCKER)
    session.await_event("proved", phase="onset")
    session.signal(signal.SIGINT)
    code, out = session.finish()
    assert code == INTERRUPTED
    assert json.loads(out)["verdict"] == "inconclusive"
    (end,) = (event for event in session.events() if event["event"] == "end")
    assert (end["step"], end["detail"]["by"]) == ("lose-us-east", "interrupt")
    assert (session.directory / "report.html").exists()
    assert of_run(session.run) == []
    assert list(chaoskit.index.iterdir()) == []


def until(condition, what, timeout_s=60):
    wait_for(lambda: None if condition() else "not yet", clock=MonotonicClock(), timeout_s=timeout_s, what=what)


@dataclass(frozen=True, kw_only=True)
class Strangers:
    """Things whose names and labels are almost those of a run, in which they have no part."""

    api: APIClient
    container: str
    network: str
    volume: str

    def untouched(self) -> bool:
        runs = self.api.inspect_container(self.container)["State"]["Running"]
        members = self.api.inspect_network(self.network)["Containers"]
        return runs and list(members) == [self.container] and bool(self.api.inspect_volume(self.volume))


@pytest.fixture
def strangers(engine: APIClient) -> Iterator[Callable[[str], Strangers]]:
    """Somebody else's container, network and volume for a run; removed afterwards, by id."""
    made: list[Strangers] = []

    def make(run: str) -> Strangers:
        name = f"chaoskit-{run}0"
        wanted = {RUN_LABEL: f"{run}0", f"{RUN_LABEL}s": run, "com.docker.compose.project": f"chaoskit-{run}"}
        network = engine.create_network(f"{name}_us-east", internal=True, labels=wanted)["Id"]
        volume = engine.create_volume(f"{name}_us-east-1-machine", labels=wanted)["Name"]
        host = engine.create_host_config(binds=[f"{volume}:/data"], network_mode=network)
        created = engine.create_container(images(os.environ)[-1], name=f"{name}-wan-1", labels=wanted, host_config=host)
        made.append(Strangers(api=engine, container=created["Id"], network=network, volume=volume))
        engine.start(created["Id"])
        return made[-1]

    yield make
    for one in made:
        for remove, thing in (
            (lambda identity: engine.remove_container(identity, force=True, v=True), one.container),
            (engine.remove_network, one.network),
            (engine.remove_volume, one.volume),
        ):
            with suppress(APIError):
                remove(thing)


def during_the_start(session, of_run):
    session.await_journal("engine")
    until(lambda: of_run(session.run), "something of it is there")


def during_the_fault(session, _of_run):
    session.await_event("proved", phase="onset")


def during_the_audit(session, _of_run):
    session.await_event("load_stopped")


@pytest.mark.parametrize("moment", [during_the_start, during_the_fault, during_the_audit])
def test_a_killed_harness_leaves_nothing_and_strangers_keep_everything(chaoskit, strangers, of_run, moment):
    session = chaoskit.start(*DOCKER)
    moment(session, of_run)
    others = strangers(session.run)
    (reaper,) = (psutil.Process(line["pid"]) for line in session.journal() if line.get("name") == "reaper")
    session.signal(signal.SIGKILL)
    session.finish()
    until(lambda: not alive(reaper), "the reaper has done its work", REAPED_TIMEOUT_S)
    assert of_run(session.run) == []
    assert others.untouched()
    cleaned = chaoskit("clean")
    assert cleaned.returncode == 0, cleaned.stderr
    assert others.untouched()
    assert list(chaoskit.index.iterdir()) == []


def test_an_image_that_nobody_has_is_named_and_nothing_is_left(chaoskit, of_run):
    session = chaoskit.start(*DOCKER, CHAOSKIT_NET_IMAGE="chaoskit.invalid/no-such-image:1")
    code, _ = session.finish()
    assert code == ENVIRONMENT
    assert "no-such-image" in session.said()
    assert "docs/docker.md" in session.said()
    assert of_run(session.run) == []
    assert list(chaoskit.index.iterdir()) == []
