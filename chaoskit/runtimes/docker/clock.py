"""A server's wall clock, made wrong by libfaketime, which its image loads into the server and nothing else.

It is wrong wherever the server asks for the time of day: timestamps, ages, ``now()``. What a machine's clock does when
it is set happens too: timeouts that compare two readings, as those of replication do, end early where it jumped ahead.

One thing no real clock does: while a process waits, libfaketime shows its signal handlers the right time, and
PostgreSQL decides there whether a timeout is due. Where the clock is ahead, ``statement_timeout``, ``deadlock_timeout``
and their like come late by as much, for what waits; where it is behind, they come in time.
"""

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.project import FAKETIME
from chaoskit.runtimes.docker.wire import NS

PLACE = "/run/chaoskit"  # what an image with libfaketime has
OFFSET = f"{PLACE}/clock"  # read whenever the server looks at the clock
OWNER = "root"  # whoever the directory belongs to
TIMEOUT_S = 10.0
REPLACE = 'printf "%s\\n" "$1" > "$2.new" && mv "$2.new" "$2"'  # never read half written


def require(machine: Container) -> None:
    """Refuse an image whose servers' clock cannot be set; any container of it can be asked.

    Raises:
        StackError: It has no libfaketime, or does not answer.
    """
    try:
        machine.exec(["test", "-d", PLACE], timeout_s=TIMEOUT_S)
    except StackError as error:
        raise StackError(
            "the servers' clocks cannot be set",
            why=f"their image has no {PLACE}, where one with libfaketime reads the time ({error.why or error.what})",
            fix="build one with compose/images/postgres/Dockerfile.registry, and choose it by CHAOSKIT_POSTGRES_IMAGE",
        ) from error


class WallClock:
    """What a server takes for the time of day."""

    def __init__(self, server: Container) -> None:
        self._server = server

    def skew(self, by_ns: int) -> None:
        """Make it wrong by that much from now on, over restarts, too; 0 makes it right. Idempotent.

        Raises:
            StackError: The server was started without a clock that can be set, or could not be told.
        """
        if f"{FAKETIME}=1" not in self._server.inspect()["Config"]["Env"]:
            raise StackError(f"the clock of {self._server.name} cannot be set", why=f"{FAKETIME}=1 was not set for it")
        offset_s = f"{by_ns / NS:+.9f}"
        try:
            self._server.exec(["sh", "-c", REPLACE, "sh", offset_s, OFFSET], user=OWNER, timeout_s=TIMEOUT_S)
        except StackError:
            state = self._server.state()
            if state.running and not state.paused:
                raise
            self._server.write(OFFSET, f"{offset_s}\n")  # nobody reads it half written
