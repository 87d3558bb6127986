"""``stack``: the database and what surrounds it."""

from chaoskit.model.scenario import Async, Commit, NoFailover, Quorum, Reads, Replication, Stack
from chaoskit.model.topology import Node, Topology
from chaoskit.scenario_file import later, places, scalars
from chaoskit.scenario_file.failover import read_failover
from chaoskit.scenario_file.fields import Fields, choice, refuse_word, word
from chaoskit.scenario_file.network import Rtt, no_network, read_network
from chaoskit.scenario_file.places import Regions
from chaoskit.scenario_file.postgres import DEFAULT_VERSION, read_postgres
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlList, YamlMap, YamlNode, described, find

REPLICATIONS = ("async", "quorum")
VIA = {"direct": True}
WRITES = {"primary": True}
HEALTH = {"query": True}
READS = {str(reads): reads for reads in Reads}
COMMIT = {str(commit): commit for commit in Commit}
NO_REGIONS = Regions(names=(), complete=False)


def read_stack(report: Report, node: YamlNode) -> tuple[Regions, Stack | None]:
    """Return the regions, as far as they can be read, and the stack if nothing in it is wrong."""
    before = report.count
    fields = Fields(report, node, later=later.STACK)
    regions = fields.require("regions", places.read_regions, NO_REGIONS)
    first = regions.names[0] if regions.names else ""
    primary = fields.read("primary", lambda r, n: places.region(r, n, regions), first)
    rtt = fields.read("network", lambda r, n: read_network(r, n, regions), no_network(regions))
    version, settings = fields.read("postgres", read_postgres, (DEFAULT_VERSION, {}))
    reads = fields.read("routing", _routing, Reads.LOCAL)
    replication_node, failover_node = fields.get("replication"), fields.get("failover")
    fields.close()
    replication = _replication(report, replication_node, regions, primary) if replication_node else Async()
    topology = _topology(regions, primary, rtt)
    failover = read_failover(report, failover_node, regions, primary, topology) if failover_node else NoFailover()
    if report.count > before or topology is None or replication is None or failover is None:
        return regions, None
    return regions, Stack(
        topology=topology,
        replication=replication,
        failover=failover,
        reads=reads,
        postgres_version=version,
        settings=settings,
    )


def _topology(regions: Regions, primary: str, rtt: Rtt) -> Topology | None:
    if not regions.complete or not primary:
        return None
    nodes = tuple(Node(region=name) for name in regions.names)
    return Topology(nodes=nodes, primary=Node(region=primary).name, rtt_ns=rtt)


def _routing(report: Report, node: YamlNode) -> Reads | None:
    fields = Fields(report, node)
    fields.read("via", lambda r, n: word(r, n, VIA, later.VIA), None)
    fields.read("writes", lambda r, n: word(r, n, WRITES, later.WRITES), None)
    fields.read("health", lambda r, n: word(r, n, HEALTH, later.HEALTH), None)
    reads = fields.read("reads", lambda r, n: word(r, n, READS, later.READS), Reads.LOCAL)
    fields.close()
    return reads


def _replication(report: Report, node: YamlNode, regions: Regions, primary: str) -> Replication | None:
    found = choice(report, node)
    if found is None:
        return None
    head, options = found
    if head.text == "quorum":
        return _quorum(report, options or YamlMap(entries=(), mark=head.mark), regions, primary)
    if head.text != "async":
        refuse_word(report, head, REPLICATIONS, later.REPLICATION)
    elif options is not None:
        report.add(options.mark, "`async` takes no options")
    else:
        return Async()
    return None


def _quorum(report: Report, node: YamlNode, regions: Regions, primary: str) -> Quorum:
    fields = Fields(report, node)
    needed = fields.read("any", scalars.positive_count, 1)
    of = fields.read("of", lambda r, n: _places(r, n, regions), regions.names)
    commit = fields.read("commit", lambda r, n: word(r, n, COMMIT), Commit.FLUSH)
    fields.close()
    others = [region for region in of if region != primary]
    if regions.complete and needed > len(others):
        report.add(
            find(node, "any").mark,
            f"`any: {needed}` cannot be met: {len(others)} region(s) besides the primary's can acknowledge",
        )
    return Quorum(any=needed, of=of, commit=commit)


def _places(report: Report, node: YamlNode, regions: Regions) -> tuple[str, ...] | None:
    if not isinstance(node, YamlList):
        report.add(node.mark, f"expected a list of regions, found {described(node)}")
        return None
    found: list[str] = []
    for item in node.items:
        name = places.region(report, item, regions)
        if name in found:
            report.add(item.mark, f"`{name}` is listed twice")
        elif name is not None:
            found.append(name)
    return tuple(found)
