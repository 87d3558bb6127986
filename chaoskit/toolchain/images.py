"""The images of the docker runtime: the official ones, unless a variable names another."""

from collections.abc import Mapping

OFFICIAL: Mapping[str, str] = {
    "CHAOSKIT_POSTGRES_IMAGE": "postgres:18",
    "CHAOSKIT_TOXIPROXY_IMAGE": "ghcr.io/shopify/toxiproxy:2.12.0",
    "CHAOSKIT_NET_IMAGE": "chaoskit/net:1",  # nobody's but ours: `make images`
}


def images(env: Mapping[str, str]) -> list[str]:
    """Return the names of the images that a run would use; an empty variable is none, as for Compose."""
    return [env.get(variable) or official for variable, official in OFFICIAL.items()]
