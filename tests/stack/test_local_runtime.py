"""What the local runtime does to this machine: processes, ports, memory, directories; and that none of it is left."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from chaoskit.errors import StackError
from chaoskit.model.scenario import Failback
from chaoskit.processes import alive

pytestmark = pytest.mark.stack
NODES = ("us-east/1", "eu-west/1", "ap-south/1")
OLD, NEW, OTHER = NODES


def listening(processes):
    """Ports on which they listen."""
    pids = {process.pid for process in processes}
    found = psutil.net_connections(kind="tcp")
    return {c.laddr.port for c in found if c.status == psutil.CONN_LISTEN and c.pid in pids}


def segments():
    """Ids of System V shared memory."""
    table = Path("/proc/sysvipc/shm").read_text()
    return {line.split()[1] for line in table.splitlines()[1:]}


def test_everything_listens_on_loopback_only(live_stack, tree):
    pids = {p.pid for node in NODES for p in tree(live_stack, node)} | {live_stack.processes["toxiproxy"].pid}
    found = psutil.net_connections(kind="inet")
    assert {c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN and c.pid in pids} == {"127.0.0.1"}


@pytest.mark.parametrize("process", ["postmaster", "startup", "checkpointer", "bgwriter", "walreceiver"])
def test_every_process_of_a_replica_is_frozen_by_its_word_and_no_other(live_stack, tree, process):
    def stopped():
        return [p for p in tree(live_stack, OTHER) if alive(p) and p.status() == psutil.STATUS_STOPPED]

    live_stack.stack.database.freeze(OTHER, process)
    live_stack.until(lambda: len(stopped()) == 1, "it is stopped, and nothing else")
    live_stack.stack.database.resume(OTHER)
    live_stack.until(lambda: stopped() == [], "it runs on")


def test_a_lost_node_is_frozen_whole_and_killed_frozen_and_nothing_is_left(live, bring_up, tree):
    before = segments()
    with bring_up(live) as live.stack:
        database, node = live.stack.database, OLD
        database.freeze(node)
        lost = [p for p in tree(live, node) if alive(p)]  # one that had just ended stays a zombie
        live.until(lambda: {p.status() for p in lost} == {psutil.STATUS_STOPPED}, "every process is stopped")
        assert len(lost) > 5
        assert {p.status() for p in tree(live, NEW)} & {psutil.STATUS_STOPPED} == set()

        database.kill(node)
        assert [p for p in lost if alive(p)] == []

        database.restart(node, isolated=True)
        started = [live.processes["toxiproxy"], *(p for name in NODES for p in tree(live, name))]
        ports = listening(started)
        database.freeze(OTHER)
    assert len(ports) == 1 + len(NODES) + len(live.plan.dials) + 2 * len(NODES)
    assert [p for p in started if alive(p)] == []
    assert [d for d in live.directories if d.exists()] == []
    assert segments() - before == set()
    assert ports & {c.laddr.port for c in psutil.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN} == set()


def test_a_stack_that_does_not_come_up_leaves_no_process_no_directory_and_no_memory(live_of, bring_up, three_regions):
    live, before = live_of(three_regions("postgres: {settings: {no_such_setting: 1}}")), segments()
    with pytest.raises(StackError), bring_up(live):
        pass
    assert [name for name, process in live.processes.items() if alive(process)] == []
    assert len(live.directories) == 1
    assert not live.directories[0].exists()
    assert segments() - before == set()


def test_a_program_that_takes_too_long_is_ended(live, bring_up, monkeypatch):
    monkeypatch.setattr("chaoskit.runtimes.postgres.limits.TOOL_TIMEOUT_S", 0.0)
    with bring_up(live) as live.stack:
        live.stack.database.stop(OTHER)
        upstream = live.stack.wan.target(live.dial("ap-south:1~us-east:1"))
        with pytest.raises(StackError, match="no end within 0 s") as failed:
            live.stack.database.rebuild(OTHER, OLD, Failback.REWIND, upstream)
        assert not alive(live.processes[failed.value.what.removesuffix(" failed")])


def test_what_rebuilds_a_node_lives_on_when_the_thread_that_asked_has_ended(live, bring_up):
    with bring_up(live) as live.stack, ThreadPoolExecutor(1) as pool:
        database, upstream = live.stack.database, live.stack.wan.target(live.dial("ap-south:1~us-east:1"))
        database.stop(OTHER)
        pool.submit(database.rebuild, OTHER, OLD, Failback.REWIND, upstream).result(60)
        pool.shutdown()
        streaming = f"SELECT state FROM pg_stat_replication WHERE application_name = '{OTHER}'"
        live.until(lambda: live.rows(OLD, streaming) == [("streaming",)], "it streams")
        assert live.stack.broken() == []


def test_what_was_killed_by_others_is_told_after_it_was_started_again(live, bring_up, tree):
    with bring_up(live) as live.stack:
        database, lost = live.stack.database, tree(live, OTHER)
        live.processes[OTHER].kill()
        live.until(lambda: not any(map(alive, lost)), "its processes have ended with it")
        told = [f"PostgreSQL {OTHER} ended by itself with code -9"]
        database.kill(OTHER)
        assert live.stack.broken() == told
        database.restart(OTHER, isolated=False)
        assert live.stack.broken() == told
        (victim,) = [p for p in tree(live, NEW) if "checkpointer" in " ".join(p.cmdline())]
        victim.kill()
        told.insert(0, f"PostgreSQL {NEW} lost a process and ended every session")
        live.until(lambda: live.stack.broken() == told, "it is missed")
        database.kill(NEW)
        database.restart(NEW, isolated=False)
        assert live.stack.broken() == told


def test_what_is_killed_by_others_is_told(live, bring_up):
    with bring_up(live) as live.stack:
        for name in (OTHER, "toxiproxy"):
            live.processes[name].kill()
        live.until(lambda: len(live.stack.broken()) == 2, "both are missed")
        assert live.stack.broken() == [
            "Toxiproxy ended by itself with code -9",
            f"PostgreSQL {OTHER} ended by itself with code -9",
        ]
