"""The images of a project: which they are, and which of them an engine does not have."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import requests
from docker import APIClient
from docker.errors import DockerException, ImageNotFound

from chaoskit.errors import StackError

CHOICE = re.compile(r"\$\{(\w+):-([^}]*)\}")  # as in compose/services.yaml


def used(project: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
    """Return the image of every service, its variable read as Compose reads it: an empty one is none."""
    services = project["services"].items()
    return {
        name: CHOICE.sub(lambda found: env.get(found[1]) or found[2], service["image"]) for name, service in services
    }


def missing(api: APIClient, images: Iterable[str]) -> list[str]:
    """Return those that the engine does not have, by name.

    Raises:
        StackError: The engine does not answer.
    """
    return [image for image in sorted(set(images)) if not _has(api, image)]


def _has(api: APIClient, image: str) -> bool:
    try:
        api.inspect_image(image)
    except ImageNotFound:
        return False
    except (DockerException, requests.RequestException) as error:
        raise StackError("the Docker engine does not tell its images", why=str(error)) from error
    return True
