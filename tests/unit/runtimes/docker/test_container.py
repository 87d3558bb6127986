"""What an engine says late is waited for, and not for ever."""

from socket import socketpair

import pytest

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import GRACE_S, Container
from chaoskit.runtimes.docker.wire import NS


class Hand:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at_ns = 0

    def now_ns(self) -> int:
        return self.at_ns

    def sleep(self, seconds: float) -> None:
        self.at_ns += round(seconds * NS)


class LateEngine:
    """Ends every exec at once, and knows how it ended only when it was asked ``late`` times."""

    def __init__(self, code: int, late: int) -> None:
        self._code, self._late = code, late

    def exec_create(self, _name, _argv, **_options):
        return {"Id": "x"}

    def exec_start(self, _identity, *, socket):
        ours, theirs = socketpair()
        theirs.close()
        return ours

    def exec_inspect(self, _identity):
        self._late -= 1
        return {"Running": True, "ExitCode": None} if self._late >= 0 else {"Running": False, "ExitCode": self._code}


def test_a_command_has_not_failed_before_the_engine_knows_how_it_ended() -> None:
    assert Container(LateEngine(0, late=3), "c", clock=Hand()).exec(["true"], timeout_s=1) == ""


def test_a_command_that_failed_is_told_with_its_code_when_the_engine_knows_it() -> None:
    with pytest.raises(StackError, match="failed with code 3"):
        Container(LateEngine(3, late=3), "c", clock=Hand()).exec(["false"], timeout_s=1)


def test_an_engine_that_never_knows_is_given_up_at_the_deadline() -> None:
    clock = Hand()
    with pytest.raises(StackError) as failed:
        Container(LateEngine(0, late=10**6), "c", clock=clock).exec(["true"], timeout_s=1)
    assert failed.value.why == "it did not end in time"
    assert clock.now_ns() <= (1 + GRACE_S) * NS + NS // 10
