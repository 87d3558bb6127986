"""What every runtime has to do: each of these tests runs on each of them, and asks none for its name."""

import os
from collections.abc import Callable, Mapping

import pytest

from chaoskit.model.ability import ABILITIES, asked
from chaoskit.model.fault import Deed
from chaoskit.model.runtime import RuntimeName
from chaoskit.wiring import kit
from chaoskit.wiring.kit import Kit

MARKS = {RuntimeName.LOCAL: pytest.mark.stack, RuntimeName.DOCKER: pytest.mark.docker}
NEEDS: Mapping[RuntimeName, tuple[str, ...]] = {RuntimeName.LOCAL: (), RuntimeName.DOCKER: ("docker_images",)}
"""Fixtures without which a runtime is skipped, or fails where it is required."""


@pytest.fixture(scope="session", params=[pytest.param(name, marks=MARKS[name]) for name in RuntimeName])
def runtime(request: pytest.FixtureRequest) -> Kit:
    """Every runtime in turn."""
    for need in NEEDS[request.param]:
        request.getfixturevalue(need)
    return kit(request.param, os.environ, print)


@pytest.fixture
def needs(runtime: Kit) -> Callable[[Deed], None]:
    """Skip the test where the runtime does not have what a deed asks for."""

    def check(deed: Deed) -> None:
        ability = asked(deed)
        if ability is not None and ability not in ABILITIES[runtime.name]:
            pytest.skip(f"the runtime {runtime.name} has no {ability}")

    return check
