"""``stack``: the database and what surrounds it."""

from chaoskit.model.place import at_start
from chaoskit.model.scenario import Failover, NoFailover, Reads, Runbook, Stack
from chaoskit.model.topology import Topology
from chaoskit.scenario_file import later, regions
from chaoskit.scenario_file.failover import read_failover
from chaoskit.scenario_file.fields import Fields, word
from chaoskit.scenario_file.network import Rtt, no_network, read_network
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.postgres import DEFAULT_VERSION, read_postgres
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.regions import NO_REGIONS, Regions
from chaoskit.scenario_file.replication import read_replication
from chaoskit.scenario_file.tree import YamlNode

VIA = {"direct": True}
WRITES = {"primary": True}
HEALTH = {"query": True}
READS = {str(reads): reads for reads in Reads}


def read_stack(report: Report, node: YamlNode) -> tuple[Ground, Stack | None]:
    """Return what places stand on, as far as it can be read, and the stack if nothing in it is wrong."""
    before = report.count
    fields = Fields(report, node, later=later.STACK)
    known = fields.require("regions", regions.read_regions, NO_REGIONS)
    first = known.names[0] if known.names else ""
    primary = fields.read("primary", lambda r, n: regions.region_or_node(r, n, known), first)
    rtt = fields.read("network", lambda r, n: read_network(r, n, known), no_network(known))
    version, settings = fields.read("postgres", read_postgres, (DEFAULT_VERSION, {}))
    reads = fields.read("routing", _routing, Reads.LOCAL)
    replication_node, failover_node = fields.get("replication"), fields.get("failover")
    fields.close()
    topology = _topology(known, primary, rtt)
    replication = read_replication(report, replication_node, known, topology)
    failover = read_failover(report, failover_node, known, primary.partition("/")[0], topology)
    ground = Ground(regions=known, start=None if topology is None else at_start(topology), operator=_operator(failover))
    if report.count > before or topology is None or replication is None or failover is None:
        return ground, None
    return ground, Stack(
        topology=topology,
        replication=replication,
        failover=failover,
        reads=reads,
        postgres_version=version,
        settings=settings,
    )


def _operator(failover: Failover | None) -> str | None:
    """The region of whoever fails over; empty: nobody does."""
    match failover:
        case Runbook():
            return failover.origin
        case NoFailover():
            return ""
        case None:
            return None


def _topology(known: Regions, primary: str, rtt: Rtt) -> Topology | None:
    """A region as ``primary`` means its first node."""
    if not known.complete or not primary:
        return None
    name = primary if "/" in primary else f"{primary}/1"
    return Topology(nodes=known.nodes, primary=name, rtt_ns=rtt)


def _routing(report: Report, node: YamlNode) -> Reads | None:
    fields = Fields(report, node)
    fields.optional("via", lambda r, n: word(r, n, VIA, later.VIA))
    fields.optional("writes", lambda r, n: word(r, n, WRITES, later.WRITES))
    fields.optional("health", lambda r, n: word(r, n, HEALTH, later.HEALTH))
    reads = fields.read("reads", lambda r, n: word(r, n, READS, later.READS), Reads.LOCAL)
    fields.close()
    return reads
