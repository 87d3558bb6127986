"""Containers of a test's own: labelled, and removed whatever happens."""

import os
from collections.abc import Iterator

import docker
import pytest
from docker.errors import DockerException

LABEL = "org.chaoskit.run"
CLIENT_TIMEOUT_S = 30


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.APIClient]:
    """The engine; required where CI says so, else the test is skipped and says why."""
    try:
        api = docker.from_env(timeout=CLIENT_TIMEOUT_S).api
    except DockerException as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Docker engine: {error}")
    yield api
    api.close()
