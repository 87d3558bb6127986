"""How far replicas are behind, for whoever watches a run and for the report; no objective is judged by it."""

from collections.abc import Callable, Mapping

from chaoskit.engine.repeated import Repeated
from chaoskit.protocols import Clock, Database
from chaoskit.sql import Session, Unanswered

EVERY_S = 1.0
TIMEOUT_S = 0.5
LAG = (
    "SELECT application_name, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), replay_lsn)::bigint"
    " FROM pg_stat_replication WHERE replay_lsn IS NOT NULL"
)


class LagWatch:
    """Asks the primary once a second, in a thread of its own.

    Args:
        primary: The node that is primary now.
        told: Hears every answer, in that thread.
    """

    def __init__(
        self, database: Database, primary: Callable[[], str], clock: Clock, told: Callable[[Mapping[str, int]], None]
    ) -> None:
        self._database, self._primary, self._clock, self._told = database, primary, clock, told
        self._bytes: Mapping[str, int] = {}
        self._asked = ""
        self._session: Session | None = None
        self._repeated = Repeated("lag", self._look, every_s=EVERY_S)

    def start(self) -> None:
        """Begin asking; returns at once."""
        self._repeated.start()

    def stop(self) -> None:
        """Ask no more, and disconnect; idempotent."""
        self._repeated.stop()
        if self._session is not None:
            self._session.close()

    def bytes_behind(self) -> Mapping[str, int]:
        """WAL that each replica has not replayed yet, as the primary last said; empty where it does not answer."""
        return self._bytes

    def _look(self) -> None:
        primary = self._primary()
        if self._session is None or primary != self._asked:
            if self._session is not None:
                self._session.close()
            self._asked, self._session = primary, Session(self._database.direct(primary), self._clock)
        self._bytes = _ask(self._session)
        self._told(self._bytes)


def _ask(session: Session) -> Mapping[str, int]:
    try:
        (reply,) = session.ask([LAG], timeout_s=TIMEOUT_S)
    except Unanswered:
        return {}
    return {str(name): int(behind or 0) for name, behind in reply.rows}
