"""The users of the ``register`` workload."""

import locust  # isort: skip  # first: it patches what every later import binds

from locust.env import Environment

from chaoskit.clock import NS
from chaoskit.load.mix import Mix
from chaoskit.load.user import PostgresUser
from chaoskit.model.scenario import Register


def register_user(workload: Register) -> type[PostgresUser]:
    """The Locust class whose users do ``workload``."""

    class RegisterUser(PostgresUser):
        """Writes, and reads what it may have written."""

        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            self._mix = Mix(workload, self.draw)

        @locust.task
        def turn(self) -> None:
            """Do one turn, an operation at a time."""
            turn = self._mix.turn()
            if turn.write:
                self.write(turn.key)
            if turn.write and turn.read and workload.read_after_ns:
                self._customer.sleep(workload.read_after_ns / NS)
            if turn.read:
                self.read(turn.key)

    return RegisterUser
