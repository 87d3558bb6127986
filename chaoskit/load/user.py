"""The base class of a Locust user whose operations chaoskit records.

A locustfile looks like this::

    from locust import between, task
    from chaoskit.load.user import PostgresUser

    class Shopper(PostgresUser):
        wait_time = between(0.1, 0.5)

        @task
        def change_the_cart(self):
            self.write("cart/17")
            self.read("cart/17")

Everything else is Locust's own: tasks and their weights, task sets, tags, several classes and their weights,
``on_start`` and ``on_stop``, events. Importing this module imports Locust, which patches the whole process; it does
nothing else.
"""

import locust  # isort: skip  # first: it patches what every later import binds

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from locust.env import Environment
from locust.exception import StopUser

from chaoskit.load.attempt import Attempt
from chaoskit.load.customer import Work
from chaoskit.load.ending import Ending
from chaoskit.load.site import Site
from chaoskit.model.history import Kind
from chaoskit.sql import Row, Statement

SITE = "chaoskit_site"  # the attribute of Locust's environment that holds the Site
PROBES_OWN = "probe/"

Param = str | int | float | bool | bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an operation ended, after the last attempt of the scenario's retry policy.

    Attributes:
        ok: Whether the server acknowledged it.
        error: Why not: an SQLSTATE, ``timeout`` or a word; None if it did.
        value: Of the register: what was written or read; None: no such key, or own SQL.
        version: Of the register: that of ``value``; None if it is not known.
        rows: Of own SQL, as text, in the server's own format.
    """

    ok: bool
    error: str | None = None
    value: str | None = None
    version: int | None = None
    rows: tuple[Row, ...] = ()


class PostgresUser(locust.User):
    """A Locust user of the database under test.

    Writes go to the region's write endpoint, reads to its read endpoint, wherever the scenario's routing leads them,
    each with the run's deadline and over a connection that is kept. An operation that fails raises nothing: it is
    recorded, it is a failed request in Locust's statistics, and its ``Result`` says why. A user's operations are
    sequential; do not issue them from greenlets of your own.

    ``write`` and ``read`` use the register, whose history every finding is computed from. ``execute`` runs a statement
    on tables of your own: its outcome and its time are recorded, but nobody knows what it should have left behind, so
    it counts in no finding.

    Between tasks a user waits for the scenario's ``pace``, which counts operations, unless its class sets
    ``wait_time``.

    Attributes:
        draw: A random generator of this user's own, seeded by the scenario's seed and the session.
        setup_sql: Statements for the tables of ``execute``, run once on the primary before the load starts.
    """

    abstract = True
    setup_sql: ClassVar[Sequence[str]] = ()

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        site: Site | None = getattr(environment, SITE, None)
        if site is None:
            raise RuntimeError("a PostgresUser runs under chaoskit: name this file in a scenario's `locustfile`")
        self._site, self._customer = site, site.enlist()
        self.draw = self._customer.draw

    def run(self) -> None:  # type: ignore[misc]  # final for locustfiles: on_start and on_stop stay theirs
        """Connect, wait for the beginning of the load, then do as every Locust user does."""
        self._customer.connect(hurried=self._site.begun.is_set)
        self._site.begun.wait()
        self._customer.begin(self._site.begin_ns)
        super().run()  # type: ignore[no-untyped-call]

    def write(self, key: str) -> Result:
        """Give ``key`` of the register its next version, with a value that no other write has.

        Raises:
            ValueError: ``key`` begins with ``probe/``, which is the prober's.
        """
        return self._perform(Work(kind=Kind.WRITE, key=_own(key)), name="register")

    def read(self, key: str) -> Result:
        """Read ``key`` of the register.

        Raises:
            ValueError: ``key`` begins with ``probe/``, which is the prober's.
        """
        return self._perform(Work(kind=Kind.READ, key=_own(key)), name="register")

    def execute(
        self, sql: str, params: Sequence[Param] = (), *, write: bool, name: str, key: str | None = None
    ) -> Result:
        """Run one statement of your own, a transaction of its own.

        Args:
            sql: With PostgreSQL's own placeholders, ``$1``, ``$2``.
            params: Sent as text; ``bytes`` as a bytea.
            write: Whether it goes to the write endpoint.
            name: Under which Locust's statistics count it.
            key: What the history calls it; ``name`` where it is left out.
        """
        statement = Statement(sql.encode(), tuple(_text(param) for param in params))
        kind = Kind.SQL_WRITE if write else Kind.SQL_READ
        return self._perform(Work(kind=kind, key=key or name, sql=statement), name=name)

    def wait_time(self) -> float:
        """Wait for the pace."""
        return self._customer.pause_s()

    def _perform(self, task: Work, *, name: str) -> Result:
        if self._site.crew.stopping:
            raise StopUser
        last: tuple[Attempt, Ending] | None = None
        for last in self._customer.perform(task):
            self.environment.events.request.fire(**_request(*last, name=name, context=self.context()))
        if last is None:
            raise StopUser
        return _result(*last)


def _own(key: str) -> str:
    if key.startswith(PROBES_OWN):
        raise ValueError(f"the key {key!r} is the prober's: choose one that does not begin with {PROBES_OWN}")
    return key


def _text(param: Param) -> bytes | None:
    match param:
        case None:
            return None
        case bytes():
            return b"\\x" + param.hex().encode()
        case _:
            return str(param).encode()


def _result(attempt: Attempt, how: Ending) -> Result:
    answer = attempt.answer(how)
    return Result(
        ok=how.acknowledged,
        error=None if how.acknowledged else how.error,
        value=answer.value if attempt.value is None else attempt.value,
        version=answer.version,
        rows=how.replies[0].rows if attempt.sql is not None and how.replies else (),
    )


def _request(attempt: Attempt, how: Ending, *, name: str, context: dict[str, Any]) -> dict[str, Any]:
    """The operation in the words of Locust's own statistics."""
    took_ns = None if how.returned_ns is None else how.returned_ns - attempt.invoked_ns
    return {
        "request_type": attempt.kind.value,
        "name": name,
        "response_time": None if took_ns is None else took_ns / 1e6,
        "response_length": 0,
        "exception": None if how.acknowledged else RuntimeError(how.error),
        "context": context,
    }
