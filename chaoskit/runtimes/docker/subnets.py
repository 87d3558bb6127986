"""Address ranges for a stack's networks: an engine gives a container its old address again only in a chosen range."""

import socket
import struct
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from random import Random

import requests
from docker import APIClient
from docker.errors import DockerException

from chaoskit.errors import StackError

POOL = IPv4Network("198.18.0.0/15")  # set aside for benchmarks: neither the internet nor an engine of itself uses it
PREFIX = 24
ROUTES = Path("/proc/net/route")


def free_subnets(api: APIClient, count: int, seed: int) -> list[IPv4Network]:
    """Return ``count`` ranges that neither a network of the engine nor a route of this machine uses now.

    Raises:
        StackError: There are not that many, or the engine does not say.
    """
    try:
        listed = api.networks()
    except (DockerException, requests.RequestException) as error:
        raise StackError("the Docker engine does not list its networks", why=str(error)) from error
    configs = [config for network in listed for config in network["IPAM"]["Config"] or ()]
    engine = [ip_network(config["Subnet"]) for config in configs if config.get("Subnet")]
    taken = [net for net in engine if isinstance(net, IPv4Network)]
    return choose([*taken, *routed(ROUTES.read_text() if ROUTES.exists() else "")], count, seed)


def choose(taken: Sequence[IPv4Network], count: int, seed: int) -> list[IPv4Network]:
    """Return ``count`` ranges of the pool that overlap nothing that is taken, in an order drawn from ``seed``.

    Raises:
        StackError: There are not that many.
    """
    candidates = list(POOL.subnets(new_prefix=PREFIX))
    Random(seed).shuffle(candidates)  # noqa: S311 - spreads runs over the range, hides nothing
    found = [one for one in candidates if not any(one.overlaps(other) for other in taken)][:count]
    if len(found) < count:
        raise StackError(
            f"no {count} free /{PREFIX} networks in {POOL}", fix="`chaoskit clean`, or remove other routes"
        )
    return found


def routed(table: str) -> Iterable[IPv4Network]:
    """What ``/proc/net/route`` leads somewhere, but for the default route."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return [IPv4Network((_address(row[1]), _address(row[7]))) for row in rows if row[7] != "00000000"]


def _address(word: str) -> str:
    return socket.inet_ntoa(struct.pack("=L", int(word, 16)))
