"""Users and probers as processes, on a real server: what they do, what they record, and how they end."""

import socket
from dataclasses import replace

import psutil
import pytest

from chaoskit.clock import NS
from chaoskit.errors import StackError
from chaoskit.protocols import Endpoints

pytestmark = pytest.mark.stack
TIMEOUT_NS, INTERVAL_NS, POOL = NS // 2, NS // 20, 10  # the bench's
ACKNOWLEDGED = ["ok", "ok_warned"]


def acknowledged_in_time(history):
    took_ns = history["returned_ns"] - history["scheduled_ns"]
    return history["outcome"].isin(ACKNOWLEDGED) & (took_ns <= TIMEOUT_NS)


@pytest.fixture(scope="module")
def healthy(bench):
    made = bench(us_east=3, eu_west=1, ap_south=0)
    made.begin()
    made.finish()
    return made


class TestHealthyRun:
    def test_every_region_has_exactly_the_users_it_was_given(self, healthy):
        users = healthy.users
        assert users.groupby("region")["session"].nunique().to_dict() == {"us-east": 3, "eu-west": 1}

    def test_every_region_has_a_prober_of_four_streams(self, healthy):
        probes = healthy.probed
        streams = probes.groupby("region")[["kind", "connection"]].apply(lambda rows: len(rows.drop_duplicates()))
        assert streams.to_dict() == {"us-east": 4, "eu-west": 4, "ap-south": 4}

    def test_every_operation_succeeds_and_every_stream_is_complete(self, healthy):
        assert set(healthy.history["outcome"]) == {"ok"}
        assert healthy.incomplete == []
        assert healthy.load.broken() == []

    def test_acknowledged_writes_are_the_rows_of_the_server(self, healthy):
        writes = healthy.writes
        assert writes["value"].is_unique
        assert set(writes["value"]) == healthy.written
        assert writes["lsn"].notna().all()

    def test_users_operations_are_sequential_and_a_read_follows_its_write(self, healthy):
        for _, rows in healthy.users.groupby("session"):
            assert (rows["invoked_ns"].to_numpy()[1:] >= rows["returned_ns"].to_numpy()[:-1]).all()
            pairs = rows.iloc[: len(rows) // 2 * 2]
            assert pairs["kind"].tolist() == ["write", "read"] * (len(pairs) // 2)
            assert pairs["key"].tolist()[::2] == pairs["key"].tolist()[1::2]

    def test_probes_keep_their_grid_and_have_sessions_of_their_own(self, healthy):
        for (_, _, connection), rows in healthy.probed.groupby(["region", "kind", "connection"]):
            scheduled_ns = rows["scheduled_ns"].sort_values()
            expected_ns = NS // 5 if connection == "fresh" else INTERVAL_NS
            assert set(scheduled_ns.diff().dropna()) == {expected_ns}
            assert rows["session"].is_unique

    def test_what_was_reported_is_what_was_recorded(self, healthy):
        probes = healthy.probed.assign(ok=acknowledged_in_time)
        recorded = {
            f"{region}/{kind.removeprefix('probe_')}/{connection}": (int(rows["ok"].sum()), len(rows))
            for (region, kind, connection), rows in probes.groupby(["region", "kind", "connection"])
        }
        assert healthy.load.availability(0, healthy.clock.now_ns()) == recorded
        users = healthy.users
        assert healthy.load.operations() == users.groupby("region").size().to_dict()

    def test_stop_leaves_no_process_and_can_be_repeated(self, healthy):
        healthy.load.stop(healthy.soon())
        assert healthy.left() == []


@pytest.fixture(scope="module")
def frozen(bench):
    made = bench(us_east=3)
    made.begin()
    made.frozen_ns = made.clock.now_ns()
    made.server.freeze()
    try:
        made.until(lambda: made.probes(ok=False) > 4 * POOL, "probes fail")
    finally:
        made.thawed_ns = made.clock.now_ns()
        made.server.thaw()
    good = made.probes(ok=True)
    made.until(lambda: made.probes(ok=True) > good + 20, "probes succeed again")
    made.finish()
    return made


class TestFrozenServer:
    """The server stops answering for longer than the slots of the pool last, then goes on."""

    def test_a_fresh_probe_gives_up_at_its_deadline(self, frozen):
        fresh = frozen.history[(frozen.history["connection"] == "fresh") & (frozen.history["error"] == "timeout")]
        fresh = fresh[fresh["kind"].str.startswith("probe_") & fresh["returned_ns"].notna()]
        took_ns = fresh["returned_ns"] - fresh["scheduled_ns"]
        assert len(fresh)
        assert (fresh["outcome"] == "fail").all()  # it never got as far as sending
        assert took_ns.between(TIMEOUT_NS, 2 * TIMEOUT_NS).all()

    def test_an_established_probe_is_recorded_as_answered_late(self, frozen):
        late = frozen.history[
            (frozen.history["connection"] == "established") & frozen.history["kind"].str.startswith("probe_")
        ]
        late = late[late["returned_ns"] - late["scheduled_ns"] > TIMEOUT_NS]
        assert len(late)
        assert (late["outcome"] == "ok").all()
        assert (late["returned_ns"] >= frozen.thawed_ns).all()

    def test_probes_for_which_no_slot_was_free_are_failures(self, frozen):
        refused = frozen.history[frozen.history["error"] == "no free slot"]
        assert len(refused)
        assert (refused["outcome"] == "fail").all()
        assert (refused["returned_ns"] == refused["scheduled_ns"]).all()

    def test_reported_probes_are_those_answered_in_time(self, frozen):
        probes = frozen.probed
        assert frozen.probes(ok=True) == int(acknowledged_in_time(probes).sum())
        assert frozen.probes(ok=False) == int((~acknowledged_in_time(probes)).sum())

    def test_all_users_wait_at_the_same_time_and_give_up_at_their_deadline(self, frozen):
        users = frozen.users
        unknown = users[users["outcome"] == "unknown"]
        assert set(unknown["error"]) == {"timeout"}
        assert unknown["returned_ns"].isna().all()
        first_ns = unknown.groupby("session")["invoked_ns"].min()
        assert len(first_ns) == 3
        assert first_ns.max() - first_ns.min() < TIMEOUT_NS

    def test_a_user_that_gave_up_works_on_over_a_new_connection(self, frozen):
        users = frozen.users[frozen.users["invoked_ns"] > frozen.thawed_ns]
        assert users[users["outcome"] == "ok"]["session"].nunique() == 3
        assert "fresh" in set(users["connection"])

    def test_every_row_of_the_server_was_acknowledged_or_is_unknown(self, frozen):
        writes = frozen.writes
        acknowledged = set(writes[writes["outcome"].isin(ACKNOWLEDGED)]["value"])
        unknown = set(writes[writes["outcome"] == "unknown"]["value"])
        assert acknowledged <= frozen.written <= acknowledged | unknown


@pytest.fixture(scope="module")
def lost(bench):
    made = bench(us_east=2, eu_west=1)
    made.begin()
    made.lose("us-east")
    made.states = {name: process.status() for name, process in made.processes.items()}
    made.lost_ns, good = made.clock.now_ns(), made.probes(ok=True)
    made.until(lambda: made.probes(ok=True) > good + 20, "the other region goes on")
    made.finish()
    return made


class TestLostRegion:
    """One region's clients are drained and frozen while their operations hang."""

    def test_its_processes_are_frozen_and_no_others(self, lost):
        frozen = {name for name, state in lost.states.items() if state == psutil.STATUS_STOPPED}
        assert frozen == {"load.us-east.users", "load.us-east.probes"}

    def test_its_pending_operations_are_unknown_and_its_streams_complete(self, lost):
        history, incomplete = lost.history, lost.incomplete
        pending = history[(history["region"] == "us-east") & (history["error"] == "client lost")]
        assert incomplete == []
        assert set(pending["client"]) == {"us-east.users", "us-east.probes"}
        assert set(pending["outcome"]) == {"unknown"}
        assert pending["returned_ns"].isna().all()

    def test_it_issues_nothing_afterwards_and_the_others_go_on(self, lost):
        history = lost.history
        assert set(history[history["invoked_ns"] > lost.lost_ns]["region"]) == {"eu-west"}

    def test_no_process_is_left_and_nothing_is_called_broken(self, lost):
        assert lost.left() == []
        assert lost.load.broken() == []


def test_a_pool_whose_connections_all_broke_is_repaired(bench):
    made = bench(us_east=1)
    made.begin()
    made.server.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    broken_ns, good = made.clock.now_ns(), made.probes(ok=True)
    made.until(lambda: made.probes(ok=True) > good + 2 * 2 * POOL, "probes succeed again")
    made.finish()
    assert made.incomplete == []
    assert set(made.probed["outcome"]) <= {"ok", "fail", "unknown"}
    later = made.probed[made.probed["scheduled_ns"] > broken_ns + 4 * INTERVAL_NS]
    repaired = later[(later["outcome"] == "ok") & (later["connection"] == "established")]
    assert set(repaired["kind"]) == {"probe_write", "probe_read"}
    assert set(made.writes[made.writes["outcome"] == "ok"]["value"]) <= made.written


def test_a_killed_process_leaves_a_stream_without_end_marker_and_nothing_hangs(bench):
    made = bench(us_east=1)
    made.begin()
    made.processes["load.us-east.probes"].kill()
    made.until(made.load.broken, "the driver notices")
    made.load.lose("us-east", made.soon())
    made.finish()
    assert made.incomplete == ["us-east.probes"]
    assert "us-east.probes" in made.load.broken()[0]
    assert "us-east.probes" in set(made.history["client"])


def test_a_process_ends_by_itself_when_the_harness_is_gone(bench):
    made = bench(us_east=1)
    made.begin()
    for child in made.load._children():
        child._process.stdin.close()
    made.until(lambda: not made.left(), "they have ended")
    made.read()
    assert made.incomplete == []


def test_a_load_that_cannot_connect_says_why(bench):
    made = bench(us_east=1)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = replace(made.server.target, port=unused.getsockname()[1])
        made.endpoints = {"us-east": Endpoints(write=nowhere, read=nowhere)}
        made.load.start()
        made.load.connect(made.endpoints)
        made.until(
            lambda: all("refused" in child.why_not_ready() for child in made.load._children()),
            "they say what they wait for",
        )
        with pytest.raises(StackError) as refused:
            made.load.ready(made.clock.now_ns())
    assert "refused" in str(refused.value)
    made.load.stop(made.soon())
    assert made.left() == []
