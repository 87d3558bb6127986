"""What is said of a stack at the end of a run, whether its engine answers or not."""

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import State
from chaoskit.runtimes.docker.stack import DockerStack
from chaoskit.runtimes.postgres.cluster import Cluster


class Thing:
    """A container or a server in a state that a test plants; None: the engine does not answer."""

    def __init__(self, name, exit_code):
        self.name, self._exit_code = name, exit_code

    def state(self):
        if self._exit_code is None:
            raise StackError(f"{self.name} cannot be inspected", why="it did not end in time")
        return State(running=self._exit_code == 0, paused=False, exit_code=self._exit_code, oom=False)

    def broken(self):
        return None if self.state().running else f"{self.name} ended"


def stack(watched, servers):
    database = Cluster({server.name: server for server in servers}, {}, major=18, wan=None, clock=None)
    rest = dict.fromkeys(("wan", "regions", "facts", "machines", "logs", "servers"))
    return DockerStack(**rest | {"watched": watched, "database": database})


def test_an_engine_that_does_not_answer_is_a_reason_and_the_others_are_told_all_the_same():
    said = stack(
        [Thing("wan", None), Thing("guard", 3)], [Thing("us/1", None), Thing("eu/1", 2), Thing("ap/1", 0)]
    ).broken()
    assert [why.partition(":")[0] for why in said] == [
        "wan may have ended",
        "guard ended by itself with code 3",
        "PostgreSQL us/1 may have ended",
        "eu/1 ended",
    ]
    assert "it did not end in time" in said[0]


def test_what_runs_is_not_broken():
    assert stack([Thing("wan", 0)], [Thing("us/1", 0)]).broken() == []
