"""What a runtime brings up."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from chaoskit.model.plan import Plan
from chaoskit.protocols.connection import Endpoints
from chaoskit.protocols.nodes import Database, Machines
from chaoskit.protocols.wan import Wan


@runtime_checkable
class Metered(Protocol):
    """What a stack may be able to tell beside what every stack can: the price of its pattern."""

    def cpu_s(self) -> Mapping[str, float]:
        """CPU seconds of every running node since its server was started; cheap, and safe from any thread."""

    def crossed(self) -> Mapping[tuple[str, str], int]:
        """Bytes that were handed to the WAN by (from, to) region; may end every connection, so it is asked last.

        Raises:
            StackError: They cannot be told.
        """


class Stack(Protocol):
    """What a runtime brings up: a WAN and the nodes behind it."""

    @property
    def wan(self) -> Wan:
        """The only way from region to region."""

    @property
    def database(self) -> Database:
        """The nodes."""

    @property
    def machines(self) -> Machines | None:
        """The nodes' machines, where each has one of its own."""

    def endpoints(self) -> Mapping[str, Endpoints]:
        """The clients' endpoints by region, already proxied."""

    def environment(self) -> Mapping[str, Any]:
        """Versions, filesystem and limits, for the report."""

    def keep_logs(self) -> None:
        """Bring what its programs have written so far into the run's logs; what cannot be had is said there."""

    def broken(self) -> Sequence[str]:
        """What ended or crashed by itself, though nobody had stopped it, and even if it was started again since."""


class Runtime(Protocol):
    """Brings up the stack of a plan."""

    def up(self, plan: Plan) -> AbstractContextManager[Stack]:
        """Everything started, replicas streaming, delays in force; taken down on exit, whatever happened.

        Raises:
            StackError: It cannot be brought up; what had been started is gone again.
        """
