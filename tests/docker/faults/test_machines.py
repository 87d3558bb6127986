"""A real server in a container loses its cable, disk, share of a core or sense of time, and gets it back."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chaoskit.errors import StackError
from chaoskit.protocols import Target
from chaoskit.runtimes.docker import names
from chaoskit.runtimes.docker.cable import Cable
from chaoskit.runtimes.docker.machines import ContainerMachines, Machine
from chaoskit.runtimes.docker.project import FAKETIME
from chaoskit.sql import Reply, Session, Unanswered, ask

pytestmark = pytest.mark.docker

NODE = "us-east/1"
MIB = 2**20
HOUR_NS = 3600 * 10**9
SKEW_S = "SELECT extract(epoch FROM clock_timestamp())"


class Site:
    """One server with a machine of its own, as the runtime makes them."""

    def __init__(self, yard) -> None:
        self.yard, self.clock = yard, yard.clock
        self.network = yard.network("us-east")
        volume = yard.volume("disk", type="tmpfs", device="tmpfs", o="size=192m,uid=999,gid=999,mode=0700")
        bind = {"binds": [f"{volume}:{names.DISK}"]}
        password = secrets.token_hex(8)
        self.machine = yard.container(
            "us-east-1-machine", "postgres", self.network, host=bind, user="postgres", entrypoint=["sleep", "infinity"]
        )
        self.server = yard.container(
            "us-east-1",
            "postgres",
            host=bind | {"network_mode": f"container:{self.machine.name}"},
            user="postgres",
            environment={"POSTGRES_PASSWORD": password, "PGDATA": names.DATA, FAKETIME: "1"},
            command=[
                "postgres",
                "-c",
                "track_commit_timestamp=on",
                "-c",
                "min_wal_size=32MB",
                "-c",
                "max_wal_size=64MB",
            ],
        )
        self.target = Target(host=self.machine.address(self.network), port=5432, user="postgres", password=password)
        self.moves: list[tuple[str, str]] = []
        machine = Machine.of(server=self.server, machine=self.machine, network=self.network)
        self.machines = ContainerMachines({NODE: machine}, moved=self._moved)
        yard.until(self.answers, "the server answers", 30)

    def ask(self, *statements: str, timeout_s: float = 5) -> list[Reply]:
        return ask(self.target, statements, clock=self.clock, timeout_s=timeout_s)

    def answers(self) -> bool:
        try:
            return not self.ask("SELECT 1", timeout_s=1)[0].message
        except Unanswered:
            return False

    def offset_s(self) -> float:
        """How far the server's clock is ahead of ours."""
        answered_s = float(self.ask(SKEW_S)[0].rows[0][0] or "nan")
        return answered_s - (self.clock.epoch_wall_ns() + self.clock.now_ns()) / 1e9

    def revive(self) -> None:
        if not self.server.state().running:
            self.server.start()
        self.yard.until(self.answers, "the server answers", 30)

    def _moved(self, node: str, address: str) -> None:
        self.moves.append((node, address))
        self.target = replace(self.target, host=address)


@pytest.fixture(scope="module")
def site(yard) -> Site:
    return Site(yard)


@pytest.fixture(autouse=True)
def healed(site: Site) -> Iterator[None]:
    yield
    site.machines.empty(NODE)
    site.machines.throttle(NODE, None)
    site.machines.skew(NODE, 0)
    site.machines.plug(NODE)
    site.revive()


def test_a_pulled_cable_is_silent_and_comes_back_under_the_same_names_and_address(yard, site: Site) -> None:
    neighbour = yard.container("neighbour", "net", site.network)
    other = Cable(neighbour, site.network)
    before = site.machine.address(site.network), neighbour.address(site.network)
    session = Session(site.target, site.clock)
    session.ask(["SELECT 1"], timeout_s=5)
    site.machines.unplug(NODE)
    site.machines.unplug(NODE)
    with pytest.raises(Unanswered):
        session.ask(["SELECT 1"], timeout_s=1)
    assert site.server.state().running
    other.unplug()
    other.plug()  # the engine would give it the address that is free
    site.machines.plug(NODE)
    site.machines.plug(NODE)
    session.close()
    assert (site.machine.address(site.network), neighbour.address(site.network)) == before
    assert site.moves[-1] == (NODE, before[0])
    assert site.answers()
    found = neighbour.exec(["getent", "ahostsv4", "us-east-1-machine"], timeout_s=5)
    assert found.split()[0] == before[0]


def test_a_plug_that_was_never_pulled_changes_nothing(site: Site) -> None:
    before = site.machine.address(site.network)
    site.machines.plug(NODE)
    assert site.moves[-1] == (NODE, before)


def test_a_full_disk_refuses_what_is_written_and_takes_it_again_when_emptied(site: Site) -> None:
    site.ask("CREATE TABLE IF NOT EXISTS big (text text)", "CHECKPOINT", timeout_s=20)
    free = site.machines.free_bytes(NODE)
    site.machines.fill(NODE, 4 * MIB)
    site.machines.fill(NODE, 2 * MIB)
    assert site.machines.free_bytes(NODE) <= 2 * MIB
    said = stuffed(site)
    assert "No space left on device" in said
    site.machines.empty(NODE)
    site.machines.empty(NODE)
    site.revive()
    assert site.machines.free_bytes(NODE) > free / 2
    assert not site.ask("CREATE TABLE small ()", "DROP TABLE small")[1].message


def stuffed(site: Site) -> str:
    """What a server says that was given more than its disk holds: an error, or its last words."""
    try:
        said = site.ask(
            "INSERT INTO big SELECT repeat(md5(n::text), 200) FROM generate_series(1, 100000) n", timeout_s=30
        )
        return said[0].message
    except Unanswered:
        return site.server.logs()


def test_a_disk_that_others_use_is_not_filled(yard, site: Site) -> None:
    volume = yard.volume("shared")
    machine = yard.container(
        "unsized", "postgres", host={"binds": [f"{volume}:{names.DISK}"]}, entrypoint=["sleep", "infinity"]
    )
    unsized = Machine.of(server=machine, machine=machine, network="none")
    with pytest.raises(StackError) as error:
        unsized.disk.fill(MIB)
    assert "others use" in error.value.why
    with pytest.raises(StackError) as error:
        unsized.clock.skew(1)
    assert FAKETIME in error.value.why


def test_a_starved_server_is_held_back_and_then_not_any_more(site: Site) -> None:
    site.machines.throttle(NODE, 0.05)
    assert site.machines.share(NODE) == 0.05
    before = site.machines.throttled(NODE)
    site.ask("SELECT count(md5(n::text)) FROM generate_series(1, 200000) n", timeout_s=60)
    held = site.machines.throttled(NODE)
    assert held > before
    site.machines.throttle(NODE, None)
    site.machines.throttle(NODE, None)
    assert site.machines.share(NODE) is None
    site.ask("SELECT count(md5(n::text)) FROM generate_series(1, 200000) n", timeout_s=60)
    assert site.machines.throttled(NODE) <= held + 1  # the period that had begun


@pytest.mark.parametrize("by_ns", [HOUR_NS, -HOUR_NS, 1_500_000_000])
def test_a_wrong_clock_is_wrong_by_that_much_until_it_is_right_again(site: Site, by_ns: int) -> None:
    site.machines.skew(NODE, by_ns)
    assert abs(site.offset_s() - by_ns / 1e9) < 0.5
    site.machines.skew(NODE, 0)
    site.machines.skew(NODE, 0)
    assert abs(site.offset_s()) < 0.5


AHEAD = pytest.param(HOUR_NS, marks=pytest.mark.xfail(strict=True, reason="libfaketime and signal handlers: clock.py"))


@pytest.mark.parametrize("by_ns", [-HOUR_NS, AHEAD])
def test_spans_stay_right_where_the_clock_is_wrong(site: Site, by_ns: int) -> None:
    site.machines.skew(NODE, by_ns)
    late = site.ask("SET statement_timeout = '300ms'", "SELECT pg_sleep(5)", timeout_s=15)[1]
    assert late.sqlstate == "57014"


def test_a_commit_carries_the_wrong_time_for_good(site: Site) -> None:
    site.ask("CREATE TABLE stamped (n int)")
    site.machines.skew(NODE, -HOUR_NS)
    site.ask("INSERT INTO stamped VALUES (1)")
    site.machines.skew(NODE, 0)
    aged = site.ask("SELECT extract(epoch FROM clock_timestamp() - pg_xact_commit_timestamp(xmin)) FROM stamped")
    assert float(aged[0].rows[0][0] or 0) > 3599


def test_a_clock_stays_wrong_over_a_restart_and_can_be_set_while_nobody_looks(site: Site) -> None:
    site.server.pause()
    site.machines.skew(NODE, HOUR_NS)
    site.server.unpause()
    assert abs(site.offset_s() - 3600) < 0.5
    site.server.kill()
    site.revive()
    assert abs(site.offset_s() - 3600) < 0.5
    site.server.kill()
    site.yard.until(lambda: not site.server.state().running, "it is dead")
    site.machines.skew(NODE, 0)
    site.revive()
    assert abs(site.offset_s()) < 0.5
