"""postgresql.conf and pg_hba.conf of a node."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.clock import NS
from chaoskit.model.plan import Plan
from chaoskit.model.scenario import Async, Commit, needed, voters
from chaoskit.model.topology import Node

# A standby refuses to start with less than the control file names, and clones inherit initdb's defaults.
LEAST_CONNECTIONS, LEAST_WAL_SENDERS = 100, 10
SHORTEST_AUTHENTICATION_S = 5
MARGIN_S = 60  # replication timeouts outlast the run by that much: nothing behind a cut may close by itself

SCRAM_ITERATIONS_SINCE = 16  # passwords are random, and 4096 rounds cost 4.5 ms of CPU per connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a server has of its machine: where it listens, whom it lets in, and how much WAL its disk has room for.

    Attributes:
        listen: ``listen_addresses``.
        sockets: ``unix_socket_directories``.
        clients: An address range of pg_hba.conf.
        wal: ``max_wal_size``, and as much again for ``wal_keep_size``: both have to fit beside the data.
    """

    listen: str
    sockets: str
    clients: str
    wal: str = "1GB"


# Processes of one machine share its sockets' directories, so they have none.
LOOPBACK = Reach(listen="127.0.0.1", sockets="", clients="127.0.0.1/32")


def hba(reach: Reach) -> str:
    """pg_hba.conf: every connection needs the run's password."""
    local = "local all all scram-sha-256\n" if reach.sockets else ""
    host = f"{reach.clients} scram-sha-256"
    return f"{local}host all all {host}\nhost replication all {host}\n"


_COMMIT = {Commit.REMOTE_WRITE: "remote_write", Commit.FLUSH: "on", Commit.REMOTE_APPLY: "remote_apply"}


def postgresql_conf(plan: Plan, node: Node, reach: Reach, *, port: int, upstream: str) -> str:
    """The whole file; ``upstream`` is the conninfo through which the node would follow the primary, "" for none."""
    settings = _owned(plan, node, reach, port) | _replication(plan, node, upstream) | dict(plan.scenario.stack.settings)
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def _owned(plan: Plan, node: Node, reach: Reach, port: int) -> dict[str, str]:
    return {
        "cluster_name": node.name,
        "listen_addresses": reach.listen,
        "port": str(port),
        "unix_socket_directories": reach.sockets,
        "max_connections": str(max(plan.max_connections, LEAST_CONNECTIONS)),
        "superuser_reserved_connections": "3",
        "authentication_timeout": f"{_authentication_s(plan)}s",
        "shared_buffers": "32MB",
        "dynamic_shared_memory_type": "mmap",  # files of the data directory: nothing outlives a kill
        **({"scram_iterations": "1"} if plan.scenario.stack.postgres_version >= SCRAM_ITERATIONS_SINCE else {}),
        "fsync": "on",
        "track_commit_timestamp": "on",
        "max_wal_size": reach.wal,
        # What a replica that comes back, or a primary that is rewound, still needs: the slot of a node that followed
        # another primary holds nothing.
        "wal_keep_size": reach.wal,
        "checkpoint_timeout": "30min",
        "jit": "off",
        "timezone": "UTC",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %b %e ",
    }


def _authentication_s(plan: Plan) -> int:
    """How long a server waits for a client that does not say who it is: longer than any honest probe takes.

    Behind a stall the proxy accepts connections and holds what they say, so that each one occupies the server, which a
    real network would never have told of it; by PostgreSQL's own minute they crowd out the clients next door.
    """
    return max(SHORTEST_AUTHENTICATION_S, math.ceil(2 * plan.probes.timeout_ns / NS))


def _replication(plan: Plan, node: Node, upstream: str) -> dict[str, str]:
    peers = len(plan.scenario.stack.topology.nodes)
    outlast_ms = str((plan.duration_ns // 1_000_000_000 + MARGIN_S) * 1000)
    replication = plan.scenario.stack.replication
    return {
        "wal_level": "replica",
        "max_wal_senders": str(max(2 * peers + 4, LEAST_WAL_SENDERS)),
        "max_replication_slots": str(2 * peers + 4),
        "hot_standby": "on",
        "wal_sender_timeout": outlast_ms,
        "wal_receiver_timeout": outlast_ms,
        "wal_retrieve_retry_interval": "200",
        "primary_conninfo": upstream,
        "primary_slot_name": node.slot,
        "synchronous_standby_names": standby_names(plan, node),
        "synchronous_commit": "on" if isinstance(replication, Async) else _COMMIT[replication.commit],
    }


def standby_names(plan: Plan, node: Node) -> str:
    """``synchronous_standby_names`` of ``node`` should it be, or become, the primary.

    Names differ per node, because a primary never waits for itself. A node left with fewer voters than a quorum asks
    for waits for all of them.
    """
    stack = plan.scenario.stack
    names = ", ".join(f'"{voter.name}"' for voter in voters(stack.replication, stack.topology, node.name))
    return f"ANY {needed(stack.replication, stack.topology, node.name)} ({names})" if names else ""


def isolated(*, replica: bool) -> dict[str, str]:
    """Settings of a server that is only looked at: it writes nothing, and neither follows nor serves anybody.

    A replica keeps its senders: it refuses to start with fewer than its primary had.
    """
    settings = {"default_transaction_read_only": "on", "synchronous_standby_names": "", "primary_conninfo": ""}
    return settings if replica else settings | {"max_wal_senders": "0"}


def recovery_conf(upstream: str) -> str:
    """``postgresql.auto.conf`` of a rebuilt replica: whom it follows, and nothing of what its source had altered."""
    return f"primary_conninfo = {_quoted(upstream)}\n"


def overrides(settings: Mapping[str, str]) -> list[str]:
    """The same as words of a server's command line, which win over every file."""
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
