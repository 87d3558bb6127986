"""What a user does when its operations fail, on a real server."""

import select
import selectors
from dataclasses import replace
from itertools import islice

import pytest

from chaoskit.clock import NS
from chaoskit.load.attempt import Who
from chaoskit.load.caller import Caller
from chaoskit.load.crew import Crew
from chaoskit.load.customer import Customer, Work
from chaoskit.load.orders import UserOrders
from chaoskit.load.recorder import Recorder
from chaoskit.load.register import SCHEMA_SQL
from chaoskit.load.streams import read_streams
from chaoskit.model.history import Kind
from chaoskit.model.scenario import Register, Retry
from chaoskit.sql import Statement

pytestmark = pytest.mark.stack
WRITE, READ = Work(kind=Kind.WRITE, key="k"), Work(kind=Kind.READ, key="k")


def block(fd, events, timeout_s):
    reading = events == selectors.EVENT_READ
    select.select([fd] if reading else [], [] if reading else [fd], [], timeout_s)


class One:
    """One user, and the pauses that it made."""

    def __init__(self, server, path, **orders):
        server.fill(SCHEMA_SQL)
        self.path, self.server, self.pauses_s = path, server, []
        who = Who(client="us-east.users", region="us-east", host="h")
        self.crew = Crew(who=who, recorder=Recorder(path))
        conninfo = replace(server.target).conninfo()
        self.user = Customer(
            0, UserOrders(**{"count": 1, "pace_hz": 20.0, "seed": 1, "workload": Register()} | orders), self.crew,
            writes=Caller(conninfo, server.clock, block), reads=Caller(conninfo, server.clock, block),
            clock=server.clock, sleep=self.pauses_s.append, timeout_ns=10 * NS,
        )  # fmt: skip

    def rows(self):
        self.crew.drain()
        return read_streams([self.path])[0].to_pylist()


@pytest.fixture
def one(bare_postgres, tmp_path):
    return lambda **orders: One(bare_postgres, tmp_path / "users.arrow", **orders)


@pytest.fixture
def broken(bare_postgres):
    """Writes fail until this is called."""
    mended = []

    def mend():
        if not mended:
            bare_postgres.ask("ALTER TABLE gone RENAME TO register_writes")
            mended.append(True)

    yield lambda: bare_postgres.ask("ALTER TABLE register_writes RENAME TO gone") and mend
    mend()


@pytest.mark.parametrize(("retry", "attempts"), [(Retry.NONE, 1), (Retry.EAGER, 5), (Retry.BACKOFF, 10)])
def test_each_attempt_is_an_operation_with_a_value_of_its_own(one, broken, retry, attempts):
    made = one(retry=retry)
    broken()
    assert len(list(made.user.perform(WRITE))) == attempts
    rows = made.rows()
    assert [(row["outcome"], row["error"]) for row in rows] == [("fail", "42P01")] * attempts
    assert len({row["value"] for row in rows}) == attempts
    assert {row["key"] for row in rows} == {"k"}
    assert len(made.pauses_s) == attempts - 1
    assert any(made.pauses_s) == (retry is Retry.BACKOFF)


def test_what_was_acknowledged_is_not_tried_again(one, broken):
    made = one(retry=Retry.EAGER)
    mend = broken()
    attempts = made.user.perform(WRITE)
    assert [how.acknowledged for _, how in islice(attempts, 2)] == [False, False]
    mend()
    assert [how.acknowledged for _, how in attempts] == [True]
    assert [how.acknowledged for _, how in made.user.perform(READ)] == [True]
    rows = made.rows()
    assert [row["outcome"] for row in rows] == ["fail", "fail", "ok", "ok"]
    assert rows[3]["value"] == rows[2]["value"]


def test_nobody_tries_again_once_the_crew_stops(one, broken):
    made = one(retry=Retry.EAGER)
    broken()
    attempts = made.user.perform(WRITE)
    next(attempts)
    made.crew.stopping = True
    assert list(attempts) == []
    assert len(made.rows()) == 1


def test_own_statements_are_recorded_without_a_value_and_their_rows_come_back(one):
    made = one()
    statement = Statement(b"SELECT $1::int + 1", (b"41",))
    work = Work(kind=Kind.SQL_READ, key="sum", sql=statement)
    ((_, how),) = made.user.perform(work)
    assert how.replies[0].rows == (("42",),)
    (row,) = made.rows()
    assert (row["kind"], row["key"], row["value"], row["version"], row["outcome"]) == (
        "sql_read",
        "sum",
        None,
        None,
        "ok",
    )


def test_a_second_operation_beside_the_first_is_refused(one):
    made = one()
    made.crew.pending[made.user.session] = object()
    with pytest.raises(RuntimeError, match="one after the other"):
        next(made.user.perform(WRITE))
    made.crew.pending.clear()
