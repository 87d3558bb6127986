"""What a server in a container says of its end, and how its programs are run."""

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.errors import StackError
from chaoskit.protocols import Target
from chaoskit.runtimes.docker.container import State
from chaoskit.runtimes.docker.server import DockerServer

FIRST = "oom_kill_disable 0\nunder_oom 0\noom_kill {count}\n"
SECOND = "low 0\nhigh 0\nmax 12\noom 3\noom_kill {count}\noom_group_kill 0\n"


class Place:
    """A container that runs and answers any command with the same words; None: it answers none."""

    name = "chaoskit-abc123-us-east-1"

    def __init__(self, said):
        self.said = said

    def state(self):
        return State(running=True, paused=False, exit_code=0, oom=False)

    def logs(self):
        return ""

    def exec(self, argv, *, timeout_s):
        if self.said is None:
            raise StackError("it is paused")
        return self.said


def server(said):
    target = Target(host="127.0.0.1", port=1, user="u", password="p")
    return DockerServer("us-east/1", server=Place(said), machine=Place(said), target=target, clock=MonotonicClock())


@pytest.mark.parametrize("events", [FIRST, SECOND], ids=["cgroup v1", "cgroup v2"])
def test_processes_that_the_kernel_killed_for_memory_are_told_while_the_server_runs_on(events):
    assert server(events.format(count=0)).broken() is None
    assert "ran out of memory: 2 of its processes" in (server(events.format(count=2)).broken() or "")


@pytest.mark.parametrize("said", ["", None])
def test_where_nothing_is_known_of_memory_nothing_is_said(said):
    assert server(said).broken() is None
