"""Shapes of a stack: nodes that share a region, commits that wait for all, ten regions."""

import secrets

import pytest

from chaoskit.model.fault import Mode
from chaoskit.planning import plan as plan_of
from chaoskit.processes import alive
from chaoskit.scenario_file import parse
from chaoskit.sql import Unanswered

STREAMING = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"


@pytest.fixture
def shaped(live_of):
    """A stack of another shape; nothing is up yet."""

    def build(regions: str, *stack: str):
        lines = "".join(f"  {line}\n" for line in (f"regions: {regions}", "network: {rtt: {default: 40ms}}", *stack))
        text = (
            f"chaoskit: 1\nname: shaped\nquestion: q\nduration: 60s\nstack:\n{lines}load: {{users: {{default: 1}}}}\n"
        )
        return live_of(plan_of(parse(text, "shaped.chaos.yaml"), seed=1, run=secrets.token_hex(3)))

    return build


def test_nodes_that_share_a_region_stream_have_their_settings_and_a_sync_commit_waits_for_all(shaped, bring_up):
    settings = "postgres: {settings: {work_mem: 7MB}}"
    live = shaped("{us-east: {nodes: 2}, eu-west: {nodes: 2}}", "replication: sync", settings)
    with bring_up(live) as live.stack:
        names = {name for (name,) in live.rows("us-east/1", STREAMING)}
        assert names == {"us-east/2", "eu-west/1", "eu-west/2"}
        assert {live.rows(node, "SHOW work_mem")[0][0] for node in ("us-east/1", *names)} == {"7MB"}
        live.rows("us-east/1", "CREATE TABLE kept (row int)")
        database, direct = live.stack.database, live.stack.database.direct("us-east/1")
        database.freeze("us-east/2")
        with pytest.raises(Unanswered):
            live.ask(direct, "INSERT INTO kept VALUES (1)", timeout_s=1)
        database.resume("us-east/2")
        assert live.ask(direct, "INSERT INTO kept VALUES (2)")[0].sqlstate is None


def test_a_quorum_may_name_a_node_and_waits_for_it_alone(shaped, bring_up):
    live = shaped("{us-east: {nodes: 2}, eu-west: {nodes: 1}}", "replication: {quorum: {any: 1, of: [us-east/2]}}")
    with bring_up(live) as live.stack:
        live.rows("us-east/1", "CREATE TABLE kept (row int)")
        streams = live.stack.wan.streams()
        live.stack.wan.cut("far", [s for s in streams if "eu-west" in (s.source.region, s.target.region)], Mode.STALL)
        live.rows("us-east/1", "INSERT INTO kept VALUES (1)")
        near = [s for s in streams if (s.dial.source.name, s.dial.target.name) == ("us-east/2", "us-east/1")]
        live.stack.wan.cut("near", near, Mode.STALL)
        with pytest.raises(Unanswered):
            live.ask(live.stack.database.direct("us-east/1"), "INSERT INTO kept VALUES (2)", timeout_s=1)


@pytest.mark.slow
def test_ten_regions_come_up_stream_and_leave_nothing(shaped, bring_up, record_property):
    live = shaped(f"[{', '.join(f'region-{number}' for number in range(10))}]")
    began_ns = live.clock.now_ns()
    with bring_up(live) as live.stack:
        record_property("up_s", (live.clock.now_ns() - began_ns) / 1e9)
        assert len(live.rows("region-0/1", STREAMING)) == 9
        assert None not in live.stack.wan.ping(live.plan.dials, 5).values()
    assert [name for name, process in live.processes.items() if alive(process)] == []
