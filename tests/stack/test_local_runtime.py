"""The local runtime on real servers: what crosses regions, what freezing and killing reach, and what is left."""

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.model.fault import Mode
from chaoskit.processes import alive
from chaoskit.sql import Unanswered

pytestmark = pytest.mark.stack
NODES = ("us-east/1", "eu-west/1", "ap-south/1")


def listening(processes):
    """Ports on which they listen."""
    pids = {process.pid for process in processes}
    found = psutil.net_connections(kind="tcp")
    return {c.laddr.port for c in found if c.status == psutil.CONN_LISTEN and c.pid in pids}


def segments():
    """Ids of System V shared memory."""
    table = Path("/proc/sysvipc/shm").read_text()
    return {line.split()[1] for line in table.splitlines()[1:]}


def test_every_replica_streams_from_the_primary_under_its_own_name(live_stack):
    names = live_stack.rows("us-east/1", "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")
    assert set(names) == {("eu-west/1",), ("ap-south/1",)}


def test_the_planned_delays_are_in_force_on_every_dial(live_stack):
    wan, topology = live_stack.stack.wan, live_stack.plan.scenario.stack.topology
    trips = wan.ping(live_stack.plan.dials, 5)
    planned_s = {dial: topology.rtt(dial.source.region, dial.target.region) / NS for dial in trips}
    assert [dial.name for dial, trip in trips.items() if trip is None or trip < planned_s[dial]] == []


def test_every_endpoint_answers_with_the_node_that_it_leads_to(live_stack):
    for region, endpoints in live_stack.stack.endpoints().items():
        for target, node in ((endpoints.write, "us-east/1"), (endpoints.read, f"{region}/1")):
            assert live_stack.ask(target, "SHOW cluster_name")[0].rows == ((node,),)


def test_an_isolated_primary_replicates_nothing_and_nobody_follows_it_past_the_wan(live_stack):
    wan = live_stack.stack.wan
    streams = [s for s in wan.streams() if (s.source.region == "us-east") != (s.target.region == "us-east")]
    wan.cut("isolate", streams, Mode.DROP)
    live_stack.rows("us-east/1", "SELECT pg_logical_emit_message(false, 'test', 'behind the cut', true)")
    (written,) = live_stack.rows("us-east/1", "SELECT pg_current_wal_flush_lsn()")[0]
    received = f"SELECT pg_last_wal_receive_lsn() >= '{written}'"
    assert set(wan.ping([s.dial for s in streams], 1).values()) == {None}
    assert [live_stack.rows(node, received) for node in NODES[1:]] == [[("f",)], [("f",)]]
    wan.heal("isolate")
    live_stack.until(lambda: all(live_stack.rows(n, received) == [("t",)] for n in NODES[1:]), "replicas catch up")


def test_everything_listens_on_loopback_only(live_stack):
    pids = {p.pid for node in NODES for p in live_stack.tree(node)} | {live_stack.processes["toxiproxy"].pid}
    found = psutil.net_connections(kind="inet")
    assert {c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN and c.pid in pids} == {"127.0.0.1"}


def test_a_connection_without_the_runs_password_is_refused(live_stack):
    stranger = replace(live_stack.stack.database.direct("eu-west/1"), password="guessed")
    with pytest.raises(Unanswered, match="password"):
        live_stack.ask(stranger, "SELECT 1")


def test_a_lost_node_is_frozen_whole_killed_frozen_and_read_isolated_and_nothing_is_left(live, bring_up):
    before = segments()
    with bring_up(live) as live.stack:
        database, node = live.stack.database, "us-east/1"
        live.rows(node, "CREATE TABLE kept AS SELECT 1 AS row")
        database.freeze(node)
        tree = [p for p in live.tree(node) if alive(p)]  # one that had just ended stays a zombie
        live.until(lambda: {p.status() for p in tree} == {psutil.STATUS_STOPPED}, "every process is stopped")
        assert len(tree) > 5
        assert {p.status() for p in live.tree("eu-west/1")} & {psutil.STATUS_STOPPED} == set()

        database.kill(node)
        assert [p for p in tree if alive(p)] == []
        database.kill(node)

        database.restart(node, isolated=True)
        assert live.rows(node, "SELECT row FROM kept") == [("1",)]
        assert live.rows(node, "SELECT pg_is_in_recovery()") == [("f",)]
        refused = live.ask(database.direct(node), "INSERT INTO kept VALUES (2)")[0]
        assert refused.sqlstate == "25006"
        assert live.rows(node, "SELECT count(*) FROM pg_stat_replication") == [("0",)]

        started = [live.processes["toxiproxy"], *(p for name in NODES for p in live.tree(name))]
        ports = listening(started)
        database.freeze("ap-south/1")
    assert len(ports) == 1 + len(NODES) + len(live.plan.dials) + 2 * len(NODES)
    assert [p for p in started if alive(p)] == []
    assert [d for d in live.directories if d.exists()] == []
    assert segments() - before == set()
    assert ports & {c.laddr.port for c in psutil.net_connections(kind="tcp") if c.status == psutil.CONN_LISTEN} == set()


def test_a_stack_that_does_not_come_up_names_the_log_and_leaves_nothing(live, bring_up, three_regions):
    live.plan = three_regions("postgres: {settings: {no_such_setting: 1}}")
    before = segments()
    with pytest.raises(StackError) as refused, bring_up(live):
        pass
    assert "logs/us-east:1.log" in refused.value.fix
    assert (
        "no_such_setting" in refused.value.why or "no_such_setting" in live.launcher.log_path("us-east/1").read_text()
    )
    assert [name for name, process in live.processes.items() if alive(process)] == []
    assert len(live.directories) == 1
    assert not live.directories[0].exists()
    assert segments() - before == set()


def test_a_run_that_fails_inside_takes_its_stack_down(live, bring_up):
    with pytest.raises(KeyError), bring_up(live) as live.stack:
        live.stack.database.freeze("no such node")
    assert [name for name, process in live.processes.items() if alive(process)] == []
    assert not live.directories[0].exists()
