"""The docker runtime, and what an engine holds of a run."""

import os
from collections.abc import Callable

import pytest
from docker import APIClient

from chaoskit.runtimes.docker.ownership import RUN_LABEL
from chaoskit.wiring.docker import DockerKit, kit


@pytest.fixture(scope="session")
def runtime(engine: APIClient, docker_images: None) -> DockerKit:
    """The runtime of live stacks."""
    return kit(os.environ, print)


@pytest.fixture(scope="session")
def of_run(engine: APIClient) -> Callable[[str], list[str]]:
    """Everything that an engine holds of a run."""

    def found(run: str) -> list[str]:
        wanted = {"label": f"{RUN_LABEL}={run}"}
        listed = engine.containers(all=True, filters=wanted)
        containers = [f"container {thing['Names']} {thing['State']}" for thing in listed]
        networks = [f"network {thing['Name']}" for thing in engine.networks(filters=wanted)]
        volumes = [f"volume {thing['Name']}" for thing in engine.volumes(filters=wanted)["Volumes"] or ()]
        return sorted(containers + networks + volumes)

    return found
