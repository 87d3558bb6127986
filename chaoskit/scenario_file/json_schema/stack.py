"""``stack``: the database and what surrounds it."""

from chaoskit.model.scenario import Commit, Failback, Fence, Reads
from chaoskit.scenario_file import failover, replication
from chaoskit.scenario_file.json_schema.shapes import Schema, choice, closed_map, list_of, map_of, one_word
from chaoskit.scenario_file.json_schema.values import ref
from chaoskit.scenario_file.postgres import DEFAULT_VERSION, OLDEST_VERSION, OWNED, OWNED_PREFIX, SETTING
from chaoskit.scenario_file.regions import MOST_NODES
from chaoskit.scenario_file.stack import HEALTH, READS, VIA, WRITES


def stack() -> Schema:
    """Return the section."""
    keys = {
        "regions": _regions(),
        "primary": ref("region_or_node", "Where writes go at first. Left out: the first region."),
        "replication": choice(
            replication.WORDS,
            {"quorum": _quorum(), "sync": closed_map({"commit": _commit()})},
            "Whom a commit waits for: nobody, a quorum, or all other nodes.",
            default="async",
        ),
        "failover": choice(
            failover.WORDS,
            {"runbook": _runbook()},
            "Who promotes a replica: nobody, or an operator with a runbook.",
            default="none",
        ),
        "routing": _routing(),
        "network": closed_map({"rtt": _rtt()}, "How far apart the regions are. Left out: no distance."),
        "postgres": _postgres(),
    }
    return closed_map(keys, "The database and what surrounds it.", required=("regions",))


def _regions() -> Schema:
    count: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_NODES, "default": 1}
    node = closed_map({"nodes": {**count, "description": "How many PostgreSQL servers."}})
    listed = {"type": "array", "items": ref("name"), "minItems": 1, "uniqueItems": True}
    mapped = {**map_of(node, "By name.", names=ref("name")), "minProperties": 1}
    return {
        "description": "The regions, and how many nodes each has: one, where nothing else is said.",
        "anyOf": [listed, mapped],
    }


def _quorum() -> Schema:
    keys = {
        "any": ref("positive_count", "How many nodes besides the primary must confirm.", default=1),
        "of": list_of(ref("region_or_node"), "Which count. Left out: all others."),
        "commit": _commit(),
    }
    return closed_map(keys)


def _commit() -> Schema:
    return one_word(replication.COMMIT, "What a replica has done when it confirms.", default=Commit.FLUSH.value)


def _runbook() -> Schema:
    keys = {
        "detect": _detect(),
        "decide": ref("duration", "From detection to action.", default="1s"),
        "from": ref("region", "Where the operator sits. Left out: the first region that does not hold the primary."),
        "fence": one_word(
            failover.FENCE,
            "Whether the old primary is stopped before a promotion: tried, insisted on, or left out.",
            default=Fence.ATTEMPT.value,
        ),
        "candidates": list_of(
            ref("region_or_node"), "Whom to promote, in order of preference. Left out: the most advanced replica."
        ),
        "failback": one_word(
            failover.FAILBACK,
            "What becomes of the old primary: rebuilt as a replica, or left to come back as it was.",
            default=Failback.REWIND.value,
        ),
    }
    return closed_map(keys)


def _detect() -> Schema:
    keys = {
        "every": ref("positive_duration", "How often the primary is checked.", default="500ms"),
        "failures": ref("positive_count", "How many checks in a row must fail.", default=6),
        "timeout": ref("positive_duration", "When a check has failed; at least four round trips.", default="1s"),
    }
    return closed_map(keys, "When the operator believes that the primary is gone.")


def _routing() -> Schema:
    keys = {
        "via": one_word(VIA, "How clients find their endpoint.", default="direct"),
        "writes": one_word(WRITES, "Where writes go.", default="primary"),
        "reads": one_word(READS, "Where a region's reads go.", default=Reads.LOCAL.value),
        "health": one_word(HEALTH, "What decides that an endpoint is alive.", default="query"),
    }
    return closed_map(keys, "Where clients are sent.")


def _rtt() -> Schema:
    return map_of(ref("duration"), "The round trip of every pair of regions, half each way.", names=ref("round_trip"))


def _postgres() -> Schema:
    free = {"pattern": f"^(?!{OWNED_PREFIX}){SETTING}$", "not": {"enum": sorted(OWNED)}}
    plain: Schema = {"type": ["string", "number", "boolean"], "pattern": r"^[^\n\0]*$"}
    version: Schema = {**ref("count"), "description": "The major version.", "default": DEFAULT_VERSION}
    keys = {
        "version": {"allOf": [version, {"minimum": OLDEST_VERSION}]},
        "settings": map_of(
            plain, "postgresql.conf in Postgres' own units; what chaoskit itself needs is refused.", names=free
        ),
    }
    return closed_map(keys, "The server.")
