"""Things of runs and of strangers in a real engine, made of an image of one program, and harnesses that are killed."""

import io
import os
import secrets
import signal
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from docker import APIClient
from docker.errors import APIError

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.engine.journal import lines
from chaoskit.processes import PACKAGE, Launcher, Process, alive, kill
from chaoskit.runtimes.docker.ownership import remove
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.engine_address import engine_address
from chaoskit.toolchain.toxiproxy import find_toxiproxy

HARNESS = Path(__file__).with_name("harness.py")
CONTAINERS = 3  # that it makes
GONE_TIMEOUT_S = 60


@pytest.fixture(scope="session")
def image(engine: APIClient) -> Iterator[str]:
    """An image that holds nothing but a static program which runs until it is ended: Toxiproxy."""
    program = find_toxiproxy(os.environ, cache_dir(os.environ), say=print).path.read_bytes()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("toxiproxy")
        entry.size, entry.mode = len(program), 0o755
        archive.addfile(entry, io.BytesIO(program))
    name = f"chaoskit-test-{secrets.token_hex(3)}"
    engine.import_image_from_data(packed.getvalue(), repository=name, tag="1")
    yield f"{name}:1"
    engine.remove_image(f"{name}:1", force=True)


@dataclass(frozen=True, kw_only=True)
class Things:
    """One container, one network that it is in and one volume that it has, by id."""

    container: str
    network: str
    volume: str


Make = Callable[..., Things]


@pytest.fixture
def make(engine: APIClient, image: str) -> Iterator[Make]:
    """Makes a container in a network with a volume, all with the same name and labels; removed afterwards, by id."""
    made: list[Things] = []

    def things(name: str, wanted: Mapping[str, str], *, start: bool = False) -> Things:
        network = engine.create_network(name, internal=True, labels=dict(wanted))["Id"]
        engine.create_volume(name, labels=dict(wanted))
        host = engine.create_host_config(binds=[f"{name}:/data"], network_mode=name)
        created = engine.create_container(image, ["/toxiproxy"], name=name, labels=dict(wanted), host_config=host)
        made.append(Things(container=created["Id"], network=network, volume=name))
        if start:
            engine.start(created["Id"])
        return made[-1]

    yield things
    for thing in made:
        with suppress(APIError):
            engine.remove_container(thing.container, force=True, v=True)
    for thing in made:
        with suppress(APIError):
            engine.remove_network(thing.network)
        with suppress(APIError):
            engine.remove_volume(thing.volume)


@pytest.fixture
def run(engine: APIClient) -> Iterator[str]:
    """The label of a run; what a failed test leaves of it is removed."""
    name = secrets.token_hex(3)
    yield name
    remove(engine, name)


@dataclass(frozen=True, kw_only=True)
class Harness:
    """A harness of its own: its process, its reaper and its journal's index."""

    process: Process
    reaper: psutil.Process
    index: Path

    def says(self, word: str) -> None:
        """Wait for its next word."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline().decode() == f"{word}\n", f"see {self.index.parent}"

    def all_made(self) -> None:
        """Wait until everything that it makes is there."""
        for word in ("made",) * CONTAINERS + ("all",):
            self.says(word)

    def go(self) -> None:
        """Let it come to its end."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.says("removing")

    def kill(self) -> None:
        """The way that nobody can catch."""
        assert self.process.end(timeout_s=10, by=signal.SIGKILL)

    def await_reaper(self) -> None:
        """Wait until the reaper has done its work."""
        wait_for(
            lambda: "it runs" if alive(self.reaper) else None,
            clock=MonotonicClock(),
            timeout_s=GONE_TIMEOUT_S,
            what="the reaper has not ended",
        )


@pytest.fixture
def harness(engine: APIClient, image: str, tmp_path: Path) -> Iterator[Callable[..., Harness]]:
    """Starts a harness that makes things of a run and says what it is doing."""
    started: list[Harness] = []

    def start(run: str, *, address: str | None = None) -> Harness:
        room = tmp_path / run
        room.mkdir()
        launcher = Launcher(run="test", logs=room, started=lambda _name, _process: None)
        argv = [sys.executable, HARNESS, run, address or engine_address(os.environ), image, room]
        process = launcher.start("harness", argv, env=PACKAGE, talk=True)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n", launcher.log_path("harness").read_text()
        (pid,) = (line["pid"] for line in lines(room / "journal.ndjson") if line["kind"] == "process")
        started.append(Harness(process=process, reaper=psutil.Process(pid), index=room / "index"))
        return started[-1]

    yield start
    for one in started:
        one.process.stop(by=signal.SIGKILL)
        kill([one.reaper])
