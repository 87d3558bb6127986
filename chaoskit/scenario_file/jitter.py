"""``jitter`` of a latency fault: what is added may vary, but nothing becomes faster than without the fault."""

from collections.abc import Sequence
from math import floor

from chaoskit.model.fault import Latency
from chaoskit.model.scenario import Stack, Step
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlMap, find
from chaoskit.scenario_file.values import duration_text


def check_jitter(report: Report, root: YamlMap, ground: Ground, stack: Stack | None, steps: Sequence[Step]) -> None:
    """Report every jitter that is larger than what is added, where that is known."""
    for step in steps:
        fault = step.deed
        if not isinstance(fault, Latency) or not fault.jitter_ns:
            continue
        added_ns = fault.add_ns if fault.add_ns is not None else _least_addition_ns(fault, ground, stack)
        if added_ns is not None and fault.jitter_ns > added_ns:
            mark = find(root, "timeline", step.name, "jitter").mark
            report.add(mark, "`jitter` is more than what is added", f"at most {duration_text(added_ns)}")


def _least_addition_ns(fault: Latency, ground: Ground, stack: Stack | None) -> int | None:
    """What a factor adds to the link's shortest way; None: only the run will tell."""
    if stack is None or fault.factor is None:
        return None
    now = ground.told(fault.link.left, fault.link.right)
    if now is None:
        return None
    left, right = fault.link.ends(now)
    shortest_ns = min(stack.topology.rtt(a.region, b.region) for a in left for b in right)
    return floor((fault.factor - 1) * shortest_ns / (1 if fault.link.both_ways else 2))
