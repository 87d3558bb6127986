"""A shell that stays open in a container: a command through it takes milliseconds, an exec of its own 0.15-0.3 s.

Whatever takes effect somewhere between question and answer has that much uncertainty in its onset.
"""

from threading import Lock

from chaoskit.errors import StackError
from chaoskit.protocols import Clock
from chaoskit.runtimes.docker.container import GRACE_S, KILLED, Container
from chaoskit.runtimes.docker.wire import NS, Wire

END, SCRIPT_END = "chaoskit: ended with ", "chaoskit: end of script"
TIMEOUT_S = 10.0


class Shell:
    """Runs scripts in a container, one after the other; opened when first needed, and again after a failure."""

    def __init__(self, container: Container, *, clock: Clock) -> None:
        self._container, self._clock = container, clock
        self._wire: Wire | None = None
        self._lock = Lock()

    def run(self, script: str) -> str:
        """Run a script of ``sh`` up to its first command that fails; everything that it says.

        The deadline holds in the container, too: what is done again does not run beside what was to be done before.

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
        if code == KILLED:
            raise StackError(f"a script in {self._container.name} failed", why=f"it did not end within {TIMEOUT_S:g} s")
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
        deadline_ns = self._clock.now_ns() + round((TIMEOUT_S + GRACE_S) * NS)
        # A shell of its own, which can be ended with all of its children; its commands do not read the script.
        bounded = f"timeout -s KILL {TIMEOUT_S:g} sh -e /dev/fd/3 3<<'{SCRIPT_END}' </dev/null 2>&1"
        wrapped = f"{bounded}\n{script}\n{SCRIPT_END}\nprintf '\\n{END}%s\\n' $?\n"
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
