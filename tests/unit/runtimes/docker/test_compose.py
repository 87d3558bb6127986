"""Compose, started and ended by us."""

import sys
from threading import Event

import pytest

from chaoskit.processes import Launcher, alive
from chaoskit.runtimes.docker import compose

PULLING = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_an_interrupt_ends_a_compose_that_pulls(tmp_path) -> None:
    started, interrupted = {}, Event()

    def heard(name, process):
        started[name] = process
        interrupted.set()

    launcher = Launcher(run="test", logs=tmp_path, started=heard, interrupted=interrupted)
    with pytest.raises(KeyboardInterrupt):
        compose.up(PULLING, {"name": "p"}, env={}, launcher=launcher)
    assert not alive(started["compose"])
