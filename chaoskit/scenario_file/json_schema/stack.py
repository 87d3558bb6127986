"""``stack``: the database and what surrounds it."""

from chaoskit.model.scenario import Commit, Fence, Reads
from chaoskit.scenario_file import failover
from chaoskit.scenario_file.json_schema.shapes import Schema, choice, closed_map, map_of, one_word
from chaoskit.scenario_file.json_schema.values import ref
from chaoskit.scenario_file.postgres import DEFAULT_VERSION, OLDEST_VERSION, OWNED, OWNED_PREFIX, SETTING
from chaoskit.scenario_file.stack import COMMIT, HEALTH, READS, REPLICATIONS, VIA, WRITES


def stack() -> Schema:
    """Return the section."""
    keys = {
        "regions": _regions(),
        "primary": ref("region", "Where writes go at first. Left out: the first region."),
        "replication": choice(
            REPLICATIONS, {"quorum": _quorum()}, "Whom a commit waits for: nobody, or a quorum.", default="async"
        ),
        "failover": choice(
            # A bare `runbook` would leave its `failback` out.
            ("none",),
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
    node = closed_map({"nodes": {"type": "integer", "const": 1, "default": 1, "description": "So far always one."}})
    listed = {"type": "array", "items": ref("name"), "minItems": 1, "uniqueItems": True}
    mapped = {**map_of(node, "By name.", names=ref("name")), "minProperties": 1}
    return {"description": "The regions, one node each.", "anyOf": [listed, mapped]}


def _quorum() -> Schema:
    keys = {
        "any": ref("positive_count", "How many regions besides the primary's must confirm.", default=1),
        "of": {
            "type": "array",
            "items": ref("region"),
            "uniqueItems": True,
            "description": "Which regions count. Left out: all.",
        },
        "commit": one_word(COMMIT, "What a replica has done when it confirms.", default=Commit.FLUSH.value),
    }
    return closed_map(keys)


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
        "failback": one_word(failover.FAILBACK, "What becomes of the old primary. So far nothing."),
    }
    return closed_map(keys, required=("failback",))


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
