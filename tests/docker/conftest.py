"""The engine that these tests need."""

import os
from collections.abc import Iterator

import pytest
from docker import APIClient

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.client import connect
from chaoskit.toolchain.engine_address import engine_address


@pytest.fixture(scope="session")
def engine() -> Iterator[APIClient]:
    """The engine; required where CI says so, else the test is skipped and says why."""
    try:
        api = connect(engine_address(os.environ))
    except StackError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{error.what}: {error.why}")
    yield api
    api.close()
