"""The way to the engine."""

import socket
from urllib.parse import urlsplit

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
        _knock(address, timeout_s)
        return APIClient(base_url=address, timeout=timeout_s)  # asks the engine for the version that it speaks
    except (DockerException, requests.RequestException, OSError) as error:
        raise StackError(
            f"no Docker engine answers at {address}",
            why=str(error),
            fix="start it, or choose another by DOCKER_HOST or `docker context use`",
        ) from error


def _knock(address: str, timeout_s: float) -> None:
    """Fail in plain words where nobody listens: the SDK buries them, and leaves its socket open."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.settimeout(timeout_s)
            knocking.connect(parts.path)
