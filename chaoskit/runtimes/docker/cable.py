"""A machine's cable: its interface in its region's network can be taken away and given back."""

from collections.abc import Sequence

from chaoskit.runtimes.docker.container import Container


class Cable:
    """The connection of a container, and of those that share its network, to one network.

    Args:
        machine: The container that the network was given to.
        network: Its full name.
    """

    def __init__(self, machine: Container, network: str) -> None:
        self._machine, self._network = machine, network
        self._aliases: Sequence[str] = ()

    def unplug(self) -> None:
        """Take the interface away; connections stay open and hear nothing. Idempotent.

        Raises:
            StackError: The engine did not do it.
        """
        if (endpoint := self._endpoint()) is not None:
            self._aliases = endpoint["Aliases"] or ()
            self._machine.disconnect(self._network)

    def plug(self) -> str:
        """Give it one again, with the names that it had; the address, which may be another one. Idempotent.

        Raises:
            StackError: The engine did not do it.
        """
        if self._endpoint() is None:
            self._machine.connect(self._network, self._aliases)
        return self._machine.address(self._network)

    def _endpoint(self) -> dict[str, Sequence[str]] | None:
        found: dict[str, dict[str, Sequence[str]]] = self._machine.inspect()["NetworkSettings"]["Networks"]
        return found.get(self._network)
