"""The way to the engine."""

import requests
from docker import APIClient
from docker.errors import DockerException

from chaoskit.errors import StackError

REQUEST_TIMEOUT_S = 20


def connect(address: str, *, timeout_s: float = REQUEST_TIMEOUT_S) -> APIClient:
    """Return a client of the engine at ``address``; each of its requests may take ``timeout_s``.

    Raises:
        StackError: No engine answers there.
    """
    try:
        return APIClient(base_url=address, timeout=timeout_s)  # asks the engine for the version that it speaks
    except (DockerException, requests.RequestException) as error:
        raise unanswered(address, error) from error


def unanswered(address: str, error: Exception) -> StackError:
    """Return the words for an engine that does not answer."""
    return StackError(
        f"no Docker engine answers at {address}",
        why=str(error),
        fix="start it, or choose another by DOCKER_HOST or `docker context use`",
    )
