"""A clock is set by writing a file at once, or as nobody looks; whatever else fails is told."""

import pytest

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.clock import OFFSET, WallClock
from chaoskit.runtimes.docker.container import State
from chaoskit.runtimes.docker.project import FAKETIME


class Refusing:
    """A container that runs no command."""

    name = "c"

    def __init__(self, *, running: bool, paused: bool) -> None:
        self._state = State(running=running, paused=paused, exit_code=0, oom=False)
        self.written: dict[str, str] = {}

    def inspect(self):
        return {"Config": {"Env": [f"{FAKETIME}=1"]}}

    def state(self) -> State:
        return self._state

    def exec(self, _argv, *, user, timeout_s):
        raise StackError("sh in c failed", why="it did not end in time")

    def write(self, path: str, text: str) -> None:
        self.written[path] = text


@pytest.mark.parametrize(("running", "paused"), [(False, False), (True, True)])
def test_a_clock_that_nobody_looks_at_is_written_from_outside(*, running: bool, paused: bool) -> None:
    container = Refusing(running=running, paused=paused)
    WallClock(container).skew(-1_500_000_000)
    assert container.written == {OFFSET: "-1.500000000\n"}


def test_a_server_that_runs_never_reads_a_clock_half_written() -> None:
    container = Refusing(running=True, paused=False)
    with pytest.raises(StackError, match="failed"):
        WallClock(container).skew(1)
    assert container.written == {}
