"""What recording costs the users: ``python tests/bench/bench_recording.py``.

Two crews of the ``register`` workload, without a pace, take turns on one real server; one of them records. Prints the
throughput of each and their ratio, the median over all rounds. The server neither syncs nor waits, so that the users
are what limits it: whatever else slows them down makes recording look cheaper.
"""

import locust  # isort: skip  # noqa: F401  # first: it patches what every later import binds

import gc
import os
import shutil
import signal
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gevent

from chaoskit.clock import NS, MonotonicClock, wait_for
from chaoskit.load.attempt import Attempt
from chaoskit.load.crew import Crew
from chaoskit.load.customer import Customer, Work
from chaoskit.load.ending import Ending
from chaoskit.load.mix import Mix
from chaoskit.load.orders import Orders, UserOrders
from chaoskit.load.recorder import FLUSH_NS
from chaoskit.load.register import SCHEMA_SQL
from chaoskit.load.site import Site
from chaoskit.model.history import Kind
from chaoskit.model.scenario import Register
from chaoskit.processes import Launcher
from chaoskit.protocols import Target
from chaoskit.runtimes.ports import free_ports
from chaoskit.sql import Unanswered, ask
from chaoskit.toolchain.account import unprivileged_user
from chaoskit.toolchain.cache import cache_dir
from chaoskit.toolchain.postgres import find_postgres

USERS, ROUNDS, ROUND_S = 5, 11, 1.0
CLOCK = MonotonicClock()


class Silent(Crew):
    """A crew that counts and records nothing."""

    def over(self, attempt: Attempt, how: Ending) -> None:
        """Count it."""
        if self.pending.pop(attempt.session, None) is not None:
            self.operations += 1


@contextmanager
def server(room: Path) -> Iterator[Target]:
    """A PostgreSQL server with the workload's tables."""
    user = unprivileged_user()
    programs = find_postgres(os.environ, cache_dir(os.environ), user=user).bin
    (port,) = free_ports(1, seed=os.getpid())
    launcher = Launcher(run="bench", logs=room / "logs", started=lambda _name, _process: None)
    words = ["-D", room / "data", "-U", "postgres", "--no-sync", "--auth=trust"]
    assert launcher.start("initdb", [programs / "initdb", *words], user=user).popen.wait(60) == 0
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    settings |= {"synchronous_commit": "off", "cluster_name": "us-east/1"}
    argv = [programs / "postgres", "-D", room / "data", *(f"--{key}={value}" for key, value in settings.items())]
    process = launcher.start("postgres", argv, user=user)
    target = Target(host="127.0.0.1", port=port, user="postgres", password="")

    def silent() -> str | None:
        try:
            ask(target, ["SELECT 1"], clock=CLOCK, timeout_s=1)
        except Unanswered as error:
            return str(error)
        return None

    try:
        wait_for(silent, clock=CLOCK, timeout_s=20, what="no server")
        ask(target, SCHEMA_SQL, clock=CLOCK, timeout_s=5)
        yield target
    finally:
        process.stop(by=signal.SIGINT)


def crew(target: Target, stream: Path, *, records: bool) -> tuple[Crew, list[Customer]]:
    """A crew and its connected users."""
    workload = UserOrders(count=USERS, pace_hz=1e6, seed=1, workload=Register())
    orders = Orders(
        client=stream.stem,
        region="us-east",
        epoch_monotonic_ns=CLOCK.epoch_monotonic_ns,
        stream=str(stream),
        timeout_ns=10 * NS,
        write=target,
        read=target,
        users=workload,
    )
    site = Site(orders, CLOCK)
    if not records:
        site.crew = Silent(who=site.crew.who, recorder=site.crew.recorder)
    users = [site.enlist() for _ in range(USERS)]
    for user in users:
        user.connect(hurried=lambda: False)
    return site.crew, users


def work(user: Customer, until_ns: int) -> None:
    """One operation after the other."""
    mix = Mix(Register(), user.draw)
    while CLOCK.now_ns() < until_ns:
        turn = mix.turn()
        for _ in user.perform(Work(kind=Kind.WRITE if turn.write else Kind.READ, key=turn.key)):
            pass


def throughput(crew: Crew, users: list[Customer]) -> float:
    """Operations a second of one round."""
    began_ns, before = CLOCK.now_ns(), crew.operations
    until_ns = began_ns + round(ROUND_S * NS)
    working = [gevent.spawn(work, user, until_ns) for user in users]
    while not all(greenlet.ready() for greenlet in working):
        gevent.joinall(working, timeout=FLUSH_NS / NS)
        crew.recorder.flush()
    return (crew.operations - before) * NS / (CLOCK.now_ns() - began_ns)


def main() -> None:
    """Take turns and print the ratio."""
    shm = Path("/dev/shm")
    room = Path(tempfile.mkdtemp(prefix="chaoskit-bench-", dir=shm if shm.is_dir() else None))
    room.chmod(0o777)  # the server's user is not ours
    try:
        with server(room) as target:
            silent = crew(target, room / "silent.arrow", records=False)
            loud = crew(target, room / "recorded.arrow", records=True)
            throughput(*silent), throughput(*loud)  # warm
            gc.freeze()  # as the users' process does
            rounds = [(throughput(*silent), throughput(*loud)) for _ in range(ROUNDS)]
    finally:
        shutil.rmtree(room, ignore_errors=True)
    unrecorded, recorded = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    ratio = statistics.median(with_it / without for without, with_it in rounds)
    print(f"unrecorded {unrecorded:7.0f} ops/s\n  recorded {recorded:7.0f} ops/s\n     ratio {ratio:7.3f}")


if __name__ == "__main__":
    main()
