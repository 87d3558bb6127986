"""Words of the scenario language, version 1, that are not built yet. A word leaves this file when it is built."""

SCENARIO = frozenset({"trials", "requires", "stop_when", "matrix"})
STACK = frozenset({"backup", "attach"})
REGION = frozenset({"zones"})
REPLICATION = frozenset({"sync", "active_active", "geo_partitioned"})
FAILOVER = frozenset({"patroni"})
RUNBOOK = frozenset({"candidates"})
FAILBACK = frozenset({"rewind", "reclone"})
VIA = frozenset({"libpq", "anycast", "haproxy", "dns"})
WRITES = frozenset({"local", "home"})
READS = frozenset({"nearest", "sticky", "lsn_token", "weighted"})
HEALTH = frozenset({"tcp"})
NETWORK = frozenset({"one_way"})
LOAD = frozenset({"spawn_rate", "retry", "workers"})
WORKLOAD = frozenset({"ledger", "bank", "set", "counter", "append", "long-fork", "linearizable", "locustfile"})
READ_FROM = frozenset({"other_region"})

STEP = frozenset({"ramp"})
STEP_KIND = frozenset({"action", "random"})
FAULT = frozenset(
    [
        "flapping",
        "bandwidth",
        "packet_loss",
        "slicer",
        "reset_peer",
        "zone_loss",
        "node_loss",
        "crash",
        "freeze",
        "disk_full",
        "disk_stall",
        "clock_skew",
        "cpu",
        "long_lock",
        "connection_exhaustion",
        "dns",
    ]
)
MODE = frozenset({"packets"})
LATENCY = frozenset({"jitter"})
REGION_LOSS = frozenset({"data", "clients"})
EVENT = frozenset(["start", "end", "detected", "decided", "fenced", "promoted", "demoted", "routed", "failed_back"])
PLACE = frozenset({"primary", "replicas", "replica", "any", "all", "surviving"})

OBJECTIVE = frozenset({"expect", "because", "phase", "between"})
OPERATION = frozenset({"probe_write", "probe_read"})
MEASURE = frozenset(
    [
        "users_affected",
        "failback",
        "convergence",
        "recovery_point_age",
        "long_fork",
        "overwritten_by_policy",
        "residency_leaks",
        "archive_gaps",
        "conflicts",
        "failovers",
        "prediction_misses",
        "failback_bytes",
        "wan_bytes",
    ]
)
PERCENTILE_MEASURE = frozenset({"client_rto", "staleness_versions"})
