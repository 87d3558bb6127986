"""``stack.failover``: nobody, or an operator with a runbook."""

from chaoskit.model.round_trips import required_check_timeout_ns
from chaoskit.model.scenario import Failback, Failover, Fence, NoFailover, Runbook
from chaoskit.model.topology import Topology
from chaoskit.scenario_file import later, regions, scalars
from chaoskit.scenario_file.fields import Fields, choice, refuse_word, word
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.regions import Regions
from chaoskit.scenario_file.tree import YamlMap, YamlNode, find
from chaoskit.scenario_file.values import duration_text

SECOND_NS = 1_000_000_000
WORDS = ("none", "runbook")
FENCE = {str(fence): fence for fence in Fence}
FAILBACK = {str(failback): failback for failback in Failback}


def read_failover(
    report: Report, node: YamlNode | None, known: Regions, primary: str, topology: Topology | None
) -> Failover | None:
    """Read the CHOICE; absent: nobody.

    Args:
        report: Where problems go.
        node: The word, perhaps with its options.
        known: The stack's regions.
        primary: The region that holds the primary.
        topology: Where it could be read; tells how far the operator is from each node.
    """
    found = None if node is None else choice(report, node)
    if node is None or found is None:
        return NoFailover() if node is None else None
    head, options = found
    if head.text == "runbook":
        runbook = _runbook(report, options or YamlMap(entries=(), mark=head.mark), known, primary)
        if topology is not None:
            _check_timeout(report, node, topology, runbook)
        return runbook
    if head.text != "none":
        refuse_word(report, head, WORDS, later.FAILOVER)
    elif options is not None:
        report.add(options.mark, "`none` takes no options")
    else:
        return NoFailover()
    return None


def _runbook(report: Report, options: YamlNode, known: Regions, primary: str) -> Runbook:
    """``primary`` is the region that holds it."""
    fields = Fields(report, options)
    every_ns, failures, timeout_ns = fields.read("detect", _detect, (SECOND_NS // 2, 6, SECOND_NS))
    decide_ns = fields.read("decide", scalars.duration, SECOND_NS)
    first_other = next((region for region in known.names if region != primary), primary)
    origin = fields.read("from", lambda r, n: regions.region(r, n, known), first_other)
    fence = fields.read("fence", lambda r, n: word(r, n, FENCE), Fence.ATTEMPT)
    candidates = fields.read("candidates", lambda r, n: regions.regions_or_nodes(r, n, known), ())
    failback = fields.read("failback", lambda r, n: word(r, n, FAILBACK), Failback.REWIND)
    fields.close()
    return Runbook(
        every_ns=every_ns,
        failures=failures,
        timeout_ns=timeout_ns,
        decide_ns=decide_ns,
        origin=origin,
        fence=fence,
        candidates=candidates,
        failback=failback,
    )


def _detect(report: Report, node: YamlNode) -> tuple[int, int, int] | None:
    fields = Fields(report, node)
    every_ns = fields.read("every", scalars.positive_duration, SECOND_NS // 2)
    failures = fields.read("failures", scalars.positive_count, 6)
    timeout_ns = fields.read("timeout", scalars.positive_duration, SECOND_NS)
    fields.close()
    return every_ns, failures, timeout_ns


def _check_timeout(report: Report, node: YamlNode, topology: Topology, runbook: Runbook) -> None:
    required_ns = required_check_timeout_ns(topology, runbook)
    if runbook.timeout_ns < required_ns:
        report.add(
            find(node, "runbook", "detect", "timeout").mark,
            f"a health check of {duration_text(runbook.timeout_ns)} is too short: a fresh connection from "
            f"{runbook.origin} to the farthest node takes 4 round trips",
            f"at least {duration_text(required_ns)}",
        )
