"""Scripts through an open shell; the shell is this machine's."""

import subprocess

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.errors import StackError
from chaoskit.runtimes.docker import shell as room
from chaoskit.runtimes.docker.shell import Shell


class Wire:
    """A shell that has run what it was sent before anybody listens."""

    def send(self, data, *, deadline_ns):
        self.said = subprocess.run(["sh"], input=data, capture_output=True, check=False).stdout

    def frame(self, *, deadline_ns):
        return True, self.said

    def close(self):
        pass


class Here:
    name = "guard"

    def shell(self):
        return Wire()


@pytest.fixture
def shell():
    return Shell(Here(), clock=MonotonicClock())


def test_a_script_reads_its_own_documents_and_nothing_of_what_follows_it(shell):
    assert shell.run("cat\ncat <<'END'\na $line\nEND").strip() == "a $line"


@pytest.mark.parametrize("script", ["echo said\nfalse\necho unsaid", "echo said >&2\nexit 3\necho unsaid"])
def test_a_script_ends_with_its_first_command_that_fails(shell, script):
    with pytest.raises(StackError) as error:
        shell.run(script)
    assert error.value.why == "said"


def test_a_script_that_does_not_end_is_ended_with_its_children(shell, monkeypatch, tmp_path):
    monkeypatch.setattr(room, "TIMEOUT_S", 0.5)
    with pytest.raises(StackError) as error:
        shell.run(f"sh -c 'sleep 8; touch {tmp_path / 'late'}'\ntouch {tmp_path / 'late'}")
    assert "did not end within 0.5 s" in error.value.why
    assert not (tmp_path / "late").exists()
