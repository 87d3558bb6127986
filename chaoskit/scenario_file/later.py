"""Words of the scenario language, version 1, that are not built yet. A word leaves this file when it is built."""

SCENARIO = frozenset({"stop_when"})
RUNTIME = frozenset({"attach"})
STACK = frozenset({"backup", "attach"})
REGION = frozenset({"zones"})
REPLICATION = frozenset({"active_active", "geo_partitioned"})
FAILOVER = frozenset({"patroni"})
VIA = frozenset({"libpq", "anycast", "haproxy", "dns"})
WRITES = frozenset({"local", "home"})
READS = frozenset({"nearest", "sticky", "lsn_token", "weighted"})
HEALTH = frozenset({"tcp"})
NETWORK = frozenset({"one_way"})
WORKLOAD = frozenset({"ledger", "bank", "set", "counter", "append", "long-fork", "linearizable"})
READ_FROM = frozenset({"other_region"})

STEP = frozenset({"ramp"})
STEP_KIND = frozenset({"random"})
FAULT = frozenset(
    [
        "flapping",
        "slicer",
        "reset_peer",
        "zone_loss",
        "node_loss",
        "disk_stall",
        "long_lock",
        "connection_exhaustion",
        "dns",
    ]
)
ACTION = frozenset({"promote", "heal", "restart", "destroy_data", "restore", "sql", "users"})

OPERATION = frozenset({"probe_write", "probe_read"})
MEASURE = frozenset(
    [
        "convergence",
        "recovery_point_age",
        "long_fork",
        "overwritten_by_policy",
        "residency_leaks",
        "archive_gaps",
        "conflicts",
    ]
)
