"""Compose and the harness that started it."""

import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psutil
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.processes import PACKAGE, RUN_VARIABLE, Launcher, alive
from chaoskit.runtimes.docker.compose import up
from chaoskit.runtimes.docker.ownership import labels, remove
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.compose import find_compose
from chaoskit.toolchain.engine_address import engine_address

pytestmark = pytest.mark.docker

UP = """
import json, sys
from pathlib import Path
from chaoskit.processes import Launcher
from chaoskit.runtimes.docker.compose import up

run, room, argv, project, env = sys.argv[1], *map(json.loads, sys.argv[2:])
launcher = Launcher(run=run, logs=Path(room), started=lambda _name, _process: None)
up(argv, project, env=env, launcher=launcher)
"""


def waiting_project(run: str, image: str) -> dict[str, object]:
    """A project whose second service waits for the first one's health, and in vain."""
    first = {
        "image": image,
        "command": ["/toxiproxy"],
        "labels": labels(run),
        "network_mode": "none",
        "healthcheck": {"test": ["CMD", "/toxiproxy", "--no-such-word"], "interval": "1s", "retries": 600},
    }
    second = first | {"depends_on": {"first": {"condition": "service_healthy"}}}
    return {"name": f"chaoskit-{run}", "services": {"first": first, "second": second}}


def test_compose_ends_with_a_harness_that_is_killed(engine, image, run, of_run, tmp_path):
    compose = find_compose(os.environ, cache_dir(os.environ), say=print)
    there = {"DOCKER_HOST": engine_address(os.environ)}
    words = [json.dumps(word) for word in (str(tmp_path), compose.argv, waiting_project(run, image), there)]
    launcher = Launcher(run="test", logs=tmp_path, started=lambda _name, _process: None)
    harness = launcher.start("harness", [sys.executable, "-c", UP, run, *words], env=PACKAGE)
    try:
        await_container(of_run, run)
        ours = of(run)
        assert ours
        assert harness.end(timeout_s=10, by=signal.SIGKILL)
        wait_for(
            lambda: "it runs" if any(alive(process) for process in ours) else None,
            clock=MonotonicClock(),
            timeout_s=20,
            what="Compose has not ended",
        )
    finally:
        harness.stop(by=signal.SIGKILL)
        remove(engine, run)


def test_compose_ends_when_it_is_interrupted(engine, image, run, of_run, tmp_path):
    argv = find_compose(os.environ, cache_dir(os.environ), say=print).argv
    there = {"DOCKER_HOST": engine_address(os.environ)}
    interrupted = Event()
    launcher = Launcher(run=run, logs=tmp_path, started=lambda _name, _process: None, interrupted=interrupted)
    try:
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(up, argv, waiting_project(run, image), env=there, launcher=launcher)
            await_container(of_run, run)
            interrupted.set()
            assert isinstance(done.exception(timeout=20), KeyboardInterrupt)
        assert of(run) == []
    finally:
        remove(engine, run)


def await_container(of_run, run: str) -> None:
    wait_for(
        lambda: None if any("running" in thing for thing in of_run(run)) else "no container runs",
        clock=MonotonicClock(),
        timeout_s=60,
        what="Compose has started nothing",
    )


def of(run: str) -> list[psutil.Process]:
    """The processes that carry the run's label."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(RUN_VARIABLE) == run:
                found.append(process)
        except psutil.Error:
            continue
    return found
