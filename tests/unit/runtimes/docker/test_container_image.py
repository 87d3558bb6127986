"""What a container says of itself, read from the engine's answer."""

from types import SimpleNamespace

from chaoskit.clock import MonotonicClock
from chaoskit.runtimes.docker.container import Container

ANSWER = {"Config": {"Image": "mine/postgres:18"}, "Image": "sha256:5eed"}


def test_an_image_is_told_by_the_name_that_was_chosen_and_by_what_it_stood_for():
    api = SimpleNamespace(inspect_container=lambda _name: ANSWER)
    container = Container(api, "us-east-1", clock=MonotonicClock())
    assert container.image() == {"name": "mine/postgres:18", "id": "sha256:5eed"}
