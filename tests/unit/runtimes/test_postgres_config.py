"""A node's configuration: who waits for whom, and what no cut may close."""

import re
from collections.abc import Callable

import pytest

from chaoskit.model.plan import Plan
from chaoskit.model.topology import Node
from chaoskit.planning import plan
from chaoskit.protocols import Stream
from chaoskit.runtimes.docker.blocks import building_blocks
from chaoskit.runtimes.docker.project import REACH as CONTAINER
from chaoskit.runtimes.postgres.config import LOOPBACK, isolated, postgresql_conf, recovery_conf, standby_names
from chaoskit.runtimes.wan.delays import one_way_ns
from chaoskit.scenario_file import parse

EAST, WEST, SOUTH = (Node(region=region) for region in ("us-east", "eu-west", "ap-south"))


@pytest.fixture
def planned() -> Callable[..., Plan]:
    def build(stack: str = "replication: async", rtt: str = "81ms") -> Plan:
        text = (
            "chaoskit: 1\nname: s\nquestion: q\nduration: 90s\nstack:\n  regions: [us-east, eu-west, ap-south]\n"
            f"  network: {{rtt: {{default: {rtt}}}}}\n  {stack}\n"
        )
        return plan(parse(text, "s.chaos.yaml"), seed=1, run="abc")

    return build


def conf(planned, **kwargs):
    text = postgresql_conf(planned, EAST, LOOPBACK, port=5433, upstream="host='a' password='it''s'", **kwargs)
    return dict(line.split(" = ", 1) for line in text.splitlines())


def test_nobody_waits_under_async_and_every_node_names_its_peers_under_quorum(planned):
    quorum = planned("replication: {quorum: {any: 1}}")
    assert standby_names(planned(), EAST) == ""
    assert standby_names(quorum, EAST) == 'ANY 1 ("eu-west/1", "ap-south/1")'
    assert standby_names(quorum, SOUTH).count("ap-south") == 0


def test_a_node_with_fewer_peers_than_the_quorum_waits_for_all_of_them(planned):
    both = planned("replication: {quorum: {any: 2, of: [eu-west, ap-south]}}")
    assert standby_names(both, EAST) == 'ANY 2 ("eu-west/1", "ap-south/1")'
    assert standby_names(both, WEST) == 'ANY 1 ("ap-south/1")'


def test_under_sync_every_node_waits_for_all_others(planned):
    sync = planned("replication: sync")
    assert standby_names(sync, EAST) == 'ANY 2 ("eu-west/1", "ap-south/1")'
    assert standby_names(sync, WEST) == 'ANY 2 ("us-east/1", "ap-south/1")'
    assert conf(sync)["synchronous_commit"] == "'on'"
    assert conf(planned("replication: {sync: {commit: remote_apply}}"))["synchronous_commit"] == "'remote_apply'"


def test_a_quorum_may_name_nodes(planned):
    assert standby_names(planned("replication: {quorum: {any: 1, of: [ap-south/1]}}"), EAST) == 'ANY 1 ("ap-south/1")'


def test_a_rebuilt_replica_keeps_nothing_but_whom_it_follows():
    assert recovery_conf("host='a'") == "primary_conninfo = 'host=''a'''\n"


def test_a_server_that_is_only_looked_at_writes_nothing_and_a_replica_keeps_its_senders():
    assert isolated(replica=False)["max_wal_senders"] == "0"
    assert "max_wal_senders" not in isolated(replica=True)
    for settings in (isolated(replica=False), isolated(replica=True)):
        assert (settings["default_transaction_read_only"], settings["primary_conninfo"]) == ("on", "")


@pytest.mark.parametrize(("word", "value"), [("flush", "on"), ("remote_write",) * 2, ("remote_apply",) * 2])
def test_the_grammars_commit_is_postgres_synchronous_commit(planned, word, value):
    settings = conf(planned(f"replication: {{quorum: {{any: 1, commit: {word}}}}}"))
    assert settings["synchronous_commit"] == f"'{value}'"


def test_replication_timeouts_outlast_the_run(planned):
    settings = conf(planned())
    for name in ("wal_sender_timeout", "wal_receiver_timeout"):
        assert int(settings[name].strip("'")) > 90_000


def test_who_never_says_who_he_is_occupies_a_server_not_much_longer_than_a_probe_takes(planned):
    near, far = conf(planned(rtt="10ms")), planned(rtt="900ms")
    assert near["authentication_timeout"] == "'5s'"
    assert int(conf(far)["authentication_timeout"].strip("'s")) >= 2 * far.probes.timeout_ns / 1e9


def test_the_scenarios_settings_win_and_values_are_quoted(planned):
    settings = conf(planned("postgres: {settings: {work_mem: 7MB}}"))
    assert settings["work_mem"] == "'7MB'"
    assert settings["primary_conninfo"] == "'host=''a'' password=''it''''s'''"


def test_fsync_stays_on_and_only_loopback_is_listened_on(planned):
    settings = conf(planned())
    assert (settings["fsync"], settings["listen_addresses"]) == ("'on'", "'127.0.0.1'")


def test_the_wal_that_is_kept_has_room_on_the_disk_of_a_container(planned):
    disk = re.search(r"size=(\d+)m", building_blocks()["volumes"]["data"]["driver_opts"]["o"])
    text = postgresql_conf(planned(), EAST, CONTAINER, port=5432, upstream="")
    kept = re.findall(r"(?:max_wal_size|wal_keep_size) = '(\d+)MB'", text)
    assert disk is not None
    assert len(kept) == 2
    assert sum(map(int, kept)) < int(disk[1]) - 200  # the data, and the WAL until the next checkpoint


def test_the_two_directions_of_every_dial_add_up_to_the_round_trip(planned):
    made = planned()
    for dial in made.dials:
        halves = [one_way_ns(made, Stream(dial, upstream)) for upstream in (True, False)]
        rtt_ns = made.scenario.stack.topology.rtt(dial.source.region, dial.target.region)
        assert sum(halves) == rtt_ns
        assert halves == ([41_000_000, 40_000_000] if rtt_ns else [0, 0])
