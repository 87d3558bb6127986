"""What the rooms of one line ask of each other. Implementations are chosen in ``wiring``."""

from collections.abc import Callable

from chaoskit.model.event import Event
from chaoskit.protocols.clock import Clock
from chaoskit.protocols.connection import Endpoints, Target
from chaoskit.protocols.failover import FailoverManager, Router, Witness
from chaoskit.protocols.fault import Injector, Proof
from chaoskit.protocols.load import TALLY_BOUNDS_S, LoadDriver, Tally
from chaoskit.protocols.nodes import Database, Machines
from chaoskit.protocols.stack import Metered, Runtime, Stack
from chaoskit.protocols.wan import Impairment, PacketCount, PacketFilter, Span, Stream, Wan

Emit = Callable[[Event], None]

__all__ = [
    "TALLY_BOUNDS_S",
    "Clock",
    "Database",
    "Emit",
    "Endpoints",
    "FailoverManager",
    "Impairment",
    "Injector",
    "LoadDriver",
    "Machines",
    "Metered",
    "PacketCount",
    "PacketFilter",
    "Proof",
    "Router",
    "Runtime",
    "Span",
    "Stack",
    "Stream",
    "Tally",
    "Target",
    "Wan",
    "Witness",
]
