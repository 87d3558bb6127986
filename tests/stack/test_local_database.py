"""What can be done to a node of the local runtime: frozen in part, stopped, read alone, rebuilt."""

from threading import Thread

import psutil
import pytest

from chaoskit.errors import StackError
from chaoskit.model.fault import Mode
from chaoskit.model.scenario import Failback
from chaoskit.processes import alive

pytestmark = pytest.mark.stack
OLD, NEW, OTHER = "us-east/1", "eu-west/1", "ap-south/1"
CONTENT = "SELECT count(*), sum(row) FROM kept"
WAL_BEYOND = 2**20


@pytest.fixture
def diverged(live, bring_up):
    """A primary that went on alone behind a cut while another was promoted; the cut is healed, the old one is dead."""
    with bring_up(live) as live.stack:
        live.rows(OLD, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS row")
        caught_up(live, OLD, NEW, OTHER)
        wan = live.stack.wan
        streams = [s for s in wan.streams() if (s.source.region == "us-east") != (s.target.region == "us-east")]
        wan.cut("cut", streams, Mode.STALL)
        live.rows(OLD, "INSERT INTO kept SELECT generate_series(2001, 2100)")
        live.rows(OLD, f"SELECT pg_logical_emit_message(false, 'test', repeat('x', {WAL_BEYOND}), true)")
        sent = "SELECT bool_and(sent_lsn = pg_current_wal_flush_lsn()) FROM pg_stat_replication"
        live.until(lambda: live.rows(OLD, sent) == [("t",)], "the WAN holds it")
        (live.fork,) = live.rows(NEW, "SELECT pg_last_wal_replay_lsn()")[0]
        promote(live, NEW)
        live.rows(NEW, "INSERT INTO kept SELECT generate_series(3001, 3500)")
        live.rows(NEW, "ALTER SYSTEM SET work_mem = '7MB'")
        wan.heal("cut")
        heard = f"SELECT pg_last_wal_receive_lsn() - '{live.fork}' > {WAL_BEYOND}"
        live.until(lambda: live.rows(OTHER, heard) == [("t",)], "what the cut held has arrived")
        live.stack.database.kill(OLD)  # not before the heal: an end passes a cut, and what is held may die with it
        yield live


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
    streaming = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"
    return {name for (name,) in live.rows(node, streaming)}


def test_a_rewound_primary_has_the_new_ones_content_and_follows_it(diverged):
    beyond_bytes = rebuild(diverged, OLD, NEW, Failback.REWIND)
    assert WAL_BEYOND < beyond_bytes < 2 * WAL_BEYOND
    diverged.until(lambda: OLD in followers(diverged, NEW), "it streams")
    caught_up(diverged, NEW, OLD)
    assert diverged.rows(OLD, CONTENT) == diverged.rows(NEW, CONTENT) == [("1500", "2125750")]
    assert diverged.rows(OLD, "SELECT pg_is_in_recovery(), current_setting('work_mem')") == [("t", "4MB")]
    slots = "SELECT count(*) FROM pg_replication_slots"
    assert diverged.rows(OLD, slots) == [("2",)], "whoever is promoted can serve all others"


def test_what_rebuilds_a_node_lives_on_when_the_thread_that_asked_has_ended(diverged):
    told = []
    thread = Thread(target=lambda: told.append(rebuild(diverged, OLD, NEW, Failback.REWIND)))
    thread.start()
    thread.join(60)
    assert told
    diverged.until(lambda: OLD in followers(diverged, NEW), "it streams")
    assert diverged.stack.broken() == []


def test_a_deposed_primary_is_read_alone_stopped_and_rewound(diverged):
    database = diverged.stack.database
    database.restart(OLD, isolated=True)
    assert diverged.rows(OLD, "SELECT count(*) FROM kept") == [("1100",)]
    database.stop(OLD)
    database.stop(OLD)
    assert not database.running(OLD)
    assert rebuild(diverged, OLD, NEW, Failback.REWIND) > WAL_BEYOND
    caught_up(diverged, NEW, OLD)
    assert diverged.rows(OLD, CONTENT) == diverged.rows(NEW, CONTENT)


def test_a_destroyed_node_is_cloned_anew(diverged):
    database = diverged.stack.database
    database.destroy(OLD)
    with pytest.raises(StackError, match="cannot be started") as refused:
        database.restart(OLD, isolated=False)
    assert refused.value.why == "its data was destroyed"
    assert rebuild(diverged, OLD, NEW, Failback.RECLONE) is None
    caught_up(diverged, NEW, OLD)
    assert diverged.rows(OLD, CONTENT) == diverged.rows(NEW, CONTENT)
    diverged.until(lambda: OLD in followers(diverged, NEW), "it streams")


def test_a_replica_that_heard_what_the_new_primary_never_did_is_rewound_too(diverged):
    diverged.stack.database.kill(OTHER)
    assert WAL_BEYOND < rebuild(diverged, OTHER, NEW, Failback.REWIND) < 2 * WAL_BEYOND
    caught_up(diverged, NEW, OTHER)
    assert diverged.rows(OTHER, CONTENT) == diverged.rows(NEW, CONTENT)


def test_a_rewind_from_a_source_behind_a_cut_fails_in_time_and_leaves_the_node_dead(diverged, monkeypatch):
    monkeypatch.setattr("chaoskit.runtimes.postgres.limits.TOOL_TIMEOUT_S", 2.0)
    streams = [s for s in diverged.stack.wan.streams() if s.dial.source.name == OLD]
    diverged.stack.wan.cut("again", streams, Mode.STALL)
    with pytest.raises(StackError, match="pg_rewind failed") as failed:
        rebuild(diverged, OLD, NEW, Failback.REWIND)
    assert "us-east:1-pg_rewind.log" in failed.value.fix
    assert not diverged.stack.database.running(OLD)
    assert not alive(diverged.processes[f"{OLD}-pg_rewind"])


class TestHealthy:
    """On a stack that others use, too."""

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

    def test_a_frozen_node_runs_on_with_what_it_was_asked_meanwhile(self, live_stack):
        database = live_stack.stack.database
        database.freeze(OTHER)
        tree = [p for p in live_stack.tree(OTHER) if alive(p)]
        live_stack.until(lambda: {p.status() for p in tree} == {psutil.STATUS_STOPPED}, "every process is stopped")
        assert database.running(OTHER)
        database.resume(OTHER)
        live_stack.until(lambda: live_stack.rows(OTHER, "SELECT 1") == [("1",)], "it answers")
        caught_up(live_stack, OLD, OTHER)
        assert live_stack.stack.broken() == []

    @pytest.mark.parametrize("process", ["postmaster", "startup", "checkpointer", "bgwriter", "walreceiver"])
    def test_every_process_of_a_replica_can_be_frozen_by_its_word(self, live_stack, process):
        def stopped():
            return [p for p in live_stack.tree(OTHER) if alive(p) and p.status() == psutil.STATUS_STOPPED]

        live_stack.stack.database.freeze(OTHER, process)
        live_stack.until(lambda: len(stopped()) == 1, "it is stopped, and nothing else")
        live_stack.stack.database.resume(OTHER)
        live_stack.until(lambda: stopped() == [], "it runs on")

    def test_a_process_that_a_node_does_not_run_cannot_be_frozen(self, live_stack):
        with pytest.raises(StackError, match="us-east/1 runs no process called 'walreceiver'") as refused:
            live_stack.stack.database.freeze(OLD, "walreceiver")
        assert "walsender" in refused.value.why

    def test_data_of_a_node_that_runs_is_never_touched(self, live_stack):
        database = live_stack.stack.database
        for harm in (lambda: database.destroy(NEW), lambda: rebuild(live_stack, NEW, OLD, Failback.RECLONE)):
            with pytest.raises(StackError, match="cannot be touched"):
                harm()
        with pytest.raises(StackError, match="cannot be started"):
            database.restart(NEW, isolated=True)


class TestDying:
    """Nodes that end, on purpose or not; each on a stack of its own."""

    def test_a_replica_stopped_cleanly_or_killed_follows_again_whom_it_was_told_to(self, live, bring_up):
        with bring_up(live) as live.stack:
            database = live.stack.database
            promote(live, NEW)
            conninfo = upstream(live, OTHER, NEW).conninfo(application_name=OTHER).replace("'", "''")
            live.rows(OTHER, f"ALTER SYSTEM SET primary_conninfo = '{conninfo}'")
            for end in (database.stop, database.kill):
                end(OTHER)
                assert not database.running(OTHER)
                database.restart(OTHER, isolated=False)
                live.until(lambda: OTHER in followers(live, NEW), "it follows the new primary")
            database.stop(OTHER)
            assert rebuild(live, OTHER, NEW, Failback.NONE) is None
            live.until(lambda: OTHER in followers(live, NEW), "it follows as a rebuilt one")
            database.kill(OTHER)
            assert rebuild(live, OTHER, NEW, Failback.REWIND) == 0, "it had nothing beyond"
            live.until(lambda: OTHER in followers(live, NEW), "it follows as a rewound one")
            database.kill(OLD)
            database.restart(OLD, isolated=False)
            assert live.rows(OLD, "SELECT pg_is_in_recovery()") == [("f",)], "a crashed primary comes back as one"

    def test_a_replica_read_alone_stays_a_replica_and_hears_nobody(self, live, bring_up):
        with bring_up(live) as live.stack:
            database = live.stack.database
            database.kill(NEW)
            database.restart(NEW, isolated=True)
            assert live.rows(NEW, "SELECT pg_is_in_recovery()") == [("t",)]
            assert live.rows(NEW, "SELECT count(*) FROM pg_stat_wal_receiver") == [("0",)]
            database.stop(NEW)
            database.restart(NEW, isolated=False)
            live.until(lambda: followers(live, OLD) == {NEW, OTHER}, "it follows again")

    def test_a_stop_that_cannot_end_says_why_and_what_ends_by_itself_is_told(self, live, bring_up, monkeypatch):
        monkeypatch.setattr("chaoskit.runtimes.postgres.limits.STOP_TIMEOUT_S", 0.5)
        with bring_up(live) as live.stack:
            database = live.stack.database
            database.freeze(NEW)
            with pytest.raises(StackError, match="did not shut down") as late:
                database.stop(NEW)
            assert late.value.why == "it is frozen"
            database.kill(NEW)
            assert live.stack.broken() == [], "what was ended on purpose is not broken"
            for name in (OTHER, "toxiproxy"):
                live.processes[name].kill()
            live.until(lambda: len(live.stack.broken()) == 2, "both are missed")
            assert live.stack.broken() == [
                "Toxiproxy ended by itself with code -9",
                f"PostgreSQL {OTHER} ended by itself with code -9",
            ]
