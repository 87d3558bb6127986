"""Where the Docker engine is: one answer for the SDK, for Compose, for the reaper and for ``clean``.

Decided as the docker command decides: ``DOCKER_HOST``, else the context that ``DOCKER_CONTEXT`` or its configuration
names, else the default socket. The SDK's ``from_env`` falls back to the default socket where a context does not exist
or the configuration is damaged, and looks for both in the process's own environment, whatever it is given.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chaoskit.errors import StackError

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
DEFAULT_CONTEXT = "default"


def engine_address(env: Mapping[str, str]) -> str:
    """Return the engine's address, like ``unix:///var/run/docker.sock``; nothing is connected.

    Raises:
        StackError: The context that is asked for cannot be read, or the engine is on another machine.
    """
    address = env.get("DOCKER_HOST") or _address_of_context(env)
    if not _on_this_machine(address):
        raise StackError(
            f"the Docker engine at {address} is not on this machine",
            why="clients reach the containers over this machine's loopback and bridges",
            fix="run chaoskit where the engine runs, or point DOCKER_HOST at an engine here",
        )
    return address


def _address_of_context(env: Mapping[str, str]) -> str:
    home = Path(env.get("HOME") or Path.home())
    config = Path(env.get("DOCKER_CONFIG") or home / ".docker")
    name = env.get("DOCKER_CONTEXT") or _current_context(config / "config.json")
    if name == DEFAULT_CONTEXT:
        return DEFAULT_ADDRESS
    meta = config / "contexts" / "meta" / sha256(name.encode()).hexdigest() / "meta.json"
    try:
        return str(_read(meta)["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StackError(
            f"there is no docker context {name!r}",
            why=f"{meta}: {error}",
            fix="choose another by `docker context use`, or set DOCKER_HOST",
        ) from error


def _current_context(config: Path) -> str:
    try:
        return str(_read(config).get("currentContext") or DEFAULT_CONTEXT)
    except FileNotFoundError:
        return DEFAULT_CONTEXT
    except (OSError, ValueError, AttributeError) as error:
        raise StackError(
            "docker's configuration cannot be read", why=f"{config}: {error}", fix="mend it, or set DOCKER_HOST"
        ) from error


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _on_this_machine(address: str) -> bool:
    try:
        parts = urlsplit(address)
        if parts.scheme in {"tcp", "http"}:
            return parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name, or no address at all
        return False
    return parts.scheme == "unix"
