"""Processes of one kind inside a server's container, found by their titles."""

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.postgres.titles import POSTMASTER, kind, kind_is

TIMEOUT_S = 10.0
POSTMASTER_PID = 1
# PID and title of every process; those that end meanwhile are left out.
LIST = 'for p in /proc/[0-9]*; do printf "%s\\t%s\\n" "${p#/proc/}" "$(tr "\\0" " " < "$p/cmdline" 2>/dev/null)"; done'


class Processes:
    """Stops and continues processes of a server by signals, as its own user.

    Args:
        name: The server's ``cluster_name``, which its processes carry in their titles.
    """

    def __init__(self, container: Container, name: str) -> None:
        self._container, self._name = container, name
        self._stopped: list[int] = []

    @property
    def stopped(self) -> bool:
        """Whether some are."""
        return bool(self._stopped)

    def stop(self, process: str) -> None:
        """SIGSTOP those of a kind (``walreceiver``, ``postmaster``).

        Raises:
            StackError: The server runs no such process.
        """
        if process == POSTMASTER:
            self._container.kill("SIGSTOP")  # a signal from inside would not reach the first process
            self._stopped.append(POSTMASTER_PID)
            return
        titles = self._titles()
        found = [pid for pid, title in titles.items() if kind_is(title, self._name, process)]
        if not found:
            runs = ", ".join(sorted({kind(t, self._name) for pid, t in titles.items() if pid != POSTMASTER_PID}))
            raise StackError(f"{self._name} runs no process called {process!r}", why=f"it runs {runs or 'none'}")
        self._signal("STOP", found)
        self._stopped += found

    def go_on(self) -> None:
        """SIGCONT all that were stopped; idempotent."""
        stopped, self._stopped = self._stopped, []
        if POSTMASTER_PID in stopped:
            self._container.kill("SIGCONT")
        if children := [pid for pid in stopped if pid != POSTMASTER_PID]:
            self._signal("CONT", children)

    def forget(self) -> None:
        """They are gone with the server."""
        self._stopped = []

    def _titles(self) -> dict[int, str]:
        listed = self._container.exec(["sh", "-c", LIST], timeout_s=TIMEOUT_S)
        lines = [line.split("\t", 1) for line in listed.splitlines() if "\t" in line]
        return {int(pid): title for pid, title in lines if title.startswith("postgres: ") or int(pid) == POSTMASTER_PID}

    def _signal(self, how: str, pids: list[int]) -> None:
        words = " ".join(str(pid) for pid in pids)
        self._container.exec(["sh", "-c", f"kill -{how} {words} || true"], user="postgres", timeout_s=TIMEOUT_S)
