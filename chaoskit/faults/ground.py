"""What a fault stands on."""

from collections.abc import Callable
from dataclasses import dataclass

from chaoskit.model.plan import Plan
from chaoskit.protocols import Clock, Database, LoadDriver, Wan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The run that a fault strikes. ``intend`` writes the journal before something is done."""

    plan: Plan
    wan: Wan
    database: Database
    load: LoadDriver
    clock: Clock
    intend: Callable[[str], None]
