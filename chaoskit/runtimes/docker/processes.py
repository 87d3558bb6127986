"""Processes of one kind inside a server's container, found by their titles."""

from collections.abc import Mapping

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.postgres.titles import POSTMASTER, kind, kind_is

TIMEOUT_S = 10.0
POSTMASTER_PID = 1
# PID and title of every process; those that end meanwhile are left out.
LIST = 'for p in /proc/[0-9]*; do printf "%s\\t%s\\n" "${p#/proc/}" "$(tr "\\0" " " < "$p/cmdline" 2>/dev/null)"; done'
# A word for each that has not ended meanwhile.
STATES = """
for pid; do
  if grep -q "^State:.T" "/proc/$pid/status" 2>/dev/null; then echo stopped
  elif [ -e "/proc/$pid" ]; then echo running; fi
done
"""
# Those that are stopped; one that lives and does not stop is an error. A signal is obeyed a moment after it was sent.
STOP = """
kill -STOP "$@" 2>/dev/null
for attempt in $(seq 100); do
  stopped= others=
  for pid; do
    if grep -q "^State:.T" "/proc/$pid/status" 2>/dev/null; then stopped="$stopped $pid"
    elif [ -e "/proc/$pid" ]; then others="$others $pid"; fi
  done
  [ -n "$others" ] || { echo $stopped; exit 0; }
  sleep 0.05
done
echo "$others did not stop" >&2
exit 1
"""
# One that is gone needs no signal; one that stays stopped is an error.
CONTINUE = """
kill -CONT "$@" 2>/dev/null
for pid; do
  ! grep -q "^State:.T" "/proc/$pid/status" 2>/dev/null || { echo "$pid is still stopped" >&2; exit 1; }
done
"""


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
            StackError: The server runs no such process, or it is not known to have stopped; ``go_on`` is needed then.
        """
        if process == POSTMASTER:
            self._stopped.append(POSTMASTER_PID)
            self._container.kill("SIGSTOP")  # a signal from inside would not reach the first process
            return
        found = self._found(process)
        self._stopped += found
        if not self._script(STOP, found).split():
            raise StackError(f"no {process} of {self._name} was stopped", why="it ended at that moment")

    def states(self, process: str) -> list[bool]:
        """Of every process of a kind, whether it is stopped."""
        return [state == "stopped" for state in self._script(STATES, self._of_kind(self._titles(), process)).split()]

    def go_on(self) -> None:
        """SIGCONT all that were stopped, or may have been; idempotent."""
        if POSTMASTER_PID in self._stopped:
            self._container.kill("SIGCONT")
        if children := [pid for pid in self._stopped if pid != POSTMASTER_PID]:
            self._script(CONTINUE, children)
        self._stopped = []

    def forget(self) -> None:
        """They are gone with the server."""
        self._stopped = []

    def _found(self, process: str) -> list[int]:
        """Those of a kind."""
        titles = self._titles()
        found = self._of_kind(titles, process)
        if not found:
            runs = ", ".join(sorted({kind(t, self._name) for pid, t in titles.items() if pid != POSTMASTER_PID}))
            raise StackError(f"{self._name} runs no process called {process!r}", why=f"it runs {runs or 'none'}")
        return found

    def _of_kind(self, titles: Mapping[int, str], process: str) -> list[int]:
        return [pid for pid, title in titles.items() if kind_is(title, self._name, process)]

    def _titles(self) -> dict[int, str]:
        listed = self._container.exec(["sh", "-c", LIST], timeout_s=TIMEOUT_S)
        lines = [line.split("\t", 1) for line in listed.splitlines() if "\t" in line]
        return {int(pid): title for pid, title in lines if title.startswith("postgres: ") or int(pid) == POSTMASTER_PID}

    def _script(self, script: str, pids: list[int]) -> str:
        words = [str(pid) for pid in pids]
        return self._container.exec(["sh", "-c", script, "sh", *words], user="postgres", timeout_s=TIMEOUT_S)
