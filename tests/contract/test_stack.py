"""A stack of any runtime: what streams, what crosses regions, what a lost node does, and what is left of it all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.model.fault import Mode
from chaoskit.model.topology import Role
from chaoskit.planning.routes import endpoint
from chaoskit.processes import alive
from chaoskit.sql import Unanswered

NODES = ("us-east/1", "eu-west/1", "ap-south/1")
IN_RECOVERY = "SELECT pg_is_in_recovery()"


def test_every_replica_streams_from_the_primary_under_its_own_name(live_stack):
    names = live_stack.rows("us-east/1", "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")
    assert set(names) == {("eu-west/1",), ("ap-south/1",)}


def test_the_planned_delays_are_in_force_on_every_dial(live_stack):
    wan, topology = live_stack.stack.wan, live_stack.plan.scenario.stack.topology
    trips = wan.ping(live_stack.plan.dials, 5)
    planned_s = {dial: topology.rtt(dial.source.region, dial.target.region) / NS for dial in trips}
    assert [dial.name for dial, trip in trips.items() if trip is None or trip < planned_s[dial]] == []


def test_bytes_are_carried_through_every_stream_that_leads_to_a_node(live_stack):
    wan = live_stack.stack.wan
    streams = [stream for stream in wan.streams() if stream.dial.target.role is Role.NODE]
    with ThreadPoolExecutor(8) as pool:
        took_s = pool.map(lambda stream: wan.carry(stream, 10_000, timeout_s=10), streams)
        assert [stream.dial.name for stream, s in zip(streams, took_s, strict=True) if s is None] == []


def test_every_endpoint_is_on_this_machine_and_answers_with_the_node_that_it_leads_to(live_stack):
    for region, endpoints in live_stack.stack.endpoints().items():
        for target, node in ((endpoints.write, "us-east/1"), (endpoints.read, f"{region}/1")):
            assert target.host == "127.0.0.1"
            assert live_stack.ask(target, "SHOW cluster_name")[0].rows == ((node,),)


def test_an_endpoint_can_be_led_to_another_node_and_back(live_stack):
    wan, write = live_stack.stack.wan, live_stack.stack.endpoints()["eu-west"].write
    for node in ("ap-south/1", "us-east/1"):
        wan.point(endpoint("write", "eu-west"), live_stack.dial(f"eu-west.clients~{node.replace('/', ':')}"))
        assert live_stack.ask(write, "SHOW cluster_name")[0].rows == ((node,),)


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


def test_a_connection_without_the_runs_password_is_refused(live_stack):
    stranger = replace(live_stack.stack.database.direct("eu-west/1"), password="guessed")
    with pytest.raises(Unanswered, match="password"):
        live_stack.ask(stranger, "SELECT 1")


def test_what_the_report_says_of_a_stack_names_its_programs_and_its_disks(live_stack):
    facts = live_stack.stack.environment()
    assert {"chaoskit", "postgresql", "toxiproxy", "locust", "python"} <= facts["versions"].keys()
    assert facts["filesystem"]
    assert facts["fsync"] == "on"


def test_a_lost_node_is_silent_killed_frozen_and_read_alone_and_nothing_is_left(live, bring_up):
    with bring_up(live) as live.stack:
        database, node = live.stack.database, "us-east/1"
        live.rows(node, "CREATE TABLE kept AS SELECT 1 AS row")
        database.freeze(node)
        assert database.running(node)
        with pytest.raises(Unanswered):
            live.ask(database.direct(node), "SELECT 1", timeout_s=1)
        assert live.rows("eu-west/1", IN_RECOVERY) == [("t",)]

        database.kill(node)
        database.kill(node)
        assert not database.running(node)

        database.restart(node, isolated=True)
        assert live.rows(node, "SELECT row FROM kept") == [("1",)]
        assert live.rows(node, IN_RECOVERY) == [("f",)]
        refused = live.ask(database.direct(node), "INSERT INTO kept VALUES (2)")[0]
        assert refused.sqlstate == "25006"
        assert live.rows(node, "SELECT count(*) FROM pg_stat_replication") == [("0",)]
        assert live.stack.broken() == []
        database.freeze("ap-south/1")
        reachable = [*map(database.direct, NODES), *(live.stack.wan.target(dial) for dial in clients(live.plan))]
    assert left(live) == []
    assert [target.port for target in reachable if answers(live, target)] == []


def clients(plan):
    """The dials that begin on this machine."""
    return [dial for dial in plan.dials if dial.name.partition("~")[0].endswith(".clients")]


def answers(live, target):
    try:
        live.ask(target, "SELECT 1", timeout_s=1)
    except Unanswered:
        return False
    return True


def left(live):
    """What is still there of a stack that is down, by its journal and by what was started for it."""
    journaled = ["something that its journal names"] if live.journal.unfinished else []
    return [name for name, process in live.processes.items() if alive(process)] + journaled


def test_a_stack_that_does_not_come_up_names_the_log_and_leaves_nothing(live_of, bring_up, three_regions):
    live = live_of(three_regions("postgres: {settings: {no_such_setting: 1}}"))
    with pytest.raises(StackError) as refused, bring_up(live):
        pass
    assert "logs/us-east:1.log" in refused.value.fix
    assert "no_such_setting" in refused.value.why + (live.logs / "us-east:1.log").read_text()
    assert left(live) == []


def test_a_run_that_fails_inside_takes_its_stack_down(live, bring_up):
    with pytest.raises(KeyError), bring_up(live) as live.stack:
        live.stack.database.freeze("no such node")
    assert left(live) == []
