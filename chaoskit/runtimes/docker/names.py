"""What things of a stack are called: services and networks of its Compose project, labels, files in containers."""

from chaoskit.model.topology import Node

WAN, GUARD = "wan", "guard"
EDGE = "_edge"  # no region can be called so

CONFIG = "/etc/chaoskit"
DATA = "/var/lib/postgresql/data"
DISK = "/var/lib/postgresql"
PORT = 5432


def project(run: str) -> str:
    """The Compose project of a run."""
    return f"chaoskit-{run}"


def container(run: str, service: str) -> str:
    """The container of a service."""
    return f"{project(run)}-{service}"


def server(node: Node) -> str:
    """The service of a node's server; a region's name never ends it, for the node's number does."""
    return node.name.replace("/", "-")


def machine(node: Node) -> str:
    """The service that holds a node's address and disk."""
    return f"{server(node)}-machine"
