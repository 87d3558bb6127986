"""The port at which Prometheus asks: one for all runs of a command, on the loopback."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from chaoskit.errors import StackError
from chaoskit.model.plan import Plan
from chaoskit.monitoring.exposition import Exposition
from chaoskit.protocols import Clock

LOOPBACK = "127.0.0.1"


class Endpoint(Collector):
    """Shows the run that goes on, and after it the last one.

    Attributes:
        url: Where to ask; empty until it listens.
    """

    def __init__(self) -> None:
        self.url = ""
        self._shown: Exposition | None = None

    def follow(self, plan: Plan, *, trial: int, clock: Clock) -> Exposition:  # noqa: ARG002 - a Monitor's
        """Show this run from now on."""
        self._shown = Exposition(plan, trial=trial)
        return self._shown

    def collect(self) -> Iterator[Metric]:
        """What Prometheus is told."""
        if self._shown is not None:
            yield from self._shown.collect()


@contextmanager
def serving(port: int) -> Iterator[Endpoint]:
    """Listen until the end of the block.

    Args:
        port: 0: any that is free.

    Raises:
        StackError: The port is taken, or this user may not have it.
    """
    endpoint, registry = Endpoint(), CollectorRegistry()
    registry.register(endpoint)
    try:
        server, thread = start_http_server(port, LOOPBACK, registry)
    except OSError as error:
        raise StackError(
            f"cannot serve metrics on {LOOPBACK}:{port}",
            why=error.strerror or str(error),
            fix="name another port; --prometheus 0 takes any that is free",
        ) from error
    endpoint.url = f"http://{LOOPBACK}:{server.server_port}/metrics"
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
