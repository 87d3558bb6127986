import socket
from collections.abc import Iterator
from threading import Event as Flag

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.failover.detector import Detector
from chaoskit.protocols import Target

MS = 1_000_000


def detector() -> Detector:
    return Detector(every_ns=20 * MS, failures=3, timeout_ns=50 * MS, clock=MonotonicClock())


@pytest.fixture
def port() -> Iterator[int]:
    """A port that accepts connections and never says a word, as behind a black hole."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield int(silent.getsockname()[1])


def target(port: int) -> Target:
    return Target(host="127.0.0.1", port=port, user="postgres", password="")


def test_so_many_silent_checks_in_a_row_are_a_detection(port: int) -> None:
    detection = detector().watch(target(port), Flag())
    assert detection is not None
    assert detection.failures == 3


def test_a_server_that_refuses_is_detected_too(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        refused = int(gone.getsockname()[1])
    detection = detector().watch(target(refused), Flag())
    assert detection is not None
    assert detection.first_failure_ns >= 0


def test_a_detector_that_was_stopped_detects_nothing(port: int) -> None:
    stopped = Flag()
    stopped.set()
    assert detector().watch(target(port), stopped) is None
