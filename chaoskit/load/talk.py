"""A load process's end of the talk with its driver, for processes that run Locust: waiting gives way to users."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gevent.socket import wait_read

from chaoskit.load.orders import Lines, encode


class Talk:
    """Words in over ``stdin``, words out over ``stdout``; file descriptors."""

    def __init__(self, stdin: int, stdout: int) -> None:
        self._stdin, self._stdout = stdin, stdout

    @classmethod
    def open(cls) -> "Talk":
        """Over the process's own pipes; whatever else is printed in it goes to its log from now on."""
        sys.stdout.flush()
        stdout = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        return cls(sys.stdin.fileno(), stdout)

    def messages(self) -> Iterator[dict[str, Any]]:
        """Everything that is said, until the harness says nothing any more because it is gone."""
        lines = Lines()
        while received := self._hear():
            yield from lines.feed(received)

    def say(self, word: str, **content: Any) -> None:
        """Say it; in vain if nobody listens any more, as the end of the input says too."""
        with suppress(BrokenPipeError):
            os.write(self._stdout, encode(word, **content))

    def _hear(self) -> bytes:
        wait_read(self._stdin)
        return os.read(self._stdin, 65536)
