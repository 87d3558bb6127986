"""What a run of a plan costs the machine: estimates, to be known before it starts.

The constants were measured with PostgreSQL 18 on two cores of a cloud Xeon, as CPU time and proportional memory (PSS)
of every process of runs of three regions. They belong to that machine: another may need half as much, or twice. Counts
of processes and connections are exact for a healthy run.
"""

import re
from dataclasses import dataclass

from chaoskit.model.plan import Plan
from chaoskit.model.round_trips import Conditions
from chaoskit.model.scenario import Load, Reads, Register, Runbook

# CPU seconds per operation, the WAN, the servers and the recording included.
WRITE_CPU_S, READ_CPU_S = 1.7e-3, 0.9e-3
# Per probe of an established stream, with its quarter of a probe on a new connection, which costs most of it.
PROBE_CPU_S = 4.8e-3
NODE_CPU = 0.012  # cores, of a node that nobody asks

# PSS in bytes.
MB = 1_000_000
HARNESS_BYTES, WAN_BYTES, PROBER_BYTES, USERS_BYTES = 105 * MB, 24 * MB, 80 * MB, 100 * MB
SERVER_BYTES = 15 * MB  # a server without its buffers and sessions
SESSION_BYTES = 1_650_000  # one server process
WAN_SESSION_BYTES = 500_000  # one session's way through the proxies

# Bytes on disk, which is memory where the data lie on tmpfs.
NODE_ROOM_BYTES = 40 * MB  # a new data directory and its first WAL segment
WRITE_ROOM_BYTES = 500  # 340 of WAL, and the rows

# The longest part of a run that is not in its duration: warm-up, and what the last probes need.
WARM_UP_S = 5.0
SHARED_BUFFERS = "32MB"  # what a node gets unless the scenario says otherwise
_SIZE = re.compile(r"(\d+)\s*(kB|MB|GB|TB|B)?")
_UNITS = {"B": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4, None: 8192}  # without a unit: blocks

# Of a server: postmaster, checkpointer, background writer and three I/O workers; a primary has three more and one for
# each replica, a replica the process that replays and the one that receives.
SERVER_PROCESSES, PRIMARY_PROCESSES, REPLICA_PROCESSES = 6, 3, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The estimate of a healthy run.

    Attributes:
        load_processes: Users' and probers' processes.
        sessions: Connections of clients and of the operator that are open all the time.
        server_processes: Of all servers, those of the sessions included.
        probes_hz: Probes a second, over all streams.
        users_hz: Operations of users a second, as far as round trips let them keep their pace.
        cpu_cores: CPU seconds a second.
        memory_bytes: Of all processes; the data come on top where they lie on tmpfs.
        room_bytes: Of the data directories at the end.
    """

    load_processes: int
    sessions: int
    server_processes: int
    proxies: int
    probes_hz: float
    users_hz: float
    cpu_cores: float
    memory_bytes: int
    room_bytes: int


def price(plan: Plan) -> Price:
    """Estimate what a run of ``plan`` costs."""
    scenario, topology = plan.scenario, plan.scenario.stack.topology
    nodes, regions = len(topology.nodes), len(topology.regions)
    writes_hz, reads_hz = _users_hz(plan)
    established_hz = regions * 2 * plan.probes.rate_hz
    users = _user_processes(scenario.load)
    sessions = _sessions(plan)
    length_s = plan.duration_ns / 1e9 + scenario.steady_state.for_ns / 1e9 + WARM_UP_S
    wan_and_sessions = WAN_BYTES + sessions * (WAN_SESSION_BYTES + SESSION_BYTES)
    servers = nodes * (SERVER_BYTES + _buffers(scenario.stack.settings.get("shared_buffers", SHARED_BUFFERS)))
    return Price(
        load_processes=regions + users,
        sessions=sessions,
        server_processes=nodes * SERVER_PROCESSES
        + PRIMARY_PROCESSES
        + (nodes - 1) * (REPLICA_PROCESSES + 1)
        + sessions,
        proxies=len(plan.dials) + 2 * regions,
        probes_hz=established_hz + regions * 2 * plan.probes.fresh_rate_hz,
        users_hz=writes_hz + reads_hz,
        cpu_cores=nodes * NODE_CPU + established_hz * PROBE_CPU_S + writes_hz * WRITE_CPU_S + reads_hz * READ_CPU_S,
        memory_bytes=HARNESS_BYTES + wan_and_sessions + servers + regions * PROBER_BYTES + users * USERS_BYTES,
        room_bytes=round(nodes * (NODE_ROOM_BYTES + (writes_hz + established_hz / 2) * length_s * WRITE_ROOM_BYTES)),
    )


def _sessions(plan: Plan) -> int:
    """A pool for each region's established writes and reads, two connections for a user, the operator's and ours."""
    scenario = plan.scenario
    pools = 2 * len(scenario.stack.topology.regions) * plan.probes.pool
    operator = len(scenario.stack.topology.nodes) if isinstance(scenario.stack.failover, Runbook) else 0
    return pools + 2 * sum(scenario.load.users.values()) + operator


def _user_processes(load: Load) -> int:
    """One for each region that has users; with several workers, those and the one that leads them."""
    counts = (load.workers.get(region, 1) for region, users in load.users.items() if users)
    return sum(workers if workers == 1 else workers + 1 for workers in counts)


def _users_hz(plan: Plan) -> tuple[float, float]:
    """(writes, reads) a second of all users: each waits for its answer, and for its pace.

    Of a locustfile the mix is not known: every operation is counted as a write at the primary, the dearest it can be.
    """
    scenario, topology = plan.scenario, plan.scenario.stack.topology
    load, network = scenario.load, Conditions(topology=topology)
    share = load.workload.write_share if isinstance(load.workload, Register) else 1.0
    commit_ns = network.commit_ns(scenario.stack.replication, topology.node(topology.primary)) or 0
    local = scenario.stack.reads is Reads.LOCAL
    total_hz = 0.0
    for region, users in load.users.items():
        write_s = (topology.rtt(region, topology.primary_region) + commit_ns) / 1e9
        read_s = 0.0 if local else topology.rtt(region, topology.primary_region) / 1e9
        pace_s = 1 / load.pace_hz
        total_hz += users / (share * max(write_s, pace_s) + (1 - share) * max(read_s, pace_s))
    return total_hz * share, total_hz * (1 - share)


def _buffers(setting: str) -> int:
    """A size as PostgreSQL writes it, in bytes; 0 where it is none: the server will say what is wrong with it."""
    found = _SIZE.fullmatch(setting.strip())
    return int(found[1]) * _UNITS[found[2]] if found else 0
