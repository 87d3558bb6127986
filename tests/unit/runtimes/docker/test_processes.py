"""Processes of one kind are stopped for certain, and whatever may have been stopped is continued."""

import os
import secrets
from collections.abc import Callable, Iterator

import psutil
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.errors import StackError
from chaoskit.runtimes.docker.processes import CONTINUE, STOP, Processes


class Here:
    """Runs a container's scripts on this machine, on processes of the test's own.

    Attributes:
        lost: Scripts whose answers do not arrive.
        before: What happens just before a script runs.
    """

    def __init__(self) -> None:
        self.lost: set[str] = set()
        self.before: dict[str, Callable[[], object]] = {}

    def exec(self, argv, *, user=None, timeout_s):
        script = argv[2]
        self.before.get(script, lambda: None)()
        process = psutil.Popen(argv, stdout=-1, stderr=-1, text=True)
        said, complaints = process.communicate(timeout=timeout_s)
        if script in self.lost or process.returncode:
            raise StackError("sh failed", why=complaints or "it did not end in time")
        return said


class Server:
    """A process with the title of a walreceiver."""

    def __init__(self) -> None:
        self.name, self.clock = f"test-{os.getpid()}-{secrets.token_hex(4)}/1", MonotonicClock()
        self.process = psutil.Popen([f"postgres: {self.name}: walreceiver", "60"], executable="/bin/sleep")
        self.here = Here()
        self.processes = Processes(self.here, self.name)

    def runs(self) -> bool:
        return self.process.status() != psutil.STATUS_STOPPED

    def end(self) -> None:
        if self.process.is_running():
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    titled = [f"postgres: {made.name}: walreceiver", "60"]
    wait_for(lambda: None if made.process.cmdline() == titled else "no", clock=made.clock, timeout_s=10, what="title")
    yield made
    made.end()


def test_a_kind_is_stopped_and_goes_on(server: Server) -> None:
    assert server.processes.states("walreceiver") == [False]
    server.processes.stop("walreceiver")
    assert (server.runs(), server.processes.stopped) == (False, True)
    assert server.processes.states("walreceiver") == [True]
    for _ in range(2):
        server.processes.go_on()
        assert (server.runs(), server.processes.stopped) == (True, False)
        assert server.processes.states("walreceiver") == [False]
    assert server.processes.states("checkpointer") == []


def test_what_was_stopped_without_an_answer_is_continued_however_often_that_takes(server: Server) -> None:
    server.here.lost = {STOP}
    with pytest.raises(StackError):
        server.processes.stop("walreceiver")
    assert not server.runs()
    server.here.lost = {CONTINUE}
    with pytest.raises(StackError):
        server.processes.go_on()
    server.process.suspend()
    server.here.lost = set()
    server.processes.go_on()
    assert server.runs()


def test_a_process_that_ends_before_it_is_stopped_was_not_stopped(server: Server) -> None:
    server.here.before[STOP] = server.end
    with pytest.raises(StackError, match=r"no walreceiver of .* was stopped"):
        server.processes.stop("walreceiver")
    server.processes.go_on()  # nobody is there to be continued, and that is no failure


def test_a_kind_that_the_server_does_not_run_is_told_with_what_it_runs(server: Server) -> None:
    with pytest.raises(StackError) as refused:
        server.processes.stop("checkpointer")
    assert "walreceiver 60" in refused.value.why
