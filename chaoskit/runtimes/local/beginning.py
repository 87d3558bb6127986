"""How local servers come to be: cloned from one template, and started until all of them stream."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from chaoskit.model.plan import Plan
from chaoskit.model.topology import Node
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.local.node import PostgresNode
from chaoskit.runtimes.postgres.config import LOOPBACK, hba, postgresql_conf
from chaoskit.runtimes.postgres.rebuild import STANDBY_SIGNAL
from chaoskit.runtimes.postgres.replication import await_streaming, make_slots, set_up, slots

Item = TypeVar("Item")


def clone(plan: Plan, servers: Mapping[str, PostgresNode], template: Path, upstreams: Mapping[str, str]) -> None:
    """Copy the template for every node and write its configuration; ``upstreams`` are conninfos by node name."""
    topology = plan.scenario.stack.topology

    def one(node: Node) -> None:
        server = servers[node.name]
        _copy(template, server)
        conf = postgresql_conf(plan, node, LOOPBACK, port=server.target.port, upstream=upstreams.get(node.name, ""))
        server.configure(conf, hba(LOOPBACK))
        if node.name != topology.primary:
            server.put(STANDBY_SIGNAL, "")

    _each(topology.nodes, one)


def bring_up(plan: Plan, servers: Mapping[str, PostgresNode], *, template_password: str, clock: Clock) -> None:
    """Start the primary, give it the run's password and slots, start the replicas, and wait until all stream.

    Raises:
        StackError: A server does not start, or does not stream in time.
    """
    topology = plan.scenario.stack.topology
    kept = slots(topology)
    primary = servers[topology.primary]
    primary.start()
    target = primary.target
    login = Target(
        host=target.host, port=target.port, user=target.user, password=template_password, dbname=target.dbname
    )
    primary.ready(login)
    set_up(login, [f"ALTER ROLE {target.user} PASSWORD '{target.password}'"], clock=clock)
    make_slots(target, kept[primary.name], clock=clock)
    replicas = [server for name, server in servers.items() if name != primary.name]
    for server in replicas:
        server.start()

    def settle(server: PostgresNode) -> None:
        server.ready()
        make_slots(server.target, kept[server.name], clock=clock)

    _each(replicas, settle)
    await_streaming(target, len(replicas), clock=clock)


def _copy(template: Path, server: PostgresNode) -> None:
    server.home.mkdir(parents=True)
    # cp keeps owner and mode, and shares blocks where the filesystem can; hard links would share the clusters.
    subprocess.run(["cp", "-a", "--reflink=auto", template, server.data], check=True, capture_output=True)


def _each(items: Sequence[Item], work: Callable[[Item], None]) -> None:
    """Do the work for all at once; raises what the first of them raised."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(work, items))
