"""A shell that stays open in a container: a command through it takes milliseconds, an exec of its own 0.15-0.3 s.

Whatever takes effect somewhere between question and answer has that much uncertainty in its onset.
"""

from threading import Lock

from chaoskit.errors import StackError
from chaoskit.protocols import Clock
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.wire import NS, Wire

END = "chaoskit: ended with "
TIMEOUT_S = 10.0


class Shell:
    """Runs scripts in a container, one after the other; opened when first needed, and again after a failure."""

    def __init__(self, container: Container, *, clock: Clock) -> None:
        self._container, self._clock = container, clock
        self._wire: Wire | None = None
        self._lock = Lock()

    def run(self, script: str) -> str:
        """Run a script of ``sh`` up to its first command that fails; everything that it says.

        Raises:
            StackError: A command failed, or the script did not end in time.
        """
        with self._lock:
            try:
                said, code = self._ask(script)
            except OSError as error:
                self._hang_up()
                why = "it did not end in time" if isinstance(error, TimeoutError) else str(error)
                raise StackError(f"a script in {self._container.name} failed", why=why) from error
        if code != 0:
            raise StackError(f"a script in {self._container.name} failed with code {code}", why=said.strip()[-1000:])
        return said

    def close(self) -> None:
        """End the shell; idempotent."""
        with self._lock:
            self._hang_up()

    def _ask(self, script: str) -> tuple[str, int]:
        if self._wire is None:
            self._wire = self._container.shell()
        deadline_ns = self._clock.now_ns() + round(TIMEOUT_S * NS)
        # A shell of its own, for -e holds nowhere on the left of ||; what it reads is not what follows it.
        wrapped = f"(set -e\n{script}\n) </dev/null 2>&1\nprintf '\\n{END}%s\\n' $?\n"
        self._wire.send(wrapped.encode(), deadline_ns=deadline_ns)
        said = ""
        while END not in said or not said.endswith("\n"):
            frame = self._wire.frame(deadline_ns=deadline_ns)
            if frame is None:
                raise ConnectionError("the shell has ended")
            said += frame[1].decode(errors="replace")
        before, _, code = said.rpartition(END)
        return before, int(code)

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = None
