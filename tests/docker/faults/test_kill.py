"""A server that is killed while it is paused does nothing more."""

import os
from pathlib import Path

import pytest

from chaoskit.protocols import Target
from chaoskit.runtimes.docker.server import DockerServer

pytestmark = pytest.mark.docker

BUSY = "while :; do echo >> /ticks; done"
TARGET = Target(host="127.0.0.1", port=1, user="nobody", password="")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may kill processes of containers past their engine")
def test_a_paused_server_that_is_killed_does_not_run_once_more(yard) -> None:
    container = yard.container("busy", "net", command=["sh", "-c", f"({BUSY}) & {BUSY}"])
    if not Path(f"/proc/{container.inspect()['State']['Pid']}/cgroup").exists():
        pytest.skip("the engine's processes are not of this machine")
    yard.until(lambda: "ticks" in container.exec(["ls", "/"], timeout_s=5), "it is busy")
    server = DockerServer("us-east/1", server=container, machine=container, target=TARGET, clock=yard.clock)
    server.freeze()
    before = len(container.read("/ticks"))
    server.kill()
    server.kill()
    assert not server.running()
    assert server.broken() is None
    assert len(container.read("/ticks")) == before
