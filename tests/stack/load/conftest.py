"""A load on a real server."""

import psutil
import pytest

from chaoskit.clock import NS, MonotonicClock, wait_for
from chaoskit.load.driver import ProcessLoad
from chaoskit.load.register import SCHEMA_SQL
from chaoskit.load.streams import read_streams
from chaoskit.model.plan import Plan, ProbePlan
from chaoskit.model.scenario import Async, Load, NoFailover, Register, Scenario, Stack
from chaoskit.model.topology import Node, Topology
from chaoskit.processes import Launcher, alive
from chaoskit.protocols import Endpoints


class Bench:
    """A load on one server, and the processes it started."""

    PROBES = ProbePlan(rate_hz=20, fresh_rate_hz=5, timeout_ns=NS // 2, pool=10, keys=10)

    def __init__(self, server, directory, users, **load):
        regions = tuple(users)
        topology = Topology(nodes=tuple(Node(region=r) for r in regions), primary=f"{regions[0]}/1", rtt_ns={})
        stack = Stack(topology=topology, replication=Async(), failover=NoFailover())
        load = Load(**{"users": users, "pace_hz": 50, "workload": Register(keys=20, read_after_ns=0)} | load)
        plan = Plan(
            scenario=Scenario(name="bench", question="?", stack=stack, load=load),
            run="bench", seed=7, dials=(), steps=(), duration_ns=NS, probes=self.PROBES, max_connections=100,
            predictions={},
        )  # fmt: skip
        self.clock, self.server, self.regions = MonotonicClock(), server, regions
        self.processes: dict[str, psutil.Process] = {}
        self.launcher = Launcher(run="bench", logs=directory / "logs", started=self.processes.__setitem__)
        self.endpoints = {region: Endpoints(write=server.target, read=server.target) for region in regions}
        self.load = ProcessLoad(plan, self.launcher, self.clock, directory / "streams")

    def begin(self):
        self.load.start()
        self.load.connect(self.endpoints)
        self.load.ready(self.soon())
        self.began_ns = self.clock.now_ns() + NS // 10
        self.load.begin(self.began_ns)
        self.until(lambda: self.probes(ok=True) > 20 * len(self.regions), "probes succeed")
        self.until(lambda: all(self.load.operations().values()), "users work")

    def soon(self):
        return self.clock.now_ns() + 30 * NS

    def probes(self, *, ok):
        counts = self.load.availability(0, self.clock.now_ns()).values()
        return sum(good if ok else finished - good for good, finished in counts)

    def region_probes(self, region, *, since_ns):
        """Successful probes of a region."""
        lanes = self.load.availability(since_ns, self.clock.now_ns())
        return sum(good for lane, (good, _) in lanes.items() if lane.startswith(f"{region}/"))

    def sessions(self):
        """How many users have recorded something so far."""
        return self._so_far()["session"].nunique()

    def kinds(self):
        """The kinds of users' operations recorded so far."""
        return set(self._so_far()["kind"])

    def _so_far(self):
        rows = read_streams(self.load.streams())[0].to_pandas()
        return rows[~rows["kind"].str.startswith("probe_")]

    def until(self, condition, what):
        wait_for(lambda: None if condition() else "not yet", clock=self.clock, timeout_s=30, what=what)

    def lose(self, region):
        """Lose it while its operations hang."""
        self.server.freeze()
        try:
            self.until(lambda: self.probes(ok=False) > 2, "probes fail")
            self.load.lose(region, self.soon())
        finally:
            self.server.thaw()

    def left(self):
        """Processes that still run."""
        return [name for name, process in self.processes.items() if alive(process)]

    def finish(self):
        self.load.stop(self.soon())
        self.read()

    def read(self):
        table, self.incomplete = read_streams(self.load.streams())
        self.history = table.to_pandas()
        probe = self.history["kind"].str.startswith("probe_")
        self.users, self.probed = self.history[~probe], self.history[probe]
        self.writes = self.history[self.history["kind"].isin(["write", "probe_write"])]
        self.written = {value for (value,) in self.server.rows("SELECT value FROM register_writes")}


@pytest.fixture(scope="module")
def bench(bare_postgres, tmp_path_factory):
    """Make a bench of so many users per region; what else its load is to have goes into ``load``."""
    benches = []

    def make(load=None, **users):
        bare_postgres.fill(SCHEMA_SQL)
        users = {region.replace("_", "-"): count for region, count in users.items()}
        benches.append(Bench(bare_postgres, tmp_path_factory.mktemp("bench"), users, **(load or {})))
        return benches[-1]

    yield make
    for made in benches:
        made.load.stop(made.soon())
