"""toxiproxy-python, made safe for a run: an address per server, deadlines, no ambient proxy, errors that are raised.

The package keeps host and port on a class, passes no timeouts, ignores 5xx answers and cannot update a toxic.
"""

from typing import Any

import requests
from toxiproxy import Toxiproxy
from toxiproxy.api import APIConsumer, validate_response

from chaoskit.errors import StackError

TIMEOUT_S = 5.0


class Api(APIConsumer):  # type: ignore[misc]
    """The REST consumer of one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._session = requests.Session()
        self._session.trust_env = False  # HTTP_PROXY is not meant for loopback

    def call(self, method: str, path: str, json: Any = None) -> Any:
        """One request; the decoded answer, None where it has no body.

        Raises:
            StackError: No answer in time, or the server answered with an error.
        """
        response = self._ask(method, path, json)
        return response.json() if response.content else None

    def page(self, path: str) -> str:
        """What is at ``path``, as text; raises like ``call``."""
        return self._ask("GET", path).text

    def _ask(self, method: str, path: str, json: Any = None) -> requests.Response:
        url = f"http://{self.host}:{self.port}{path}"
        try:
            response = self._session.request(method, url, json=json, timeout=TIMEOUT_S)
            validate_response(response)
            response.raise_for_status()
        except Exception as error:  # the package's own exceptions share no base class
            raise StackError(
                f"Toxiproxy: {method} {path} failed", why=str(error), fix="see logs/toxiproxy.log"
            ) from error
        return response

    def close(self) -> None:
        """Close the connections; idempotent."""
        self._session.close()


class Server(Toxiproxy):  # type: ignore[misc]
    """One Toxiproxy server on loopback."""

    def __init__(self, port: int) -> None:
        self.api = Api(port)

    def running(self) -> bool:
        """Whether it answers."""
        try:
            self.api.call("GET", "/version")
        except StackError:
            return False
        return True

    def version(self) -> str:
        """The version it states."""
        return str(self.api.call("GET", "/version")["version"])

    def proxies(self) -> dict[str, dict[str, Any]]:
        """Every proxy by name, as the server describes it."""
        return dict(self.api.call("GET", "/proxies"))

    def metrics(self) -> str:
        """Its metrics page, in Prometheus' format."""
        return self.api.page("/metrics")

    def populate(self, proxies: list[dict[str, Any]]) -> None:
        """Create ``{name, listen, upstream, enabled}`` proxies in one call."""
        self.api.call("POST", "/populate", proxies)

    def update_proxy(self, proxy: dict[str, Any]) -> None:
        """Change a proxy; another upstream closes its connections."""
        self.api.call("POST", f"/proxies/{proxy['name']}", proxy)
