"""``--prometheus`` and ``--grafana``: who follows the runs of a command from outside."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from chaoskit.cli.voice import say
from chaoskit.engine.onlooker import Monitor
from chaoskit.errors import StackError
from chaoskit.report.figures import printable

if TYPE_CHECKING:
    from chaoskit.monitoring.endpoint import Endpoint


@contextmanager
def monitors(*, prometheus: int | None, grafana: str | None, env: Mapping[str, str]) -> Iterator[tuple[Monitor, ...]]:
    """Those that were asked for, until the end of the block; imports what nobody else needs.

    Args:
        prometheus: The port at which to serve metrics.
        grafana: The address to which annotations are posted.
        env: Where the token for it is.

    Raises:
        StackError: The port is taken, or the extra is not installed.
        UsageError: The address, or the token in the environment, cannot be one.
    """
    found: list[Monitor] = []
    with ExitStack() as undo:
        if grafana is not None:
            from chaoskit.monitoring.annotator import Annotating
            from chaoskit.monitoring.grafana import TOKEN, Grafana

            found.append(Annotating(grafana=Grafana(grafana, env.get(TOKEN, "").strip()), say=_tell))
        if prometheus is not None:
            endpoint = undo.enter_context(_serving(prometheus))
            say(f"metrics: {endpoint.url}")
            found.append(endpoint)
        yield tuple(found)


def _tell(text: str) -> None:
    say(printable(text))  # a server's words are in it


def _serving(port: int) -> AbstractContextManager["Endpoint"]:
    try:
        from chaoskit.monitoring.endpoint import serving
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "prometheus_client":
            raise
        raise StackError(
            "--prometheus needs prometheus-client", why="it is not installed", fix="pip install 'chaoskit[metrics]'"
        ) from error
    return serving(port)
