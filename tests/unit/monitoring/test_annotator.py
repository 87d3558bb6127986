"""What Grafana is told, and what a Grafana that does not want to hear it does to a run: nothing."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from chaoskit.errors import UsageError
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan
from chaoskit.monitoring import annotator
from chaoskit.monitoring.annotator import Annotating
from chaoskit.monitoring.grafana import Grafana

TOKEN = "glsa_not-to-be-shown"
EPOCH_WALL_NS = 1_700_000_000_123_000_000


class Clock:
    """A clock that stands still."""

    epoch_monotonic_ns = 0

    def now_ns(self) -> int:
        return 9

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")

    def epoch_wall_ns(self) -> int:
        return EPOCH_WALL_NS


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A small HTTP server, and what it was asked."""

    url: str
    heard: list[Heard]


@contextmanager
def server(status: int = 200, headers: dict[str, str] | None = None) -> Iterator[Server]:
    heard: list[Heard] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append(Heard(path=self.path, headers=dict(self.headers), body=body))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b'{"message": "Annotation added", "id": 1}')

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever)
        thread.start()
        try:
            yield Server(url=f"http://127.0.0.1:{http.server_port}", heard=heard)
        finally:
            http.shutdown()
            thread.join()


@dataclass(kw_only=True)
class Run:
    """A run of two faults, told to one Grafana."""

    plan: Plan
    faults: list[Event]
    said: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def annotate(self, url: str, token: str = TOKEN) -> None:
        onlooker = Annotating(grafana=Grafana(url, token), say=self.said.append).follow(
            self.plan, trial=1, clock=Clock()
        )
        with onlooker.hearing(self.events.append) as ear:
            for event in self.faults:
                ear(event)

    def missed(self) -> list[str | None]:
        assert {event.event for event in self.events} <= {Name.NOT_ANNOTATED}
        return [event.step for event in self.events]


@pytest.fixture
def run(plan: Plan, onset: Event, heal: Event) -> Run:
    other = [Event(t_ns=e.t_ns, event=e.event, step="slow", detail=e.detail) for e in (onset, heal)]
    return Run(plan=plan, faults=[onset, Event(t_ns=4, event=Name.PROVED, step="cut"), heal, *other])


@pytest.mark.parametrize("below", ["", "/", "/grafana", "/grafana/"])
def test_each_fault_is_posted_once_with_start_and_end(run: Run, below: str) -> None:
    with server() as grafana:
        run.annotate(grafana.url + below)
    assert [heard.path for heard in grafana.heard] == [f"{below.rstrip('/')}/api/annotations"] * 2
    assert grafana.heard[0].body == {
        "time": 1_700_000_003_123,
        "timeEnd": 1_700_000_005_163,
        "tags": ["chaoskit", "partition", "scenario:two-cuts", "run:abcdef"],
        "text": "cut: every link is cut",
    }
    assert grafana.heard[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert grafana.heard[0].headers["Content-Type"] == "application/json"
    assert (run.said, run.events) == ([], [])


def test_without_a_token_none_is_sent(run: Run) -> None:
    with server() as grafana:
        run.annotate(grafana.url, token="")
    assert "Authorization" not in grafana.heard[0].headers


def test_a_fault_that_never_ended_is_not_posted(run: Run) -> None:
    run.faults = run.faults[:2]
    with server() as grafana:
        run.annotate(grafana.url)
    assert (grafana.heard, run.events) == ([], [])


@pytest.mark.parametrize(
    ("status", "headers"),
    [(401, {}), (500, {}), (302, {"Location": "/login"})],
    ids=["refused", "broken", "login page"],
)
def test_a_grafana_that_refuses_is_said_once_and_kept_for_each_fault(
    run: Run, status: int, headers: dict[str, str]
) -> None:
    with server(status, headers) as grafana:
        run.annotate(grafana.url)
    assert run.missed() == ["cut", "slow"]
    assert len(run.said) == 1
    assert f"it answered {status}" in run.said[0]


def test_nobody_at_the_address_is_said_once_and_the_token_is_not(run: Run) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused
        run.annotate(f"http://127.0.0.1:{nobody.getsockname()[1]}")
    assert run.missed() == ["cut", "slow"]
    assert len(run.said) == 1
    assert TOKEN not in str([*run.said, *run.events])


def test_a_grafana_that_never_answers_is_given_up_at_the_end_and_each_fault_is_kept_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotator, "DRAIN_S", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        run.annotate(f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert sorted(run.missed()) == ["cut", "slow"]
    assert len(run.said) == 1
    assert "no answer until 0.1 s after the end of the run" in run.said[0]


@pytest.mark.parametrize(
    "url",
    [
        "localhost:3000",
        "ftp://g",
        "http://",
        "http://u:p@g",
        "http://g/?orgId=1",
        "http://g/#a",
        "http://g:x",
        "http://[g",
    ],
)
def test_what_is_no_address_is_refused_before_anything_starts(url: str) -> None:
    with pytest.raises(UsageError, match="--grafana"):
        Grafana(url, "")


@pytest.mark.parametrize("token", ["two words", "line\nline", "schlüssel"])
def test_what_is_no_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(UsageError, match="CHAOSKIT_GRAFANA_TOKEN is not a token") as caught:
        Grafana("http://g", token)
    assert token not in str(caught.value)
