"""A machine's cable: its interface in its region's network can be taken away and given back."""

from collections.abc import Mapping, Sequence
from typing import Any

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import Container

PLUG_TIMEOUT_S = 15.0


class Cable:
    """The connection of a container, and of those that share its network, to one network.

    Args:
        machine: The container that the network was given to.
        network: Its full name.
    """

    def __init__(self, machine: Container, network: str) -> None:
        self._machine, self._network = machine, network
        self._aliases: Sequence[str] = ()
        self._address: str | None = None

    def unplug(self) -> None:
        """Take the interface away; connections stay open and hear nothing. Idempotent.

        Raises:
            StackError: The engine did not do it.
        """
        if (endpoint := self._endpoint()) is not None:
            self._aliases, self._address = endpoint["Aliases"] or (), endpoint["IPAddress"]
            self._machine.disconnect(self._network)

    def plug(self) -> str:
        """Give it one again, with the names and the address that it had, which is returned. Idempotent.

        By another address its open connections would be dead, and its old one could become a neighbour's.

        Raises:
            StackError: The engine did not do it in time.
        """
        # While other containers come and go, an engine may fail to find an interface, and find it when asked again.
        wait_for(
            self._unplugged,
            clock=self._machine.clock,
            timeout_s=PLUG_TIMEOUT_S,
            what=f"{self._machine.name} has no interface in {self._network}",
            every_s=0.1,
        )
        return self._machine.address(self._network)

    def _unplugged(self) -> str | None:
        """Try to plug it in; why it is not, if it is not."""
        try:
            if self._endpoint() is None:
                self._machine.connect(self._network, self._aliases, self._address)
        except StackError as error:
            return error.why
        return None

    def _endpoint(self) -> Mapping[str, Any] | None:
        found: dict[str, Mapping[str, Any]] = self._machine.inspect()["NetworkSettings"]["Networks"]
        return found.get(self._network)
