"""A region whose users are spread over several processes by a Locust master has the same users, and all they did."""

import sys

import psutil
import pytest

from chaoskit.clock import NS
from chaoskit.load.child import Child, Role
from chaoskit.load.orders import Orders, UserOrders
from chaoskit.load.streams import read_streams
from chaoskit.model.scenario import Register
from chaoskit.processes import PACKAGE

pytestmark = pytest.mark.stack
WORKERS = {f"us-east.users-{number}" for number in (1, 2, 3)}


@pytest.fixture(scope="module", params=[1, 3], ids=["one process", "three processes"])
def spread(request, bench):
    made = bench(us_east=7, eu_west=2, load={"workers": {"us-east": request.param}})
    made.workers = request.param
    made.begin()
    made.finish()
    return made


def test_every_region_has_exactly_its_users(spread):
    assert spread.users.groupby("region")["session"].nunique().to_dict() == {"us-east": 7, "eu-west": 2}


def test_no_operation_is_missing_and_none_is_there_twice(spread):
    writes = spread.writes
    assert writes["value"].is_unique
    acknowledged = set(writes[writes["outcome"] == "ok"]["value"])
    assert acknowledged <= spread.written <= acknowledged | set(writes[writes["outcome"] == "unknown"]["value"])
    assert spread.incomplete == []
    assert spread.load.broken() == []


def test_what_was_counted_is_what_was_recorded(spread):
    assert spread.load.operations() == spread.users.groupby("region").size().to_dict()


def test_every_process_has_its_share_and_a_stream_of_its_own(spread):
    ours = spread.users[spread.users["region"] == "us-east"]
    shares = ours.groupby("client")["session"].nunique().to_dict()
    assert set(shares) == (WORKERS if spread.workers == 3 else {"us-east.users"})
    assert max(shares.values()) - min(shares.values()) <= 1
    assert all(
        session.startswith(f"{client}/") for client, session in zip(ours["client"], ours["session"], strict=True)
    )


def test_users_begin_together_and_not_before(spread):
    first_ns = spread.users.groupby("session")["invoked_ns"].min()
    assert first_ns.min() >= spread.began_ns


def test_nothing_is_left(spread):
    assert spread.left() == []


def test_a_lost_region_loses_all_its_processes_and_their_streams_are_complete(bench):
    made = bench(us_east=4, eu_west=1, load={"workers": {"us-east": 3}})
    made.begin()
    made.lose("us-east")
    frozen = {name for name, process in made.processes.items() if process.status() == psutil.STATUS_STOPPED}
    made.finish()
    assert frozen == {f"load.{name}" for name in (*WORKERS, "us-east.master", "us-east.probes")}
    assert made.incomplete == []
    assert made.load.broken() == []
    pending = made.users[made.users["error"] == "client lost"]
    assert set(pending["session"].str.split("/").str[0]) <= WORKERS


def test_more_processes_than_users_are_no_trouble(bench):
    made = bench(us_east=1, load={"workers": {"us-east": 2}})
    made.begin()
    made.finish()
    assert made.users["session"].nunique() == 1
    assert made.incomplete == []


@pytest.mark.parametrize("workers", [1, 2])
def test_users_with_a_spawn_rate_come_one_after_the_other_from_the_beginning_on(bench, workers):
    made = bench(us_east=3, load={"workers": {"us-east": workers}, "spawn_rate_hz": 2.0})
    made.begin()
    made.until(lambda: made.sessions() == 3, "all users are there")
    made.finish()
    first_ns = made.users.groupby("session")["invoked_ns"].min().sort_values()
    assert first_ns.min() >= made.began_ns
    assert first_ns.max() - first_ns.min() > 400_000_000  # two at once, the third a second later
    assert "fresh" in set(made.users["connection"])


class Guest:
    """A worker that the driver did not start."""

    def __init__(self, made, stream, count):
        argv = [sys.executable, "-m", "chaoskit.load.users"]
        self.process = made.launcher.start("load.guest", argv, env=PACKAGE, talk=True)
        self.child = Child(self.process, role=Role.USERS, client="us-east.users-guest", stream=stream, clock=made.clock)
        target = made.server.target
        self.child.order(
            Orders(
                client="us-east.users-guest", region="us-east", epoch_monotonic_ns=made.clock.epoch_monotonic_ns,
                stream=str(stream), timeout_ns=NS // 2, write=target, read=target,
                users=UserOrders(count=count, pace_hz=50.0, seed=7, workload=Register(keys=20), workers=2),
            )
        )  # fmt: skip
        master = made.processes["load.us-east.master"]
        (port,) = [c.laddr.port for c in master.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        self.child.say("join", host="127.0.0.1", port=port)
        self.child.say("begin", at_ns=made.began_ns)

    def leave(self, deadline_ns):
        self.child.say("stop")
        assert self.child.await_word("stopped", deadline_ns)
        self.child.end(deadline_ns)


def test_a_worker_that_joins_from_elsewhere_gets_a_share_and_the_number_of_users_holds(bench, tmp_path):
    made = bench(us_east=6, load={"workers": {"us-east": 2}})
    made.begin()
    guest = Guest(made, tmp_path / "us-east.users-guest.arrow", 6)
    made.until(lambda: guest.child.operations > 10, "the guest's users work")
    moved_ns = made.clock.now_ns() + NS  # whoever was moved has finished by then
    made.until(lambda: made.clock.now_ns() > moved_ns + NS, "they work on")
    guest.leave(made.soon())
    until_ns = made.clock.now_ns()
    made.finish()
    history = read_streams([*made.load.streams(), guest.child.stream])[0].to_pandas()
    users = history[~history["kind"].str.startswith("probe_")]
    at_the_same_time = users[users["invoked_ns"].between(moved_ns, until_ns)].groupby("client")["session"].nunique()
    assert at_the_same_time.to_dict() == {"us-east.users-1": 2, "us-east.users-2": 2, "us-east.users-guest": 2}
    assert "client error" not in set(users["error"])
    assert set(history["outcome"]) == {"ok"}
