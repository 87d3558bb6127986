"""An engine that leaves iptables alone isolates nothing, and chaoskit refuses to run there.

The engine is a second one, in a network namespace of its own: what it does to bridges and rules, nobody else sees.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker import APIClient

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.errors import StackError
from chaoskit.processes import Launcher, Process
from chaoskit.runtimes.docker.client import connect
from chaoskit.toolchain.images import images

pytestmark = [pytest.mark.docker, pytest.mark.slow]
NAMESPACED = ["unshare", "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
PROGRAMS = ("dockerd", "unshare", "nsenter", "ip")
UP_TIMEOUT_S, LOAD_TIMEOUT_S = 60, 240
ENVIRONMENT = 3


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine of the test's own."""

    process: Process
    address: str
    api: APIClient

    @property
    def inside(self) -> list[str]:
        """What starts a program where this engine's networks are."""
        return ["nsenter", "--target", str(self.process.pid), "--net", "--"]

    def holds(self) -> list[str]:
        """Everything that is in it, but for the networks that every engine has."""
        networks = [n["Name"] for n in self.api.networks() if n["Name"] not in ("bridge", "host", "none")]
        return [*self.api.containers(all=True), *networks, *(self.api.volumes()["Volumes"] or ())]


@pytest.fixture(scope="module")
def unfiltered(engine: APIClient, docker_images: None) -> Iterator[Engine]:
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    why = f"no {', '.join(missing)}" if missing else "only root can start an engine" if os.getuid() else ""
    if why and os.environ.get("CI") != "true":
        pytest.skip(why)
    assert not why
    with ExitStack() as undo:
        room = Path(tempfile.mkdtemp(prefix="chaoskit-engine-"))
        undo.callback(shutil.rmtree, room, ignore_errors=True)
        launcher = Launcher(run="test", logs=room, started=lambda _name, _process: None)
        process = launcher.start("dockerd", [*NAMESPACED, *dockerd(room)])
        undo.callback(process.stop, timeout_s=30)
        address = f"unix://{room}/sock"
        wait_for(
            lambda: unanswered(address),
            clock=MonotonicClock(),
            timeout_s=UP_TIMEOUT_S,
            what=f"no second engine: {launcher.log_path('dockerd').read_text()[-2000:]}",
        )
        api = undo.enter_context(closing(connect(address, timeout_s=LOAD_TIMEOUT_S)))
        for image in images(os.environ):
            for _ in api.load_image(engine.get_image(image)):
                pass
        yield Engine(process=process, address=address, api=api)


def dockerd(room: Path) -> list[str]:
    """The engine's command: nothing of it is where another one's is."""
    return [
        "dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none",
        f"--data-root={room}/data", f"--exec-root={room}/exec", f"--pidfile={room}/pid", f"--host=unix://{room}/sock",
        f"--containerd-namespace={room.name}", f"--containerd-plugins-namespace={room.name}-plugins",
    ]  # fmt: skip


def unanswered(address: str) -> str | None:
    try:
        connect(address).close()
    except StackError as error:
        return error.why
    return None


def test_an_engine_with_its_iptables_switched_off_is_refused_and_left_empty(unfiltered, chaoskit):
    session = chaoskit.start(
        "--runtime", "docker", "--no-lock", through=unfiltered.inside, DOCKER_HOST=unfiltered.address
    )
    code, _ = session.finish()
    assert code == ENVIRONMENT, session.said()
    assert "past the WAN" in session.said()
    assert "--iptables=false" in session.said()
    assert unfiltered.holds() == []
    assert list(chaoskit.index.iterdir()) == []
