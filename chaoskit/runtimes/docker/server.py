"""One PostgreSQL server in a container, on a machine whose address and disk are those of another."""

import re
from collections.abc import Sequence
from contextlib import suppress

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.fault import ALL_PROCESSES
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.docker import names
from chaoskit.runtimes.docker.container import Container, State
from chaoskit.runtimes.docker.doom import doom
from chaoskit.runtimes.docker.processes import Processes
from chaoskit.runtimes.docker.project import ALONE
from chaoskit.runtimes.postgres import limits
from chaoskit.runtimes.postgres.config import isolated, overrides
from chaoskit.runtimes.postgres.mishaps import Mishaps
from chaoskit.runtimes.postgres.rebuild import STANDBY_SIGNAL
from chaoskit.sql import Unanswered, ask

ANSWER_TIMEOUT_S = 10.0
USER = "postgres"
# The second is what the first generation of control groups has.
OOM_EVENTS = "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null || true"


class DockerServer:
    """A server as a container (implements ``runtimes.postgres.server.Server``).

    Args:
        name: Its ``cluster_name``.
        server: The container of its processes.
        machine: The container that lives as long as the stack: the server's network and disk, seen from outside.
        target: The machine's own address, past the WAN.
    """

    def __init__(self, name: str, *, server: Container, machine: Container, target: Target, clock: Clock) -> None:
        self.name, self.target = name, target
        self._server, self._machine, self._clock = server, machine, clock
        self._processes = Processes(server, name)
        self._wanted = True
        self._mishaps = Mishaps(name, self.log)

    @property
    def data(self) -> str:
        """The data directory."""
        return names.DATA

    @property
    def config_file(self) -> str:
        """Its configuration; the machine has a copy."""
        return f"{names.CONFIG}/node.conf"

    def start(self, *, alone: bool = False) -> None:
        """Start the server; ``alone``: it neither follows nor serves a peer, and refuses to write.

        Raises:
            StackError: It runs already, or has no data.
        """
        state = self._server.state()
        if state.running:
            raise StackError(f"PostgreSQL {self.name} cannot be started", why="it runs already")
        self._note_end(state)
        present = self._on_machine("sh", "-c", f"cd {self.data} && ls").split()
        if "PG_VERSION" not in present:
            raise StackError(f"PostgreSQL {self.name} cannot be started", why="its data was destroyed")
        settings = isolated(replica=STANDBY_SIGNAL in present) if alone else {}
        self._server.write(ALONE, "".join(f"{word}\n" for word in overrides(settings)))
        self._processes.forget()
        self._server.start()
        self._wanted = True

    def ready(self) -> None:
        """Wait until it answers queries.

        Raises:
            StackError: It ended, or did not answer in time.
        """
        wait_for(
            self._unready,
            clock=self._clock,
            timeout_s=limits.START_TIMEOUT_S,
            what=f"PostgreSQL {self.name} does not answer",
            fix=self._see_log,
        )

    def running(self) -> bool:
        """Whether its processes exist, frozen or not."""
        return self._server.state().running

    def broken(self) -> str | None:
        """What happened to it or its processes that nobody had asked for, started again since or not."""
        state = self._server.state()
        self._note_end(state)
        told = self._mishaps.told()
        if self._wanted and state.running and (killed := self._out_of_memory()):
            told.append(f"PostgreSQL {self.name} ran out of memory: {killed} of its processes were killed")
        return "; ".join(told) or None

    def excuse(self, now: bool) -> None:
        """Whether from now on the end of its processes is a fault's doing, and not told by ``broken``; idempotent."""
        self._note_end(self._server.state())
        self._mishaps.excuse(now)

    def freeze(self, process: str = ALL_PROCESSES) -> None:
        """Pause the container, or stop the processes of one kind; what was frozen before stays so.

        Raises:
            StackError: It runs no such process.
        """
        running = self.running()
        if process != ALL_PROCESSES:
            if not running:
                raise StackError(f"{self.name} runs no process called {process!r}", why="it does not run")
            self._processes.stop(process)
        elif running:
            self._server.pause()

    def stopped(self, process: str) -> Sequence[bool]:
        """Of every process of one kind that it runs, whether it is stopped by a signal, as the kernel says."""
        return self._processes.states(process) if self.running() else ()

    def resume(self) -> None:
        """Let what was frozen run on; idempotent."""
        state = self._server.state()
        if state.paused:
            self._server.unpause()
        if state.running:
            self._processes.go_on()

    def kill(self) -> None:
        """SIGKILL every process at once, frozen or not; idempotent.

        It is paused first: killed by its first process alone, a server would have the time to tell its clients of it.
        What is paused does nothing any more where we may kill the processes of the engine's machine. Elsewhere it runs
        on for the blink of an eye before it dies (32 ms were seen): no engine kills what it does not thaw.
        """
        state = self._server.state()
        self._note_end(state)
        self._wanted = False
        if not state.running:
            return
        with suppress(StackError):  # it may be paused, or dead, by now
            self._server.pause()
        doomed = doom(self._server)
        with suppress(StackError):  # if it is neither dead nor thawed the end says so
            self._server.unpause()
        if not doomed:
            self._server.kill()
        self._await_end("it was killed")

    def stop(self) -> None:
        """Shut down cleanly; idempotent.

        Raises:
            StackError: It did not end in time: it is frozen, or it waits for a replica that it cannot reach.
        """
        state = self._server.state()
        self._note_end(state)
        self._wanted = False
        if not state.running:
            return
        frozen = state.paused or self._processes.stopped
        if not state.paused:
            self._server.kill("SIGINT")  # not SIGTERM: a smart shutdown waits for clients
        self._await_end("it is frozen" if frozen else "its replicas have not confirmed all of its WAL")

    def erase(self) -> None:
        """Remove the data of a dead server; its directory is empty afterwards."""
        self._on_machine("sh", "-c", f"mkdir -p -m 0700 {self.data} && find {self.data} -mindepth 1 -delete")

    def put(self, name: str, text: str) -> None:
        """Write a file of its data directory that nobody else may read."""
        self._machine.exec(
            ["sh", "-c", f"umask 077 && cat > {self.data}/{name}"], user=USER, timeout_s=ANSWER_TIMEOUT_S, stdin=text
        )

    def tool(self, name: str, *words: str, password: str = "") -> str:
        """Run one of PostgreSQL's programs as the server's user; what it wrote."""
        env = {"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {})
        argv = ["sh", "-c", 'exec "$@" 2>&1', name, name, *words]
        try:
            return self._machine.exec(argv, user=USER, env=env, timeout_s=limits.TOOL_TIMEOUT_S)
        except StackError as error:
            raise StackError(f"{name} failed", why=error.why, fix=self._see_log) from error

    def log(self) -> str:
        """What its server has said so far."""
        return self._server.logs()

    def _note_end(self, state: State) -> None:
        """Remember it before that cannot be seen any more."""
        if self._wanted and not state.running:
            self._wanted = False
            self._mishaps.ended(f"with code {state.exit_code}{', out of memory' if state.oom else ''}")

    def _on_machine(self, *argv: str) -> str:
        return self._machine.exec(argv, user=USER, timeout_s=ANSWER_TIMEOUT_S)

    def _out_of_memory(self) -> int:
        """How many of its processes the kernel has killed since its last start; 0 where it cannot be asked."""
        try:
            told = self._server.exec(["sh", "-c", OOM_EVENTS], timeout_s=ANSWER_TIMEOUT_S)
        except StackError:  # paused, or just ended
            return 0
        return sum(int(count) for count in re.findall(r"^oom_kill (\d+)$", told, re.MULTILINE))

    def _await_end(self, why: str) -> None:
        wait_for(
            lambda: why if self._server.state().running else None,
            clock=self._clock,
            timeout_s=limits.STOP_TIMEOUT_S,
            what=f"PostgreSQL {self.name} did not shut down",
            fix=self._see_log,
        )

    def _unready(self) -> str | None:
        if not self.running():
            said = self.log().strip().splitlines() or ["it wrote nothing"]
            raise StackError(f"PostgreSQL {self.name} ended at start", why=said[-1], fix=self._see_log)
        try:
            reply = ask(self.target, ["SELECT 1"], clock=self._clock, timeout_s=2)[0]
        except Unanswered as error:
            return str(error)
        return reply.message or None

    @property
    def _see_log(self) -> str:
        return f"see logs/{self.name.replace('/', ':')}.log in the run directory"
