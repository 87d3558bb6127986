"""What only some runtimes have: where they have it, it is proved at its onset and at its heal."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event as Flag

import pytest

from chaoskit.model.fault import Bandwidth, ClockSkew, Cpu, Disconnect, DiskFull, Link, Mode, PacketLoss, Partition
from chaoskit.model.place import places
from chaoskit.model.plan import Plan
from chaoskit.planning import plan as plan_of
from chaoskit.scenario_file import parse
from chaoskit.sql import Unanswered

LINK = Link(left=places("us-east"), right=places("eu-west"))
REPLICA = places("eu-west/1")
WORK = "SELECT count(md5(n::text)), repeat('x', 20000) FROM generate_series(1, 100000) n"
STREAMING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"


@pytest.fixture(scope="session")
def three_regions() -> Callable[..., Plan]:
    """Of a scenario that makes a clock wrong: only then servers can be told a wrong time."""

    def build() -> Plan:
        text = (
            "chaoskit: 1\nname: abilities\nquestion: q\nduration: 60s\nstack:\n"
            "  regions: [us-east, eu-west, ap-south]\n  network: {rtt: {default: 40ms}}\n"
            "load: {users: {default: 1}}\n"
            "timeline: {skew: {at: 1s, for: 1s, fault: clock_skew, target: eu-west/1, by: +1h}}\n"
        )
        return plan_of(parse(text, "abilities.chaos.yaml"), seed=1, run=secrets.token_hex(3))

    return build


@pytest.fixture
def traffic(live_stack) -> Iterator[None]:
    """A client of us-east that keeps the node in eu-west and the way there busy, for as long as it is answered."""
    over, target = Flag(), live_stack.stack.wan.target(live_stack.dial("us-east.clients~eu-west:1"))

    def work() -> None:
        while not over.is_set():
            with suppress(Unanswered):
                live_stack.ask(target, WORK, timeout_s=5)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work)
        yield
        over.set()


@pytest.mark.parametrize(
    "fault",
    [
        Partition(link=LINK, mode=Mode.PACKETS),
        Bandwidth(link=LINK, bytes_per_s=100_000),
        PacketLoss(link=LINK, share=0.2),
        Disconnect(target=REPLICA),
        DiskFull(target=REPLICA, leave_bytes=2**20),
        Cpu(target=REPLICA, leave=0.2),
        ClockSkew(target=REPLICA, by_ns=3600 * 10**9),
    ],
    ids=lambda fault: fault.word,
)
def test_it_is_proved_at_its_onset_and_at_its_heal(needs, request, fault):
    needs(fault)
    faults, _ = request.getfixturevalue("faults"), request.getfixturevalue("traffic")
    faults.healed(faults.struck(fault))
    faults.live.until(lambda: faults.live.rows("us-east/1", STREAMING) == [("2",)], "every replica streams", 60)
