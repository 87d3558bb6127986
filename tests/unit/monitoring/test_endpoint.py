"""The port at which Prometheus asks."""

import socket
from urllib.parse import urlsplit

import pytest
import requests
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from chaoskit.clock import MonotonicClock
from chaoskit.engine.progress import Progress
from chaoskit.errors import StackError
from chaoskit.model.plan import Plan
from chaoskit.monitoring.endpoint import LOOPBACK, Endpoint, serving


def trials(endpoint: Endpoint) -> list[str]:
    """The trials of which the port tells."""
    text = requests.get(endpoint.url, timeout=5).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return [s.labels["trial"] for s in families["chaoskit_run_info"].samples] if families else []


def test_the_port_stays_over_the_runs_of_a_command_and_tells_of_the_last_one(plan: Plan) -> None:
    told = []
    with serving(0) as endpoint:
        told.append(trials(endpoint))
        for trial in (1, 2):
            endpoint.follow(plan, trial=trial, clock=MonotonicClock()).watch(Progress(phase="starting"))
            told.append(trials(endpoint))
    assert told == [[], ["1"], ["2"]]


def test_nothing_is_left_in_the_registry_that_all_programs_share(plan: Plan) -> None:
    with serving(0) as endpoint:
        endpoint.follow(plan, trial=1, clock=MonotonicClock())
        assert "chaoskit" not in "".join(family.name for family in REGISTRY.collect())


def test_the_port_is_free_again_after_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt), serving(0) as endpoint:
        raise KeyboardInterrupt
    port = urlsplit(endpoint.url).port
    assert port is not None
    with serving(port) as again:
        assert again.url == endpoint.url
    with socket.socket() as nobody:
        assert nobody.connect_ex((LOOPBACK, port)) != 0


def test_a_busy_port_is_an_error_that_says_which() -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackError, match=f"cannot serve metrics on {LOOPBACK}:{port}") as caught, serving(port):
            pass
    assert "already in use" in caught.value.why
