"""A stack that is a table: its WAN answers as it was asked to, unless a test plants something else."""

from types import SimpleNamespace

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.errors import StackError
from chaoskit.faults.baseline import Baseline
from chaoskit.faults.claims import Claims
from chaoskit.faults.ground import Ground
from chaoskit.faults.injector import injector
from chaoskit.model.instant import since_t0
from chaoskit.model.place import Situation
from chaoskit.model.plan import PlannedStep
from chaoskit.model.scenario import Async, NoFailover, Stack
from chaoskit.model.topology import Node, Topology
from chaoskit.planning.dials import dials
from chaoskit.protocols import PacketCount, Stream, Target
from chaoskit.runtimes.wan.asks import Asks

MS = 1_000_000
RTT_MS = {("us", "eu"): 80, ("us", "ap"): 200, ("eu", "ap"): 130}


def topology():
    rtt_ns = {pair: ms * MS for (a, b), ms in RTT_MS.items() for pair in ((a, b), (b, a))}
    nodes = (Node(region="us"), Node(region="us", number=2), Node(region="eu"), Node(region="ap"))
    return Topology(nodes=nodes, primary="us/1", rtt_ns=rtt_ns)


class Machines:
    """The nodes' machines, which do as they are told unless a test plants something else.

    Attributes:
        idle: Nodes that never want more than their share.
        deaf: Words of changes that are taken and not done.
    """

    def __init__(self, did):
        self.did, self.idle, self.deaf, self.broken = did, set(), set(), set()
        self.unplugged, self.room, self.leave, self.times, self.skewed = set(), {}, {}, {}, {}

    def _told(self, word, node, *figures):
        self.did.append(" ".join(str(part) for part in (word, node, *figures)))
        if word in self.broken:
            raise StackError(f"{word} does not work here")
        return word not in self.deaf

    def unplug(self, node):
        if self._told("unplug", node):
            self.unplugged.add(node)

    def plug(self, node):
        if self._told("plug", node):
            self.unplugged.discard(node)

    def fill(self, node, leave_bytes):
        if self._told("fill", node, leave_bytes):
            self.room[node] = leave_bytes

    def empty(self, node):
        if self._told("empty", node):
            self.room.pop(node, None)

    def free_bytes(self, node):
        return self.room.get(node, 400_000_000)

    def throttle(self, node, leave):
        if self._told("throttle", node, leave):
            self.leave[node] = leave

    def share(self, node):
        return self.leave.get(node)

    def throttled(self, node):
        if self.leave.get(node) is not None and node not in self.idle:
            self.times[node] = self.times.get(node, 0) + 1
        return self.times.get(node, 0)

    def skew(self, node, by_ns):
        if self._told("skew", node, by_ns):
            self.skewed[node] = by_ns


class World:
    """WAN, database and load in one table.

    Attributes:
        did: What was done, in order.
        planted: Round trips in s that pings answer whatever was asked, by dial; None: silence.
        noise_s: What the next pings take longer, all of their dials.
        meanwhile: Called once, in the middle of the next ping.
        packets: How many of them the kernel counts of each impaired stream.
        losing: What share it loses where so much was asked for.
        carrying: In how many s it carries so many bytes under that limit; None: not in time.
        still: Kinds of processes that are stopped, by node.
        unstoppable: Kinds that run on when they are told to stop.
        unwakeable: Nodes whose processes stay stopped when they are told to run on.
        residue: Streams that it filters although nobody asks for it.
    """

    def __init__(self):
        self.topology = topology()
        self.dials = dials(Stack(topology=self.topology, replication=Async(), failover=NoFailover()))
        self.cuts, self.slowed, self.steady, self.planted, self.noise_s = {}, {}, {}, {}, []
        self.dead, self.frozen, self.broken = set(), set(), set()
        self.still, self.unstoppable, self.unwakeable = {}, set(), set()
        self.did, self.events, self.meanwhile = [], [], None
        self.asks = Asks(base_ms=dict.fromkeys(self.streams(), 0))
        self.packets, self.losing, self.carrying, self.residue = 5000, lambda share: share, _as_asked, []
        self.machines = Machines(self.did)
        self.primary, self.held, self.loaded = "us/1", set(), True
        self.clock = MonotonicClock()
        self.ground = Ground(
            plan=SimpleNamespace(dials=self.dials), wan=self, database=self, load=self, clock=self.clock,
            machines=self.machines,
            intend=lambda what: self.did.append(f"intend {what}"), emit=self.events.append,
            baseline=Baseline.measured(self, self.clock), claims=Claims(), primary=lambda: self.primary,
            holds=lambda node: node in self.held, load_running=lambda: self.loaded,
        )  # fmt: skip

    def again(self):
        """Measure the baseline anew."""
        changed = {name: getattr(self.ground, name) for name in self.ground.__slots__}
        self.ground = Ground(**changed | {"baseline": Baseline.measured(self, self.clock)})

    def dial(self, name):
        return next(dial for dial in self.dials if dial.name == name)

    def injector(self, fault, step="step", jitter_ns=()):
        planned = PlannedStep(name=step, deed=fault, at=since_t0(0), jitter_ns=jitter_ns)
        now = Situation(topology=self.topology, primary=self.primary)
        return injector(planned, fault, now, self.ground)

    def names(self):
        return [event.event for event in self.events]

    def streams(self):
        return [Stream(dial, upstream) for dial in self.dials for upstream in (True, False)]

    def base_delay_ns(self, stream):
        return self.topology.rtt(stream.source.region, stream.target.region) // 2

    def passage(self, dial, besides=""):
        ways = [Stream(dial, upstream) for upstream in (True, False)]
        if any(way in streams for key, streams in self.cuts.items() for way in ways if key != besides):
            return None
        return sum(added.get(way, 0) for key, added in self.slowed.items() for way in ways if key != besides)

    def cut(self, key, streams, mode):
        self.did.append(f"cut {key} {mode}")
        self.cuts[key] = set(streams)
        return 1, 2

    def slow(self, key, added_ns, swing_ns=None):
        self.did.append(f"slow {key}")
        self.slowed[key] = {stream: ns + (swing_ns or {}).get(stream, 0) for stream, ns in added_ns.items()}
        self.steady[key] = dict(added_ns)
        return 1, 2

    def impair(self, key, wanted):
        self.did.append(f"impair {key}")
        self.asks.impair(key, wanted)
        return 1, 2

    def impairment(self, stream):
        return self.asks.impairment(stream)

    def counts(self):
        shares = {stream: self.losing(asked.lost) for stream, asked in self.asks.impaired().items()}
        shares |= dict.fromkeys(self.residue, 0.0)
        lost = {stream: round(self.packets * share) for stream, share in shares.items()}
        return {s: PacketCount(passed=self.packets - n, lost=n, passed_bytes=0) for s, n in lost.items()}

    def carry(self, stream, size_bytes, timeout_s):
        took_s = self.carrying(size_bytes, self.impairment(stream).bytes_per_s)
        return None if took_s is None else took_s + self.ground.baseline.trip_s(stream.dial)

    def heal(self, key):
        self.did.append(f"reopen {key}")
        self.asks.withdraw(key)
        self.cuts.pop(key, None)
        self.slowed.pop(key, None)
        return 3, 4

    def ping(self, dials, timeout_s):
        late_s = self.noise_s.pop(0) if self.noise_s else 0.0
        trips = {dial: self._trip(dial, late_s) for dial in dials}
        if self.meanwhile is not None:
            happen, self.meanwhile = self.meanwhile, None
            happen()
        return trips

    def _trip(self, dial, late_s):
        if dial in self.planted:
            return self.planted[dial]
        added_ns = self.passage(dial)
        if added_ns is None or dial.target.name in self.dead | self.frozen | self.machines.unplugged:
            return None
        return (self.topology.rtt(dial.source.region, dial.target.region) + added_ns) / 1e9 + late_s

    def target(self, dial):
        return Target(host="127.0.0.1", port=self.dials.index(dial) + 1, user="u", password="p")

    def running(self, node):
        return node not in self.dead

    def freeze(self, node, process="all"):
        self.did.append(f"freeze {node} {process}")
        if process == "nosuch":
            raise StackError(f"{node} runs no process called {process}")
        if process == "all":
            self.frozen.add(node)
        elif process not in self.unstoppable:
            self.still.setdefault(node, []).append(process)

    def stopped(self, node, process):
        return [] if node in self.dead else [process in self.still.get(node, [])]

    def resume(self, node):
        self.did.append(f"resume {node}")
        if node not in self.unwakeable:
            self.still.pop(node, None)
        self.frozen.discard(node)

    def excuse(self, node, now):
        self.did.append(f"{'excuse' if now else 'blame'} {node}")

    def kill(self, node):
        if node not in self.dead:
            self.did.append(f"kill {node}")
        self.dead.add(node)
        self.frozen.discard(node)

    def destroy(self, node):
        self.did.append(f"destroy {node}")

    def restart(self, node, *, isolated):
        assert node in self.dead
        self.did.append(f"restart {node}")
        if "restart" in self.broken:
            raise StackError(f"{node} does not start")
        self.dead.discard(node)

    def rebuild(self, node, source, how, upstream):
        assert node in self.dead
        self.did.append(f"{how} {node} from {source}")
        if how in self.broken:
            raise StackError("no")
        assert upstream == self.target(self.dial(f"{node}~{source}".replace("/", ":")))
        self.dead.discard(node)

    def lose(self, region, deadline_ns):
        self.did.append(f"lose {region}")

    def restore(self, region):
        self.did.append(f"restore {region}")


def _as_asked(size_bytes, limit):
    return size_bytes / (limit or 5e8)


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr("chaoskit.faults.proof.ONSET_TIMEOUT_S", 0.05)
    monkeypatch.setattr("chaoskit.faults.proof.HEAL_TIMEOUT_S", 0.05)
    monkeypatch.setattr("chaoskit.faults.standstill.TIMEOUT_S", 0.05)
    monkeypatch.setattr("chaoskit.faults.bandwidth.HEAL_TIMEOUT_S", 0.05)
    monkeypatch.setattr("chaoskit.faults.packet_loss.ENOUGH_TIMEOUT_S", 0.05)
    monkeypatch.setattr("chaoskit.faults.cpu.BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr("chaoskit.faults.clock_skew.AGREE_TIMEOUT_S", 0.05)
    return World()
