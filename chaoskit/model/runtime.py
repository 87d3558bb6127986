"""What a stack can run on."""

from enum import StrEnum


class RuntimeName(StrEnum):
    """The runtimes, as scenario files and command lines call them."""

    LOCAL = "local"
    DOCKER = "docker"
