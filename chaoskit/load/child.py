"""The driver's side of one load process: what it was told, what it said, and whether it still can."""

import json
import signal
import threading
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

import psutil

from chaoskit.errors import StackError
from chaoskit.load.meter import Meter
from chaoskit.load.orders import FAILED, Orders, encode
from chaoskit.processes import Process, descendants
from chaoskit.protocols import Clock, Tally

POLL_S = 0.02


class Role(StrEnum):
    """The modules that a load process can run."""

    USERS = "users"
    PROBES = "probes"
    MASTER = "master"


LAST_WORDS = ("drained", "stopped")


class Child:
    """A running load process. Everything it says is read by a thread of its own.

    Args:
        process: Started with ``talk``.
        role: What it was started for.
        client: Its name in the history.
        stream: Where it will be told to record; a master records nothing.
        listening: Called with the host and port where a master listens, by the thread that reads.
    """

    def __init__(
        self,
        process: Process,
        *,
        role: Role,
        client: str,
        stream: Path,
        clock: Clock,
        listening: Callable[[str, int], None] = lambda _host, _port: None,
    ) -> None:
        self.role, self.client, self.stream = role, client, stream
        self.operations = 0
        self.frozen = self.ended = False
        self._broken: str | None = None
        self._process, self._clock = process, clock
        self._heard: dict[str, Mapping[str, Any]] = {}
        self._ticks: dict[str, list[tuple[int, int]]] = {}
        self._meters: dict[str, Meter] = {}
        self._listening = listening
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._listen, name=f"load {self.client}", daemon=True)
        self._reader.start()

    def order(self, orders: Orders) -> None:
        """Give it its orders, the first line that it hears."""
        self._write(json.dumps(orders.as_json(), separators=(",", ":")).encode() + b"\n")

    def say(self, word: str, **content: Any) -> None:
        """Tell it; in vain if it is dead or frozen."""
        if not self.frozen:
            self._write(encode(word, **content))

    def heard(self, word: str) -> bool:
        """Whether it has said ``word``."""
        return word in self._heard

    def await_word(self, word: str, deadline_ns: int) -> bool:
        """Wait until it says ``word``; False if it has not by the deadline, or cannot any more."""
        while not self.heard(word):
            if self._clock.now_ns() >= deadline_ns or not self._reader.is_alive():
                return self.heard(word)
            self._reader.join(POLL_S)
        return True

    def broken(self) -> str | None:
        """Why it cannot be relied on; None: it can, or it ended as it was told to."""
        expected = self.frozen or self.ended or any(self.heard(word) for word in LAST_WORDS)
        if self._broken is None and not expected and not self._process.running():
            code = self._process.popen.returncode
            self._broken = f"{self.client} ended by itself with code {code}; its log says why"
        return self._broken

    def why_not_ready(self) -> str:
        """The last reason it gave."""
        return self.broken() or str(self._heard.get("waiting", {}).get("why", "it has not said anything yet"))

    def took_ns(self, since_ns: int, until_ns: int) -> dict[str, list[int]]:
        """By lane, how long the finished probes took that were scheduled in [since, until); or FAILED."""
        with self._lock:
            found = {
                lane: ticks[bisect_left(ticks, (since_ns, FAILED)) : bisect_left(ticks, (until_ns, FAILED))]
                for lane, ticks in self._ticks.items()
            }
        return {lane: [took_ns for _, took_ns in ticks] for lane, ticks in found.items()}

    def tallies(self) -> dict[str, Tally]:
        """All its finished probes so far, by lane."""
        with self._lock:
            return {lane: meter.tally() for lane, meter in self._meters.items()}

    def freeze(self) -> None:
        """SIGSTOP it and its descendants; idempotent."""
        self.broken()  # while it still shows
        self.frozen = True
        if not self._process.running():
            return
        with suppress(psutil.NoSuchProcess):
            for process in (psutil.Process(self._process.pid), *descendants(self._process.pid)):
                process.suspend()

    def end(self, deadline_ns: int) -> None:
        """Let it exit, which it does when its input ends, and kill it if it has not by the deadline; idempotent."""
        if self.ended:
            return
        self.broken()
        self.ended = True
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        if not self.frozen:  # else it cannot exit
            self._reader.join(max(0.0, (deadline_ns - self._clock.now_ns()) / 1e9))
        self._process.stop(by=signal.SIGKILL)
        self._reader.join(1)

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # dead or closed: ``broken`` tells
            self._process.stdin.write(line)

    def _listen(self) -> None:
        with suppress(OSError, ValueError), BufferedReader(cast(Any, self._process.stdout)) as lines:
            for line in lines:
                message = json.loads(line)
                self._understand(message.pop("word"), message)

    def _understand(self, word: str, content: Mapping[str, Any]) -> None:
        if word == "tick":
            with self._lock:
                for lane, ticks in content["lanes"].items():
                    known, meter = self._ticks.setdefault(lane, []), self._meters.setdefault(lane, Meter())
                    for scheduled_ns, took_ns in ticks:
                        insort(known, (scheduled_ns, took_ns))
                        meter.count(took_ns)
        elif word == "ops":
            self.operations = content["count"]
        elif word == "listening":
            self._listening(content["host"], content["port"])
        else:
            self._heard[word] = content


def await_all(children: list[Child], word: str, deadline_ns: int, otherwise: Callable[[Child], None]) -> None:
    """Wait until each has said ``word``; call ``otherwise`` for those that have not by the deadline."""
    for child in children:
        if not child.await_word(word, deadline_ns):
            otherwise(child)


def not_ready(child: Child) -> None:
    """Say so.

    Raises:
        StackError: Always.
    """
    raise StackError(
        f"{child.client} is not ready", why=child.why_not_ready(), fix="see its log in the run directory's logs/"
    )
