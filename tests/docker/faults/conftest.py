"""Containers of a test's own: labelled, and removed whatever happens."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import docker
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.ownership import labels
from chaoskit.runtimes.docker.subnets import free_subnets

IMAGES = {
    "postgres": os.environ.get("CHAOSKIT_POSTGRES_IMAGE", "chaoskit/postgres:18"),
    "toxiproxy": os.environ.get("CHAOSKIT_TOXIPROXY_IMAGE", "chaoskit/toxiproxy:2.12.0"),
    "net": os.environ.get("CHAOSKIT_NET_IMAGE", "chaoskit/net:1"),
}


class Yard:
    """Makes labelled things in the engine, and takes them away in reverse order."""

    def __init__(self, api: docker.APIClient) -> None:
        self.api, self.clock = api, MonotonicClock()
        self.run = secrets.token_hex(3)
        self.undo = ExitStack()
        self._labels = labels(self.run)

    def network(self, name: str) -> str:
        full = f"chaoskit-{self.run}_{name}"
        self.undo.callback(self.api.remove_network, full)
        (subnet,) = free_subnets(self.api, 1, seed=int(self.run, 16))
        pool = docker.types.IPAMPool(subnet=str(subnet))
        self.api.create_network(full, labels=self._labels, ipam=docker.types.IPAMConfig(pool_configs=[pool]))
        return full

    def volume(self, name: str, **options: str) -> str:
        full = f"chaoskit-{self.run}_{name}"
        self.undo.callback(self.api.remove_volume, full)
        self.api.create_volume(full, driver_opts=options, labels=self._labels)
        return full

    def container(
        self, name: str, image: str, network: str | None = None, *, host: dict[str, Any] | None = None, **more: Any
    ) -> Container:
        """Create and start one; ``host`` is its host configuration."""
        full = f"chaoskit-{self.run}-{name}-1"
        if network is not None:
            endpoint = self.api.create_endpoint_config(aliases=[name])
            more["networking_config"] = self.api.create_networking_config({network: endpoint})
        self.undo.callback(self.api.remove_container, full, force=True, v=True)
        self.api.create_container(
            IMAGES[image],
            name=full,
            labels=self._labels,
            host_config=self.api.create_host_config(**(host or {})),
            **more,
        )
        found = Container(self.api, full, clock=self.clock)
        found.start()
        return found

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = 15) -> None:
        wait_for(lambda: None if condition() else "not yet", clock=self.clock, timeout_s=timeout_s, what=what)


@pytest.fixture(scope="module")
def yard(engine: docker.APIClient) -> Iterator[Yard]:
    """A place for containers; what was made in it is gone when the module ends."""
    missing = [image for image in IMAGES.values() if not engine.images(image)]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"no image {', '.join(missing)}: make images")
    yard = Yard(engine)
    with yard.undo:
        yield yard
