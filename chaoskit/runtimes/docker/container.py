"""One container through the Docker SDK: every call has a deadline and says what went wrong."""

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import requests
from docker import APIClient
from docker.errors import DockerException

from chaoskit.errors import StackError
from chaoskit.protocols import Clock
from chaoskit.runtimes.docker.wire import NS, Wire

GRACE_S = 2  # for the engine to tell us that the deadline inside the container has ended the command
KILLED = 137


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the engine says of a container.

    Attributes:
        exit_code: Of its last end; 0 while it runs.
        oom: Whether it has run out of memory.
    """

    running: bool
    paused: bool
    exit_code: int
    oom: bool


class Container:
    """A container that exists.

    Args:
        api: A client whose own timeout bounds every call but ``exec``, which has its own.
        name: Its name or id.
    """

    def __init__(self, api: APIClient, name: str, *, clock: Clock) -> None:
        self.name, self.api, self.clock = name, api, clock

    def exec(
        self,
        argv: Sequence[str],
        *,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float,
        stdin: str = "",
    ) -> str:
        """Run a command in it; its standard output.

        The deadline holds twice: ``timeout`` ends the command in the container, and we stop listening a little later,
        for a container that is paused ends nothing.

        Args:
            argv: The command; every account of the engine's machine can read it.
            user: Whom it runs as; None: as the container does.
            env: What is added to its environment; the place for a password.
            timeout_s: The deadline.
            stdin: What it reads.

        Raises:
            StackError: It cannot be run, did not end in time, or ended with another code than 0.
        """
        what = f"{argv[0]} in {self.name}"
        bounded = ["timeout", "-s", "KILL", f"{timeout_s:g}", *argv]
        deadline_ns = self.clock.now_ns() + round((timeout_s + GRACE_S) * NS)
        with self._told(f"{what} failed"):
            created = self.api.exec_create(
                self.name, bounded, user=user or "", environment=dict(env or {}), stdin=bool(stdin)
            )["Id"]
            with closing(Wire(self.api, created, clock=self.clock)) as wire:
                if stdin:
                    wire.send(stdin.encode(), deadline_ns=deadline_ns)
                    wire.end()
                output, complaints = _all(wire, deadline_ns)
            code = self._exit_code(created, deadline_ns)
        if code == KILLED:
            raise StackError(f"{what} failed", why=f"it did not end within {timeout_s:g} s, or was killed")
        if code != 0:
            raise StackError(f"{what} failed with code {code}", why=(complaints or output).strip()[-1000:])
        return output

    def shell(self) -> Wire:
        """A shell in it that reads commands from its standard input, until it is closed.

        Raises:
            StackError: It cannot be run.
        """
        with self._told(f"a shell in {self.name} failed"):
            created = self.api.exec_create(self.name, ["sh"], stdin=True)["Id"]
            return Wire(self.api, created, clock=self.clock)

    def inspect(self) -> Mapping[str, Any]:
        """Everything that the engine says of it."""
        with self._told(f"{self.name} cannot be inspected"):
            return dict(self.api.inspect_container(self.name))

    def state(self) -> State:
        """Whether it runs, and how it ended."""
        now = self.inspect()["State"]
        return State(running=now["Running"], paused=now["Paused"], exit_code=now["ExitCode"], oom=now["OOMKilled"])

    def image(self) -> Mapping[str, str]:
        """What it was made of: the name as it was chosen, and the id that it stood for."""
        found = self.inspect()
        return {"name": found["Config"]["Image"], "id": found["Image"]}

    def address(self, network: str) -> str:
        """Its IP address in a network, by the network's full name.

        Raises:
            StackError: It has none there.
        """
        found = self.inspect()["NetworkSettings"]["Networks"].get(network)
        if not found or not found["IPAddress"]:
            raise StackError(f"{self.name} has no address in {network}", why="it is not connected, or does not run")
        return str(found["IPAddress"])

    def logs(self, *, stamped: bool = False) -> str:
        """What it has written to stdout and stderr so far, over all its starts; ``stamped``: each line when, in UTC."""
        with self._told(f"the log of {self.name} cannot be read"):
            return bytes(self.api.logs(self.name, timestamps=stamped)).decode(errors="replace")

    def start(self) -> None:
        """Start it; idempotent."""
        self._reach(lambda: self.api.start(self.name), lambda state: state.running, "started")

    def kill(self, signal: str = "SIGKILL") -> None:
        """Send its first process a signal; idempotent for one that does not run.

        A paused one runs on for the blink of an eye before it dies, where the engine does not refuse to kill it.
        """
        self._reach(lambda: self.api.kill(self.name, signal), lambda state: not state.running, "killed")

    def pause(self) -> None:
        """Freeze every process in it; idempotent."""
        self._reach(lambda: self.api.pause(self.name), lambda state: state.paused, "paused")

    def unpause(self) -> None:
        """Let it run on; idempotent."""
        self._reach(lambda: self.api.unpause(self.name), lambda state: not state.paused, "unpaused")

    def update(self, **limits: int | str) -> None:
        """Change its limits: the engine's own words (``cpu_quota``, ``cpu_period``, ``mem_limit``)."""
        with self._told(f"the limits of {self.name} cannot be changed"):
            self.api.update_container(self.name, **limits)

    def stats(self) -> Mapping[str, Any]:
        """What the kernel counts for it, now."""
        with self._told(f"the counters of {self.name} cannot be read"):
            return dict(self.api.stats(self.name, stream=False, one_shot=True))

    def connect(self, network: str, aliases: Sequence[str], address: str | None = None) -> None:
        """Give it an interface in a network, by the network's full name, where it is known by ``aliases``.

        ``address``: the one it gets, in a network whose range was chosen; None: the engine chooses one.
        """
        with self._told(f"{self.name} cannot be connected to {network}"):
            self.api.connect_container_to_network(self.name, network, ipv4_address=address, aliases=list(aliases))

    def disconnect(self, network: str) -> None:
        """Take its interface in a network away."""
        with self._told(f"{self.name} cannot be disconnected from {network}"):
            self.api.disconnect_container_from_network(self.name, network, force=True)

    def write(self, path: str, text: str, mode: int = 0o644, uid: int = 0) -> None:
        """Write a file into it, whether it runs or not; its directory exists. Not atomic."""
        where, data = PurePosixPath(path), text.encode()
        entry = tarfile.TarInfo(where.name)
        entry.size, entry.mode, entry.uid, entry.gid = len(data), mode, uid, uid
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.addfile(entry, io.BytesIO(data))
        with self._told(f"{path} cannot be written in {self.name}"):
            self.api.put_archive(self.name, str(where.parent), packed.getvalue())

    def read(self, path: str) -> str:
        """Read a file out of it, whether it runs or not."""
        with self._told(f"{path} cannot be read in {self.name}"):
            chunks, _ = self.api.get_archive(self.name, path)
            packed = io.BytesIO(b"".join(chunks))
            with tarfile.open(fileobj=packed) as archive:
                member = archive.extractfile(archive.getmembers()[0])
                if member is None:
                    raise StackError(f"{path} cannot be read in {self.name}", why="it is no file")
                return member.read().decode()

    def _exit_code(self, created: str, deadline_ns: int) -> int:
        """How an exec ended that has closed its streams: an engine may know only a moment later."""
        while (now := self.api.exec_inspect(created))["Running"] or now["ExitCode"] is None:
            if self.clock.now_ns() >= deadline_ns:
                raise TimeoutError
            self.clock.sleep(0.01)
        return int(now["ExitCode"])

    def _reach(self, call: Callable[[], object], reached: Callable[[State], bool], word: str) -> None:
        """Do it; an engine that refuses what is already so has done nothing wrong."""
        try:
            with self._told(f"{self.name} cannot be {word}"):
                call()
        except StackError:
            if not reached(self.state()):
                raise

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn whatever the SDK raises into our error."""
        try:
            yield
        except TimeoutError as error:
            raise StackError(what, why="it did not end in time") from error
        except (DockerException, requests.RequestException, OSError) as error:
            raise StackError(what, why=str(error), fix=f"docker inspect {self.name}") from error


def _all(wire: Wire, deadline_ns: int) -> tuple[str, str]:
    """Everything an exec says until it ends: standard output and standard error."""
    said: dict[bool, list[bytes]] = {True: [], False: []}
    while (frame := wire.frame(deadline_ns=deadline_ns)) is not None:
        is_output, data = frame
        said[is_output].append(data)
    output, complaints = (b"".join(said[channel]).decode(errors="replace") for channel in (True, False))
    return output, complaints
