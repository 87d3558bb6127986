"""Which images a project uses."""

import pytest

from chaoskit.runtimes.docker.images import used

PROJECT = {"services": {"wan": {"image": "${WAN_IMAGE:-registry.example/wan:2.12.0}"}, "own": {"image": "own:1"}}}


@pytest.mark.parametrize(
    ("env", "wan"),
    [
        ({}, "registry.example/wan:2.12.0"),
        ({"WAN_IMAGE": ""}, "registry.example/wan:2.12.0"),
        ({"WAN_IMAGE": "mine:1"}, "mine:1"),
    ],
    ids=["not chosen", "chosen as nothing", "chosen"],
)
def test_an_image_is_the_chosen_one_or_the_default(env, wan):
    assert used(PROJECT, env) == {"wan": wan, "own": "own:1"}
