"""Which conversations wait for their socket, and what happens when it is ready."""

import selectors
from collections.abc import Callable

from chaoskit.sql import Conversation


class Watch:
    """A selector over conversations and plain files."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._watched: dict[Conversation, tuple[int, int, Callable[[], None]]] = {}

    def file(self, fd: int, ready: Callable[[], None]) -> None:
        """Call ``ready`` whenever ``fd`` is readable."""
        self._selector.register(fd, selectors.EVENT_READ, ready)

    def add(self, conversation: Conversation, ready: Callable[[], None]) -> None:
        """Call ``ready`` whenever ``conversation`` can advance."""
        fd, events = conversation.fileno(), conversation.interest()
        self._selector.register(fd, events, ready)
        self._watched[conversation] = fd, events, ready

    def refresh(self, conversation: Conversation) -> None:
        """Wait for what it waits for now."""
        fd, before, ready = self._watched[conversation]
        events = conversation.interest()
        if events != before:
            self._selector.modify(fd, events, ready)
            self._watched[conversation] = fd, events, ready

    def remove(self, conversation: Conversation) -> None:
        """Forget it, before it is closed; idempotent. libpq may have closed the socket of a broken one already."""
        known = self._watched.pop(conversation, None)
        if known is not None:
            self._selector.unregister(known[0])

    def wait(self, timeout_s: float) -> None:
        """Wait at most that long, then call back for everything that is ready."""
        for key, _ in self._selector.select(timeout_s):
            if self._selector.get_map().get(key.fd) is key:  # a callback may have removed it
                key.data()
