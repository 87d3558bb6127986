"""What the containers of a run wrote, brought into its directory."""

from pathlib import Path

from docker import APIClient

from chaoskit.errors import StackError
from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock
from chaoskit.runtimes.docker import names
from chaoskit.runtimes.docker.container import Container


class Logs:
    """One file for every server and one for the WAN.

    Args:
        directory: Where they are kept.
    """

    def __init__(self, api: APIClient, plan: Plan, directory: Path, *, clock: Clock) -> None:
        services = {node.name: names.server(node) for node in plan.scenario.stack.topology.nodes}
        self._containers = {
            name: Container(api, names.container(plan.run, service), clock=clock)
            for name, service in {**services, "toxiproxy": names.WAN}.items()
        }
        self._directory = directory

    def keep(self) -> None:
        """Write what they have written so far, over what was kept before; why it cannot be had is written instead.

        Each line begins with when the engine got it: a server whose clock is wrong writes wrong times.
        """
        for name, container in self._containers.items():
            try:
                text = container.logs(stamped=True)
            except StackError as error:
                text = f"{error}\n"
            (self._directory / f"{name.replace('/', ':')}.log").write_text(text, encoding="utf-8")
