"""Where annotations are posted to. A Grafana that is slow or wrong is told of, and is nobody's problem but its own."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from chaoskit.errors import UsageError

TOKEN = "CHAOSKIT_GRAFANA_TOKEN"  # noqa: S105 - the name of a variable
TIMEOUT_S = 2.0  # to connect, and between two bytes of an answer


class Refused(Exception):
    """An annotation was not accepted; its text says why, and never holds the token."""


class _Bearer(AuthBase):
    """Sends the token, and keeps ``requests`` from looking for another password in ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Grafana:
    """One Grafana's HTTP API.

    Args:
        url: Its address, with the path below which it is served if there is one.
        token: Of a service account that may create annotations; empty: none is sent.

    Raises:
        UsageError: The address or the token cannot be one.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{_checked(url).rstrip('/')}/api/annotations"
        if not token.isascii() or not token.isprintable() or " " in token:
            raise UsageError(f"{TOKEN} is not a token", why="it holds a blank, or what is not printable ASCII")
        self._auth = _Bearer(token)

    def post(self, body: Mapping[str, int | str | list[str]]) -> None:
        """Post one annotation.

        Raises:
            Refused: It was not accepted, or nobody answered.
        """
        try:
            # No redirect: a POST that is sent elsewhere arrives as a GET, and the login page answers it with success.
            answer = requests.post(
                self._url, json=body, auth=self._auth, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            )
            answer.close()
        except (requests.RequestException, OSError, ValueError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        if answer.status_code != requests.codes.ok:
            raise Refused(f"it answered {answer.status_code} {answer.reason}")


def _checked(url: str) -> str:
    fix = "--grafana http://localhost:3000"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError("--grafana is not an address", why=str(error), fix=fix) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"--grafana {url} is not an address", why="it does not begin with http:// or https://", fix=fix
        )
    if parts.username is not None or parts.query or parts.fragment:
        why = "a user, a password, a query or a fragment has no place in it"
        raise UsageError("--grafana is more than an address", why=why, fix=f"put a token into {TOKEN}")
    return url
