"""The only place where names become implementations; what is not asked for is not imported."""

from collections.abc import Callable, Mapping
from importlib import import_module

from chaoskit.model.runtime import RuntimeName
from chaoskit.wiring.kit import Kit

RUNTIMES = {RuntimeName.LOCAL: "chaoskit.wiring.local", RuntimeName.DOCKER: "chaoskit.wiring.docker"}


def kit(runtime: RuntimeName, env: Mapping[str, str], say: Callable[[str], None]) -> Kit:
    """Find or build what a runtime needs of the machine; ``say`` hears of what takes long.

    Raises:
        StackError: Something is missing, with the way out.
    """
    made: Kit = import_module(RUNTIMES[runtime]).kit(env, say)
    return made
