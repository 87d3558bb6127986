"""``stack.replication``: whom a commit waits for."""

from chaoskit.model.scenario import Async, Commit, Quorum, Replication, Sync, voters
from chaoskit.model.topology import Topology
from chaoskit.scenario_file import later, regions, scalars
from chaoskit.scenario_file.fields import Fields, choice, refuse_word, word
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.regions import Regions
from chaoskit.scenario_file.tree import YamlMap, YamlNode, find

WORDS = ("async", "quorum", "sync")
COMMIT = {str(commit): commit for commit in Commit}


def read_replication(
    report: Report, node: YamlNode | None, known: Regions, topology: Topology | None
) -> Replication | None:
    """Read the CHOICE; absent: nobody. ``topology``, where it could be read, tells whether a quorum can be met."""
    found = None if node is None else choice(report, node)
    if found is None:
        return Async() if node is None else None
    head, options = found
    body = options or YamlMap(entries=(), mark=head.mark)
    match head.text:
        case "quorum":
            return _quorum(report, body, known, topology)
        case "sync":
            return _sync(report, body)
        case "async" if options is None:
            return Async()
        case "async":
            report.add(body.mark, "`async` takes no options")
        case _:
            refuse_word(report, head, WORDS, later.REPLICATION)
    return None


def _sync(report: Report, options: YamlNode) -> Sync:
    fields = Fields(report, options)
    commit = fields.read("commit", _commit, Commit.FLUSH)
    fields.close()
    return Sync(commit=commit)


def _quorum(report: Report, options: YamlNode, known: Regions, topology: Topology | None) -> Quorum:
    fields = Fields(report, options)
    needed = fields.read("any", scalars.positive_count, 1)
    of = fields.read("of", lambda r, n: regions.regions_or_nodes(r, n, known), known.names)
    commit = fields.read("commit", _commit, Commit.FLUSH)
    fields.close()
    quorum = Quorum(any=needed, of=of, commit=commit)
    if topology is not None and needed > (count := len(voters(quorum, topology, topology.primary))):
        report.add(
            find(options, "any").mark, f"`any: {needed}` cannot be met: {count} node(s) besides the primary can confirm"
        )
    return quorum


def _commit(report: Report, node: YamlNode) -> Commit | None:
    return word(report, node, COMMIT)
