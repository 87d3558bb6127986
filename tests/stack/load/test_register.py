"""What the register's statements do on real servers, and how their endings are told apart."""

import select
import selectors
import socket
from dataclasses import replace

import pytest

from chaoskit.clock import NS, wait_for
from chaoskit.load.attempt import Attempt, Operation, Who, operation
from chaoskit.load.caller import Caller
from chaoskit.load.ending import TIMEOUT, ending
from chaoskit.load.register import SCHEMA_SQL
from chaoskit.model.history import Connection, Kind
from chaoskit.sql import Conversation, State, Statement

pytestmark = pytest.mark.stack
WHO = Who(client="us-east.users", region="us-east", host="here")


def block(fd: int, events: int, timeout_s: float) -> None:
    reading = events == selectors.EVENT_READ
    select.select([fd] if reading else [], [] if reading else [fd], [], timeout_s)


class Session:
    """Issues one operation after the other over one connection."""

    def __init__(self, server, timeout_s=10.0):
        self.clock, self.timeout_ns = server.clock, round(timeout_s * NS)
        self.caller = Caller(server.target.conninfo(), self.clock, block)

    def write(self, key, value) -> Operation:
        return self.end(*self.begin(key, value))

    def read(self, key) -> Operation:
        return self.end(*self.begin(key, None))

    def begin(self, key, value) -> tuple[Attempt, Conversation]:
        """Send; the answer is awaited by ``end``."""
        deadline_ns = self.clock.now_ns() + self.timeout_ns
        conversation = self.caller._conversation if self.caller.connected() else self.caller.connect(deadline_ns)
        now_ns = self.clock.now_ns()
        attempt = Attempt(session="s", kind=Kind.READ if value is None else Kind.WRITE, key=key, value=value,
                          connection=Connection.ESTABLISHED, scheduled_ns=now_ns, invoked_ns=now_ns)  # fmt: skip
        conversation.send(attempt.statements())
        return attempt, conversation

    def end(self, attempt, conversation) -> Operation:
        self.caller._drive(conversation, attempt.invoked_ns + self.timeout_ns)
        gave_up = TIMEOUT if conversation.state in (State.BUSY, State.CONNECTING) else ""
        return operation(WHO, attempt, ending(conversation, self.clock.now_ns(), gave_up=gave_up))


@pytest.fixture
def server(bare_postgres):
    bare_postgres.fill(SCHEMA_SQL)
    return bare_postgres


@pytest.fixture
def session(server):
    session = Session(server)
    yield session
    session.caller.drop()


@pytest.fixture
def sync_wait(server):
    """Commits wait for a standby that does not exist; returns the pid of the one that waits."""

    def set_names(names):
        replies = server.ask(
            "SET synchronous_commit = local",
            f"ALTER SYSTEM SET synchronous_standby_names = '{names}'",
            "SELECT pg_reload_conf()",
        )
        assert [r.message for r in replies if r.sqlstate] == []
        wait_for(
            lambda: None if server.rows("SHOW synchronous_standby_names") == [(names,)] else "old value",
            clock=server.clock, timeout_s=10, what="not reloaded",
        )  # fmt: skip

    def waiting():
        query = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        wait_for(lambda: None if server.rows(query) else "none", clock=server.clock, timeout_s=10, what="nobody waits")
        return server.rows(query)[0][0]

    set_names("nobody")
    yield waiting
    set_names("")


def test_a_write_returns_the_next_version_and_leaves_its_own_row(server, session):
    rows = [session.write("k", "a"), session.write("k", "b"), session.write("other", "c")]
    assert [(row.version, row.outcome, row.error) for row in rows] == [
        (1, "ok", None),
        (2, "ok", None),
        (1, "ok", None),
    ]
    assert server.rows("SELECT key, version::text, value FROM register ORDER BY key") == [
        ("k", "2", "b"),
        ("other", "1", "c"),
    ]
    assert server.rows("SELECT version::text, value FROM register_writes WHERE key = 'k' ORDER BY version") == [
        ("1", "a"),
        ("2", "b"),
    ]


def test_a_write_names_its_node_its_timeline_and_a_position_after_its_commit(server, session):
    before = server.rows("SELECT pg_current_wal_insert_lsn()")[0][0]
    row = session.write("k", "a")
    assert (row.node, row.pg_timeline) == (server.name, 1)
    order = f"SELECT '{before}'::pg_lsn < '{row.lsn}'::pg_lsn, '{row.lsn}'::pg_lsn <= pg_current_wal_insert_lsn()"
    assert server.rows(order) == [("t", "t")]


def test_a_read_sees_the_last_write_and_an_absent_key_has_version_zero(session):
    session.write("k", "a")
    seen, absent = session.read("k"), session.read("nothing")
    assert (seen.value, seen.version, seen.outcome) == ("a", 1, "ok")
    assert (absent.value, absent.version, absent.outcome) == (None, 0, "ok")


def test_a_replica_tells_the_timeline_it_streams_and_refuses_writes(server, session):
    session.write("k", "a")
    with server.replica("eu-west-1") as replica:
        streams = "SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming' AND received_tli IS NOT NULL"
        wait_for(lambda: None if replica.rows(streams) else "no", clock=server.clock, timeout_s=20, what="no stream")
        there = Session(replica)
        seen, refused = there.read("k"), there.write("k", "b")
        there.caller.drop()
    assert (seen.node, seen.pg_timeline, seen.value, seen.outcome) == ("eu-west-1", 1, "a", "ok")
    assert (refused.outcome, refused.error) == ("fail", "25006")


def test_an_error_on_a_connection_that_survives_is_a_failure(server, session):
    session.write("k", "a")
    server.ask("ALTER TABLE register_writes RENAME TO gone")
    failed = session.write("k", "b")
    server.ask("ALTER TABLE gone RENAME TO register_writes")
    assert (failed.outcome, failed.error, failed.version) == ("fail", "42P01", None)
    assert failed.returned_ns is not None
    assert session.read("k").value == "a"


def test_a_canceled_wait_for_a_standby_is_acknowledged_with_a_warning(server, session, sync_wait):
    attempt, conversation = session.begin("k", "a")
    server.ask(f"SELECT pg_cancel_backend({sync_wait()})")
    row = session.end(attempt, conversation)
    assert (row.outcome, row.error, row.version) == ("ok_warned", "01000", 1)


def test_a_terminated_wait_for_a_standby_is_unknown_and_its_row_is_there(server, session, sync_wait):
    attempt, conversation = session.begin("k", "a")
    server.ask(f"SELECT pg_terminate_backend({sync_wait()})")
    row = session.end(attempt, conversation)
    assert (row.outcome, row.error, row.returned_ns) == ("unknown", "57P01", None)
    assert server.rows("SELECT value FROM register_writes") == [("a",)]


def test_a_terminated_statement_is_unknown(server, session):
    waits = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    locker = Session(server)
    locker.caller.connect(server.clock.now_ns() + 10 * NS)
    for statement in (b"BEGIN", b"LOCK TABLE register"):
        locker.caller.call([Statement(statement)], server.clock.now_ns() + 10 * NS)
    attempt, conversation = session.begin("k", "a")
    wait_for(lambda: None if server.rows(waits) else "none", clock=server.clock, timeout_s=10, what="nobody waits")
    server.ask(f"SELECT pg_terminate_backend({server.rows(waits)[0][0]})")
    row = session.end(attempt, conversation)
    locker.caller.drop()
    assert (row.outcome, row.error) == ("unknown", "57P01")


def test_an_idle_connection_that_the_server_closed_is_noticed_before_anything_is_sent(server, session):
    session.write("k", "a")
    server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
               " AND backend_type = 'client backend'")  # fmt: skip
    wait_for(lambda: "it is" if session.caller.connected() else None, clock=server.clock, timeout_s=10, what="open")
    assert session.write("k", "b").outcome == "ok"


def test_a_server_that_does_not_answer_leaves_the_operation_unknown_and_it_may_yet_happen(server):
    session = Session(server, timeout_s=0.2)
    session.write("k", "a")
    server.freeze()
    try:
        row = session.write("k", "b")
    finally:
        server.thaw()
    session.caller.drop()
    assert (row.outcome, row.error, row.returned_ns) == ("unknown", "timeout", None)
    wait_for(
        lambda: None if ("b",) in server.rows("SELECT value FROM register_writes") else "not there",
        clock=server.clock, timeout_s=10, what="the frozen server has not committed",
    )  # fmt: skip


def test_a_refused_connection_is_a_failure_because_nothing_was_sent(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        session = Session(server)
        target = replace(server.target, port=unused.getsockname()[1])
        session.caller = Caller(target.conninfo(), server.clock, block)
        row = session.write("k", "a")
    assert (row.outcome, row.error) == ("fail", "connection refused")
    assert row.returned_ns is not None


def test_a_connection_that_was_never_answered_is_a_failure_because_nothing_was_sent(server):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        session = Session(server, timeout_s=0.1)
        target = replace(server.target, port=silent.getsockname()[1])
        session.caller = Caller(target.conninfo(), server.clock, block)
        row = session.write("k", "a")
        session.caller.drop()
    assert (row.outcome, row.error) == ("fail", "timeout")
