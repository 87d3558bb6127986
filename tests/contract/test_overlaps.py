"""Whatever overlaps on a link and on a node, and in whatever order it heals: afterwards all is as it was."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from random import Random
from statistics import median

import psycopg
import pytest

from chaoskit.errors import Skipped
from chaoskit.faults.baseline import Baseline
from chaoskit.faults.expected import expected
from chaoskit.faults.proof import TOLERANCE_S
from chaoskit.model.fault import Crash, Freeze, Latency, Link, Mode, Partition, RegionLoss
from chaoskit.model.place import places

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
MS = 1_000_000
SEED, OVERLAPS = 4, 30
CALL_TIMEOUT_S = 60
PAUSE_S = 0.5  # most proofs need less; one that waits for a delay to show is not waited for
TRANSFER_BYTES = 2**20
TRIES = 5
PAIRS = (("us-east", "eu-west"), ("us-east", "ap-south"), ("eu-west", "ap-south"))
PARTS = ("", "", ".nodes", ".clients")
UNTOLD = (
    "it was healed before its onset could be proved",
    "every link would be silent without it",
    "the delay could not be measured",
)
REPLICAS = ("eu-west/1", "ap-south/1")


class Overlap:
    """Faults on one link and on one node at its end, struck and healed in an order that is drawn.

    Every call runs on a thread of the pool and has a deadline: a call that hangs is a failure, not a hang.
    """

    def __init__(self, number, faults, pool, draw):
        self._number, self._faults, self._pool, self._draw = number, faults, pool, draw
        self._pair = draw.choice(PAIRS)
        self.node = f"{draw.choice(self._pair)}/1"
        self._proofs, self.said, self.skipped = [], [], []

    def run(self):
        wanted = [self._fault(kind) for kind in self._draw.sample(KINDS, self._draw.randint(3, 5))]
        waiting, standing = dict(enumerate(wanted)), []
        while waiting or standing:
            if waiting and (not standing or self._draw.random() < 0.6):
                index = self._draw.choice(list(waiting))
                standing += self._strike(index, waiting.pop(index))
            else:
                self._heal(standing.pop(self._draw.randrange(len(standing))))
            if self._draw.random() < 0.5:
                self._gather(PAUSE_S)
        self._gather()
        assert self._proofs == [], "a proof hangs"

    def _strike(self, index, fault):
        step = f"{self._number}-{index}-{fault.word}"
        jitter_ns = tuple(self._draw.randint(-20, 20) * MS for _ in range(8)) if fault.word == "latency" else ()
        try:
            made = self._call(self._faults.make, fault, step, jitter_ns)
        except Skipped:
            self.skipped.append(step)
            return []
        self._call(made.strike)
        self._proofs.append((f"onset of {step}", self._pool.submit(made.settle)))
        return [(step, made)]

    def _heal(self, one):
        step, made = one
        self._call(made.heal)
        self._proofs.append((f"heal of {step}", self._pool.submit(made.settled)))

    def _gather(self, within_s=CALL_TIMEOUT_S):
        """Let proofs come to their end; those that are not there in time are told later, of what holds then."""
        wait([proof for _, proof in self._proofs], within_s)
        self.said += [(what, proof.result()) for what, proof in self._proofs if proof.done()]
        self._proofs = [(what, proof) for what, proof in self._proofs if not proof.done()]

    def _call(self, act, *args):
        return self._pool.submit(act, *args).result(CALL_TIMEOUT_S)

    def _link(self):
        left, right = self._draw.sample(self._pair, 2)
        ends = [places(end + self._draw.choice(PARTS)) for end in (left, right)]
        if all(end[0].part == "clients" for end in ends):
            ends[0] = places(left)
        return Link(left=ends[0], right=ends[1], both_ways=self._draw.random() < 0.5)

    def _fault(self, kind):
        link, node = self._link(), places(self.node)
        if kind in set(Mode):
            whole = Link(left=link.left, right=link.right)
            return Partition(link=whole if kind is Mode.REFUSE else link, mode=kind)
        return {
            "latency": Latency(link=link, add_ns=self._draw.randint(40, 90) * MS, jitter_ns=20 * MS),
            "factor": Latency(link=link, factor=2.0),
            "crash": Crash(target=node),
            "freeze": Freeze(target=node),
            "part": Freeze(target=node, process="checkpointer"),
            "loss": RegionLoss(target=places(self.node.partition("/")[0])),
        }[kind]


KINDS = [*[Mode.STALL, Mode.DROP] * 2, Mode.REFUSE, "latency", "factor", "crash", "crash", "freeze", "part", "loss"]


def test_after_thirty_random_overlaps_every_link_is_as_it_was(faults):
    live, draw, pool = faults.live, Random(SEED), ThreadPoolExecutor(16)
    wan = live.stack.wan
    speeds, state = throughput(live), proxies(wan)
    told, skipped = [], []
    try:
        for number in range(OVERLAPS):
            overlap = Overlap(number, faults, pool, draw)
            overlap.run()
            told += overlap.said
            skipped += overlap.skipped
            faults.made.clear()  # all of them are healed
            assert {wan.passage(dial) for dial in live.plan.dials} == {0}
            assert proxies(wan) == state
            assert [node for node in (*REPLICAS, "us-east/1") if faults.ground.claims.state(node)] == []
        wrong = [f"{what}: {proof.text}" for what, proof in told if proof.ok is False]
        untold = [proof.text for _, proof in told if proof.ok is None]
        assert wrong == []
        assert [why for why in untold if not why.startswith(UNTOLD)] == []
        assert len(untold) + len(skipped) < len(told) / 2, "too little of it was proved to mean anything"
        for replica in REPLICAS:
            live.until(lambda name=replica: current(live, name), f"{replica} has all that the primary has", 60)
        live.until(lambda: not off(faults), "every link answers in the time that it took before", 30)
        assert slower(live, speeds) == {}
    finally:
        faults.close()
        pool.shutdown()  # last: servers end with the thread that started them


def proxies(wan):
    """What the server itself says of every proxy."""
    return {
        name: (proxy["enabled"], proxy["upstream"], sorted(map(str, proxy["toxics"])))
        for name, proxy in wan._server.proxies().items()
    }


def off(faults):
    """The dials that do not answer in the time they took before."""
    now = Baseline.measured(faults.live.stack.wan, faults.live.clock)
    due = expected(faults.ground, faults.live.plan.dials)
    assert len(due) == len(faults.live.plan.dials)
    trips = {dial: (now.trip_s(dial), wanted.trip_s) for dial, wanted in due.items()}
    return [dial.name for dial, (trip, wanted) in trips.items() if trip is None or abs(trip - wanted) > TOLERANCE_S]


def current(live, replica):
    """Whether the replica has replayed a position that was taken just before."""
    ((position,),) = live.rows("us-east/1", "SELECT pg_current_wal_lsn()")
    return live.rows(replica, f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == [("t",)]


def throughput(live, dials=None, rounds=2):
    """Bytes per second each way through each dial, the best of some rounds."""
    best = {}
    for _ in range(rounds):
        for dial in dials or live.plan.dials:
            for way, speed in transfer(live, dial).items():
                best[dial, way] = max(best.get((dial, way), 0.0), speed)
    return best


def transfer(live, dial):
    """Bytes per second to and from the node that is dialled."""
    here, clock = replace(live.stack.wan.target(dial), host="127.0.0.1"), live.clock  # whoever else dials it
    with psycopg.connect(
        here.conninfo(connect_timeout=10), autocommit=True, options="-c statement_timeout=30s"
    ) as connection:
        begun_ns = clock.now_ns()
        sent = connection.execute("SELECT octet_length(%s::text)", ["x" * TRANSFER_BYTES]).fetchone()
        up_ns = clock.now_ns()
        received = connection.execute("SELECT repeat('x', %s)", [TRANSFER_BYTES]).fetchone()
        down_ns = clock.now_ns()
    assert (sent, len(received[0])) == ((TRANSFER_BYTES,), TRANSFER_BYTES)
    return {"up": TRANSFER_BYTES * 1e9 / (up_ns - begun_ns), "down": TRANSFER_BYTES * 1e9 / (down_ns - up_ns)}


def slower(live, before):
    """The dials that carry less than two thirds of what they carried, as far as the others do, however often tried.

    What another load takes from the machine it takes from all dials; what a fault left behind slows one.
    """
    short = {}
    for _ in range(TRIES):
        again = throughput(live, rounds=1)
        ratios = {key: again[key] / before[key] for key in before}
        usual = min(1.0, median(ratios.values()))
        now = {key for key, ratio in ratios.items() if ratio < usual * 2 / 3}
        short = {key: ratios[key] for key in now if not short or key in short}
        if not short:
            break
    return {f"{dial.name} {way}": ratio for (dial, way), ratio in short.items()}
