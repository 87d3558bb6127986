"""What a server in a container is told, and what nobody else may read of it."""

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.protocols import Target
from chaoskit.runtimes.docker.server import DockerServer


class Machine:
    """Keeps what was to be run in it."""

    def __init__(self) -> None:
        self.ran: list[tuple[list[str], dict[str, str]]] = []

    def exec(self, argv, *, user, env, timeout_s):
        self.ran.append((argv, env))
        return "done"


@pytest.mark.parametrize(("password", "env"), [("secret", {"PGPASSWORD": "secret"}), ("", {})])
def test_a_password_is_no_word_of_a_command_line(password: str, env: dict[str, str]) -> None:
    machine = Machine()
    target = Target(host="127.0.0.1", port=1, user="chaoskit", password=password)
    server = DockerServer("us-east/1", server=machine, machine=machine, target=target, clock=MonotonicClock())
    assert server.tool("pg_rewind", "--no-sync", password=password) == "done"
    ((argv, around),) = machine.ran
    assert argv[-2:] == ["pg_rewind", "--no-sync"]
    assert "secret" not in " ".join(argv)
    assert around == {"LC_ALL": "C"} | env
