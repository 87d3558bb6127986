"""What can be done to a node of any runtime: frozen in part, stopped, killed, read alone, rebuilt."""

import pytest

from chaoskit.errors import StackError
from chaoskit.model.fault import Mode
from chaoskit.model.scenario import Failback
from chaoskit.sql import Unanswered

NODES = OLD, NEW, OTHER = "us-east/1", "eu-west/1", "ap-south/1"
CONTENT = "SELECT count(*), sum(row) FROM kept"
WAL_BEYOND = 2**20
BEYOND = f"SELECT pg_logical_emit_message(false, 'test', repeat('x', {WAL_BEYOND}), true)"
STREAMING = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"
ENDED = "COPY (SELECT 1) TO PROGRAM 'kill -QUIT $(head -n 1 postmaster.pid)'"

CRASHED = "COPY (SELECT 1) TO PROGRAM 'kill -KILL $PPID'"
GENERATION = "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'"


def crash(live, node):
    """Kill a backend, and wait until the postmaster has started everything anew."""
    direct, before = live.stack.database.direct(node), live.rows(node, GENERATION)
    with pytest.raises(Unanswered):
        live.ask(direct, CRASHED, "SELECT 1")

    def anew():
        try:
            (reply,) = live.ask(direct, GENERATION)
        except Unanswered:
            return False
        return reply.sqlstate is None and list(reply.rows) not in ([], before)

    live.until(anew, f"{node} runs again")


@pytest.fixture
def diverged(live_stack):
    """A replica of a healthy stack that was promoted, went on alone, and died."""
    live_stack.rows(OLD, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS row")
    caught_up(live_stack, OLD, NEW, OTHER)
    promote(live_stack, OTHER)
    live_stack.rows(OTHER, "INSERT INTO kept SELECT generate_series(2001, 2100)")
    live_stack.rows(OTHER, BEYOND)
    live_stack.rows(OTHER, "ALTER SYSTEM SET work_mem = '7MB'")
    live_stack.rows(OLD, "INSERT INTO kept SELECT generate_series(3001, 3500)")
    live_stack.stack.database.kill(OTHER)
    yield live_stack
    live_stack.rows(OLD, "DROP TABLE kept")


def promote(live, node):
    live.rows(node, "ALTER SYSTEM SET primary_conninfo = ''")
    live.rows(node, "SELECT pg_reload_conf()")
    assert live.rows(node, "SELECT pg_promote(true, 20)") == [("t",)]


def upstream(live, node, source):
    """Where ``node`` finds ``source`` through the WAN."""
    dial = next(d for d in live.plan.dials if (d.source.name, d.target.name) == (node, source))
    return live.stack.wan.target(dial)


def rebuild(live, node, source, how):
    return live.stack.database.rebuild(node, source, how, upstream(live, node, source))


def caught_up(live, source, *replicas):
    (position,) = live.rows(source, "SELECT pg_current_wal_flush_lsn()")[0]
    replayed = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
    live.until(lambda: all(live.rows(node, replayed) == [("t",)] for node in replicas), "replicas replay everything")


def followers(live, node):
    return {name for (name,) in live.rows(node, STREAMING)}


def follows(live, node, source):
    """Wait until it does, and holds what the source holds."""
    live.until(lambda: node in followers(live, source), f"{node} follows {source}")
    caught_up(live, source, node)
    assert live.rows(node, CONTENT) == live.rows(source, CONTENT)


class TestRebuilding:
    def test_a_diverged_node_is_read_alone_stopped_and_rewound(self, diverged):
        database = diverged.stack.database
        database.restart(OTHER, isolated=True)
        assert diverged.rows(OTHER, "SELECT count(*) FROM kept") == [("1100",)]
        database.stop(OTHER)
        database.stop(OTHER)
        assert not database.running(OTHER)
        assert WAL_BEYOND < rebuild(diverged, OTHER, OLD, Failback.REWIND) < 2 * WAL_BEYOND
        follows(diverged, OTHER, OLD)
        assert diverged.rows(OTHER, CONTENT) == [("1500", "2125750")]
        assert diverged.rows(OTHER, "SELECT pg_is_in_recovery(), current_setting('work_mem')") == [("t", "4MB")]
        slots = "SELECT count(*) FROM pg_replication_slots"
        assert diverged.rows(OTHER, slots) == [("2",)], "whoever is promoted can serve all others"

    def test_a_destroyed_node_is_cloned_anew(self, diverged):
        diverged.stack.database.destroy(OTHER)
        with pytest.raises(StackError, match="cannot be started") as refused:
            diverged.stack.database.restart(OTHER, isolated=False)
        assert refused.value.why == "its data was destroyed"
        assert rebuild(diverged, OTHER, OLD, Failback.RECLONE) is None
        follows(diverged, OTHER, OLD)

    def test_a_rewind_from_a_source_behind_a_cut_fails_in_time_and_leaves_the_node_dead(self, diverged, monkeypatch):
        wan = diverged.stack.wan
        wan.cut("again", [s for s in wan.streams() if s.dial.source.name == OTHER], Mode.STALL)
        with monkeypatch.context() as hurried:
            hurried.setattr("chaoskit.runtimes.postgres.limits.TOOL_TIMEOUT_S", 2.0)
            with pytest.raises(StackError, match="pg_rewind failed") as failed:
                rebuild(diverged, OTHER, OLD, Failback.REWIND)
        assert "logs/ap-south:1" in failed.value.fix
        assert not diverged.stack.database.running(OTHER)
        wan.heal("again")
        asking = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_rewind'"
        diverged.until(lambda: diverged.rows(OLD, asking) == [("0",)], "nobody rewinds any more")
        assert rebuild(diverged, OTHER, OLD, Failback.RECLONE) is None

    def test_a_deposed_primary_and_a_replica_that_had_heard_it_follow_the_new_one(self, live, bring_up):
        """Both have what was held by a cut while another was promoted."""
        with bring_up(live) as live.stack:
            wan = live.stack.wan
            live.rows(OLD, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS row")
            caught_up(live, OLD, NEW, OTHER)
            wan.cut("cut", [s for s in wan.streams() if "us-east" in (s.source.region, s.target.region)], Mode.STALL)
            live.rows(OLD, "INSERT INTO kept SELECT generate_series(2001, 2100)")
            live.rows(OLD, BEYOND)
            sent = "SELECT bool_and(sent_lsn = pg_current_wal_flush_lsn()) FROM pg_stat_replication"
            live.until(lambda: live.rows(OLD, sent) == [("t",)], "the WAN holds it")
            (fork,) = live.rows(NEW, "SELECT pg_last_wal_replay_lsn()")[0]
            promote(live, NEW)
            live.rows(NEW, "INSERT INTO kept SELECT generate_series(3001, 3500)")
            wan.heal("cut")
            heard = f"SELECT pg_last_wal_receive_lsn() - '{fork}' > {WAL_BEYOND}"
            live.until(lambda: live.rows(OTHER, heard) == [("t",)], "what the cut held has arrived")
            for node in (OLD, OTHER):
                live.stack.database.kill(node)
                assert WAL_BEYOND < rebuild(live, node, NEW, Failback.REWIND) < 2 * WAL_BEYOND
                follows(live, node, NEW)

            live.stack.database.stop(OTHER)
            assert rebuild(live, OTHER, NEW, Failback.NONE) is None
            follows(live, OTHER, NEW)
            live.stack.database.kill(OTHER)
            assert rebuild(live, OTHER, NEW, Failback.REWIND) == 0, "it had nothing beyond"
            follows(live, OTHER, NEW)
            live.stack.database.kill(NEW)
            live.stack.database.restart(NEW, isolated=False)
            assert live.rows(NEW, "SELECT pg_is_in_recovery()") == [("f",)], "a crashed primary comes back as one"
            assert live.stack.broken() == []

    def test_data_of_a_node_that_runs_is_never_touched(self, live_stack):
        database = live_stack.stack.database
        for harm in (lambda: database.destroy(NEW), lambda: rebuild(live_stack, NEW, OLD, Failback.RECLONE)):
            with pytest.raises(StackError, match="cannot be touched"):
                harm()
        with pytest.raises(StackError, match="cannot be started"):
            database.restart(NEW, isolated=True)


class TestFreezing:
    def test_a_frozen_walreceiver_makes_a_replica_lag_and_resumed_it_catches_up(self, live_stack):
        database, wan = live_stack.stack.database, live_stack.stack.wan
        live_stack.rows(OLD, "CREATE TABLE IF NOT EXISTS kept (row int)")
        caught_up(live_stack, OLD, NEW, OTHER)
        database.freeze(NEW, "walreceiver")
        own = [d for d in live_stack.plan.dials if d.source.name == NEW]
        assert {wan.passage(dial) for dial in own} == {None}
        live_stack.rows(OLD, "INSERT INTO kept VALUES (1)")
        caught_up(live_stack, OLD, OTHER)
        assert live_stack.rows(NEW, "SELECT count(*) FROM kept") == [("0",)], "it still answers, and lags"
        database.resume(NEW)
        database.resume(NEW)
        caught_up(live_stack, OLD, NEW)
        assert live_stack.rows(NEW, "SELECT count(*) FROM kept") == [("1",)]
        assert {wan.passage(dial) for dial in own} == {0}
        live_stack.rows(OLD, "DROP TABLE kept")

    def test_a_frozen_node_answers_late_and_runs_on_with_what_it_was_asked_meanwhile(self, live_stack):
        database = live_stack.stack.database
        database.freeze(OTHER)
        with pytest.raises(Unanswered):
            live_stack.ask(database.direct(OTHER), "SELECT 1", timeout_s=1)
        assert database.running(OTHER)
        database.resume(OTHER)
        live_stack.until(lambda: live_stack.rows(OTHER, "SELECT 1") == [("1",)], "it answers")
        caught_up(live_stack, OLD, OTHER)
        assert live_stack.stack.broken() == []

    def test_a_frozen_postmaster_takes_nobody_and_lets_its_replica_replay(self, live_stack):
        database, wan = live_stack.stack.database, live_stack.stack.wan
        database.freeze(OTHER, "postmaster")
        with pytest.raises(Unanswered):
            live_stack.ask(database.direct(OTHER), "SELECT 1", timeout_s=1)
        (position,) = live_stack.rows(OLD, "SELECT pg_logical_emit_message(false, 'test', 'x', true)")[0]
        replayed = f"{STREAMING} AND application_name = '{OTHER}' AND replay_lsn >= '{position}'"
        live_stack.until(lambda: live_stack.rows(OLD, replayed) == [(OTHER,)], "it replays")
        assert {wan.passage(d) for d in live_stack.plan.dials if d.source.name == OTHER} == {0}
        database.resume(OTHER)
        live_stack.until(lambda: live_stack.rows(OTHER, "SELECT 1") == [("1",)], "it answers")

    def test_a_frozen_startup_process_receives_and_does_not_replay(self, live_stack):
        database = live_stack.stack.database
        database.freeze(OTHER, "startup")
        (position,) = live_stack.rows(OLD, "SELECT pg_logical_emit_message(false, 'test', 'x', true)")[0]
        received, replayed = (f"SELECT pg_last_wal_{done}_lsn() >= '{position}'" for done in ("receive", "replay"))
        live_stack.until(lambda: live_stack.rows(OTHER, received) == [("t",)], "it receives")
        assert live_stack.rows(OTHER, replayed) == [("f",)]
        database.resume(OTHER)
        live_stack.until(lambda: live_stack.rows(OTHER, replayed) == [("t",)], "it replays")

    def test_a_frozen_checkpointer_lets_a_checkpoint_wait(self, live_stack):
        database = live_stack.stack.database
        database.freeze(OTHER, "checkpointer")
        with pytest.raises(Unanswered):
            live_stack.ask(database.direct(OTHER), "CHECKPOINT", timeout_s=1)
        assert live_stack.rows(OTHER, "SELECT 1") == [("1",)]
        database.resume(OTHER)
        assert live_stack.rows(OTHER, "CHECKPOINT") == []

    def test_a_process_that_a_node_does_not_run_cannot_be_frozen(self, live_stack):
        with pytest.raises(StackError, match="us-east/1 runs no process called 'walreceiver'") as refused:
            live_stack.stack.database.freeze(OLD, "walreceiver")
        assert "walsender" in refused.value.why


class TestEnding:
    def test_a_replica_read_alone_stays_a_replica_and_hears_nobody(self, live_stack):
        database = live_stack.stack.database
        database.kill(NEW)
        database.restart(NEW, isolated=True)
        assert live_stack.rows(NEW, "SELECT pg_is_in_recovery()") == [("t",)]
        assert live_stack.rows(NEW, "SELECT count(*) FROM pg_stat_wal_receiver") == [("0",)]
        database.stop(NEW)
        database.restart(NEW, isolated=False)
        live_stack.until(lambda: followers(live_stack, OLD) == {NEW, OTHER}, "it follows again")

    def test_a_replica_that_was_rebuilt_hears_nobody_when_it_is_read_alone(self, live_stack):
        database = live_stack.stack.database
        database.stop(NEW)
        rebuild(live_stack, NEW, OLD, Failback.NONE)
        live_stack.until(lambda: NEW in followers(live_stack, OLD), "it follows again")
        database.kill(NEW)
        database.restart(NEW, isolated=True)
        assert live_stack.rows(NEW, "SHOW primary_conninfo") == [("",)]
        assert live_stack.rows(NEW, "SHOW default_transaction_read_only") == [("on",)]
        database.stop(NEW)
        database.restart(NEW, isolated=False)
        assert live_stack.rows(NEW, "SHOW default_transaction_read_only") == [("off",)]
        live_stack.until(lambda: followers(live_stack, OLD) == {NEW, OTHER}, "it follows again")

    def test_a_replica_stopped_cleanly_or_killed_follows_again(self, live_stack):
        database = live_stack.stack.database
        for end in (database.stop, database.kill):
            end(OTHER)
            assert not database.running(OTHER)
            assert live_stack.stack.broken() == [], "what was ended on purpose is not broken"
            database.restart(OTHER, isolated=False)
            live_stack.until(lambda: OTHER in followers(live_stack, OLD), "it follows again")

    def test_a_stop_that_cannot_end_says_why(self, live_stack, monkeypatch):
        database = live_stack.stack.database
        database.freeze(NEW)
        with monkeypatch.context() as hurried:
            hurried.setattr("chaoskit.runtimes.postgres.limits.STOP_TIMEOUT_S", 0.5)
            with pytest.raises(StackError, match="did not shut down") as late:
                database.stop(NEW)
        assert late.value.why == "it is frozen"
        database.kill(NEW)
        assert live_stack.stack.broken() == []
        database.restart(NEW, isolated=False)
        live_stack.until(lambda: NEW in followers(live_stack, OLD), "it follows again")

    def test_what_ended_or_crashed_by_itself_is_told_however_often_it_was_started_since(self, live, bring_up):
        with bring_up(live) as live.stack:
            stack, database = live.stack, live.stack.database
            with pytest.raises(Unanswered):
                live.ask(database.direct(OTHER), ENDED, "SELECT pg_sleep(5)")
            live.until(stack.broken, "it is missed")
            (ended,) = stack.broken()
            assert ended.startswith(f"PostgreSQL {OTHER} ended by itself with code ")
            assert not database.running(OTHER)
            database.restart(OTHER, isolated=False)
            crash(live, OLD)
            database.kill(OTHER)
            database.stop(OLD)
            for node in (OLD, OTHER):
                database.restart(node, isolated=False)
            crashed = f"PostgreSQL {OLD} lost a process and ended every session"
            assert stack.broken() == [crashed, ended]
            live.until(lambda: followers(live, OLD) == {NEW, OTHER}, "they follow again")

            database.excuse(NEW, True)
            crash(live, NEW)
            with pytest.raises(Unanswered):
                live.ask(database.direct(NEW), ENDED, "SELECT pg_sleep(5)")
            live.until(lambda: not database.running(NEW), "it ended")
            database.restart(NEW, isolated=False)
            database.excuse(NEW, False)
            database.excuse(NEW, False)
            assert stack.broken() == [crashed, ended], "what a fault may do is not told"
            crash(live, NEW)
            assert stack.broken() == [crashed, crashed.replace(OLD, NEW), ended]
