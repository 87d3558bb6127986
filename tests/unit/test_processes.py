"""Processes that are started: who they outlive, how they end, and what is kept of what they said."""

import signal
import sys
from threading import Event, Thread, Timer

import psutil
import pytest

from chaoskit.errors import StackError
from chaoskit.processes import Launcher, alive, await_end

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def started():
    """Every process that was started, by name; ended afterwards."""
    made: dict[str, psutil.Process] = {}
    yield made
    for process in made.values():
        if alive(process):
            process.kill()


@pytest.fixture
def launcher(started, tmp_path):
    return Launcher(run="test", logs=tmp_path, started=started.__setitem__)


def test_a_process_outlives_the_thread_that_asked_for_it(launcher):
    made = []
    thread = Thread(target=lambda: made.append(launcher.start("sleeper", SLEEP)))
    thread.start()
    thread.join()
    assert not made[0].end(timeout_s=0.2), "the kernel ends what a thread that has ended had started"
    made[0].stop()
    assert made[0].exit_code == -signal.SIGTERM


def test_a_process_that_does_not_end_in_time_is_left_alone_by_end(launcher):
    process = launcher.start("sleeper", SLEEP)
    assert not process.end(timeout_s=0.05)
    assert process.running()
    assert process.exit_code is None
    assert process.end(timeout_s=5, by=signal.SIGKILL)
    assert process.end(timeout_s=5, by=signal.SIGKILL)


def test_what_a_tool_said_is_returned_and_only_of_this_time(launcher):
    for word in ("first", "second"):
        code = f"import sys; print('{word}'); sys.stdout.flush(); print('aside', file=sys.stderr)"
        assert launcher.run("tool", [sys.executable, "-c", code], timeout_s=20) == f"{word}\naside\n"
    assert launcher.log_path("tool").read_text() == "first\naside\nsecond\naside\n"


def test_a_tool_reads_what_it_is_given(launcher):
    code = "import sys; print(len(sys.stdin.read()))"
    for words in ("", "x" * 100_000):
        assert launcher.run("tool", [sys.executable, "-c", code], reads=words, timeout_s=20) == f"{len(words)}\n"


def test_a_tool_that_fails_is_an_error_with_its_last_words(launcher):
    with pytest.raises(StackError, match="tool failed") as failed:
        launcher.run("tool", [sys.executable, "-c", "import sys; sys.exit('no such thing')"], timeout_s=20)
    assert failed.value.why == "no such thing"
    assert "tool.log" in failed.value.fix


def test_a_tool_that_hangs_is_ended_at_its_deadline(launcher, started):
    with pytest.raises(StackError, match="tool failed") as failed:
        launcher.run("tool", SLEEP, timeout_s=0.1)
    assert failed.value.why == "no end within 0.1 s"
    assert not alive(started["tool"])


def test_an_interrupt_ends_a_tool_that_prepares_something_and_no_other(started, tmp_path):
    interrupted = Event()
    launcher = Launcher(run="test", logs=tmp_path, started=started.__setitem__, interrupted=interrupted)
    Timer(0.1, interrupted.set).start()
    with pytest.raises(KeyboardInterrupt):
        launcher.run("pull", SLEEP, timeout_s=30, interruptible=True)
    assert not alive(started["pull"])
    assert launcher.run("heal", [sys.executable, "-c", "print('done')"], timeout_s=20) == "done\n"
    with pytest.raises(StackError):
        launcher.run("hangs", SLEEP, timeout_s=0.1)


def test_a_program_that_cannot_be_executed_is_an_error_and_the_next_one_starts(launcher, tmp_path, monkeypatch):
    monkeypatch.setattr(launcher, "_setpriv", None)
    with pytest.raises(StackError, match="cannot start ghost"):
        launcher.start("ghost", [tmp_path / "ghost"])
    launcher.start("sleeper", SLEEP).stop()


LEAVE = """
import os, sys
if child := os.fork():
    print(child, flush=True)
    os._exit(0)
os.close(1)
while word := os.read(0, 64):
    print(word.decode(), file=sys.stderr, flush=True)
    if word == b"go":
        break
else:
    print("alone", file=sys.stderr, flush=True)
"""


def test_a_survivor_is_nobodys_child_and_hears_of_our_end(launcher, started):
    survivor = launcher.outliving("survivor", [sys.executable, "-c", LEAVE])
    assert started["survivor"] == survivor.process
    assert survivor.process not in psutil.Process().children(recursive=True)
    survivor.leave()
    assert await_end([survivor.process], timeout_s=20) == []
    assert launcher.log_path("survivor").read_text() == "alone\n"


def test_a_survivor_is_dismissed_by_a_word(launcher):
    survivor = launcher.outliving("survivor", [sys.executable, "-c", LEAVE])
    for _ in range(2):
        survivor.dismiss(b"go", timeout_s=20)
        assert not alive(survivor.process)
    assert launcher.log_path("survivor").read_text() == "go\n"


def test_a_survivor_that_does_not_hear_the_word_is_ended(launcher):
    survivor = launcher.outliving("survivor", [sys.executable, "-c", LEAVE])
    survivor.process.suspend()
    survivor.dismiss(b"go", timeout_s=0.05)
    assert not alive(survivor.process)


@pytest.mark.parametrize(("code", "why"), [("import sys; sys.exit(3)", "ended with code 3"), ("pass", "code 0")])
def test_a_survivor_that_does_not_leave_us_is_an_error(launcher, code, why):
    with pytest.raises(StackError, match="survivor does not start") as failed:
        launcher.outliving("survivor", [sys.executable, "-c", code])
    assert why in failed.value.why


def test_a_survivor_that_stays_with_us_is_ended(launcher):
    with pytest.raises(StackError, match="survivor does not start") as failed:
        launcher.outliving("survivor", SLEEP, timeout_s=0.1)
    assert failed.value.why == "it has not left us after 0.1 s"


def test_a_process_that_the_journal_refuses_does_not_live_on(tmp_path):
    refused = []

    def refuse(_name, process):
        refused.append(process)
        raise ValueError("the journal is closed")

    with pytest.raises(ValueError, match="the journal is closed"):
        Launcher(run="test", logs=tmp_path, started=refuse).start("sleeper", SLEEP, talk=True)
    assert [alive(process) for process in refused] == [False]
