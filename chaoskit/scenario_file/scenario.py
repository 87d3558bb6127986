"""The whole file: its top-level keys, and the checks that need more than one of them."""

from chaoskit.model.fault import Mode, Partition
from chaoskit.model.round_trips import CHECK_ROUND_TRIPS, required_probe_timeout_ns
from chaoskit.model.scenario import Load, Objective, Runbook, Scenario, Stack, SteadyState, Step
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.fields import Fields, Reader
from chaoskit.scenario_file.load import default_load, read_load
from chaoskit.scenario_file.objectives import read_objectives
from chaoskit.scenario_file.places import Regions
from chaoskit.scenario_file.problems import Mark, Report
from chaoskit.scenario_file.stack import NO_REGIONS, read_stack
from chaoskit.scenario_file.timeline import Timeline, read_timeline
from chaoskit.scenario_file.tree import YamlMap, YamlNode, find
from chaoskit.scenario_file.values import duration_text

LANGUAGE_VERSION = 1


def read_scenario(report: Report, root: YamlMap) -> Scenario | None:
    """Read the file; None if anything in it is wrong, with every reason in ``report``."""
    fields = Fields(report, root, later=later.SCENARIO)
    fields.require("chaoskit", _language_version, None)
    name = fields.require("name", scalars.name, "")
    question = fields.require("question", scalars.text, "")
    hypothesis = fields.read("hypothesis", scalars.text, "")
    tags = fields.read("tags", scalars.names, ())
    seed = fields.read("seed", scalars.count, None)
    regions, stack = fields.require("stack", read_stack, (NO_REGIONS, None))
    load = fields.read("load", lambda r, n: read_load(r, n, regions), default_load(regions))
    timeline = fields.read("timeline", lambda r, n: read_timeline(r, n, regions), Timeline())
    objectives = fields.read("objectives", _objectives(regions, timeline), ())
    steady_state = fields.read("steady_state", _steady_state, SteadyState())
    duration_ns = fields.read("duration", scalars.positive_duration, None)
    fields.close(extensions=True)

    _check_duration(report, root, timeline, duration_ns)
    _check_probe_timeout(report, root, stack, load, timeline.steps)
    _check_return(report, root, stack, timeline.steps)
    if report.count or stack is None:
        return None
    return Scenario(
        name=name,
        question=question,
        hypothesis=hypothesis,
        tags=tags,
        seed=seed,
        stack=stack,
        load=load,
        timeline=timeline.steps,
        objectives=objectives,
        steady_state=steady_state,
        duration_ns=duration_ns,
        source=report.file,
    )


def _language_version(report: Report, node: YamlNode) -> int | None:
    version = scalars.count(report, node)
    if version is not None and version != LANGUAGE_VERSION:
        report.add(node.mark, f"version {version} of the scenario language is unknown", f"only {LANGUAGE_VERSION}")
        return None
    return version


def _objectives(regions: Regions, timeline: Timeline) -> Reader[tuple[Objective, ...]]:
    def read(report: Report, node: YamlNode) -> tuple[Objective, ...] | None:
        return read_objectives(report, node, regions, timeline.names)

    return read


def _steady_state(report: Report, node: YamlNode) -> SteadyState:
    default = SteadyState()
    fields = Fields(report, node)
    for_ns = fields.read("for", scalars.positive_duration, default.for_ns)
    availability = fields.read("availability", scalars.percentage, default.availability)
    within_ns = fields.read("within", scalars.positive_duration, default.within_ns)
    fields.close()
    if within_ns < for_ns:
        report.add(find(node, "within").mark, "`within` is shorter than `for`: steady state could never be confirmed")
    return SteadyState(for_ns=for_ns, availability=availability, within_ns=within_ns)


def _check_duration(report: Report, root: YamlMap, timeline: Timeline, duration_ns: int | None) -> None:
    """``duration`` is there where nothing else ends the run, and no step begins or ends after it."""
    if root.get("duration") is None:
        _check_last_end(report, root, timeline)
        return
    for step in timeline.steps if duration_ns is not None else ():
        mark = Mark(line=step.line, column=step.column)
        ends_ns = step.at_ns + (step.for_ns or 0)
        if step.at_ns >= (duration_ns or 0):
            report.add(
                mark, f"`{step.name}` begins when the run is over (`duration: {duration_text(duration_ns or 0)}`)"
            )
        elif ends_ns > (duration_ns or 0):
            hint = "make `duration` longer, or write `until: end`"
            report.add(mark, f"`{step.name}` ends at {duration_text(ends_ns)}, after the run's `duration`", hint)


def _check_last_end(report: Report, root: YamlMap, timeline: Timeline) -> None:
    if not timeline.names:
        report.add(root.mark, "missing `duration`", "required because the timeline is empty")
    for step in timeline.steps:
        if step.for_ns is None:
            mark = find(root, "timeline", step.name, "until").mark
            report.add(mark, "a step with `until: end` needs the scenario's `duration`", "add e.g. `duration: 30s`")


def _check_return(report: Report, root: YamlMap, stack: Stack | None, steps: tuple[Step, ...]) -> None:
    """No cut hides the primary from the operator for long enough to depose it, and then lets it come back."""
    if stack is None or not isinstance(stack.failover, Runbook):
        return
    operator, primary = stack.failover.origin, stack.topology.primary_region
    for step in steps:
        fault = step.fault
        if not isinstance(fault, Partition) or step.for_ns is None:
            continue
        patience_ns = _patience_ns(stack.failover, fault.mode, stack.topology.rtt(operator, primary))
        if step.for_ns <= patience_ns:
            continue
        if fault.link.carries(operator, primary) or fault.link.carries(primary, operator):
            report.add(
                find(root, "timeline", step.name, "for").mark,
                f"the runbook in {operator} would depose {primary}, and a primary that comes back into service"
                " is not supported yet",
                f"stay within {duration_text(patience_ns)}, or use `failover: none`",
            )


def _patience_ns(runbook: Runbook, mode: Mode, rtt_ns: int) -> int:
    """How long a cut may last without being detected: from the first failed check to the last one's failure.

    A check that a stall holds is answered at its heal, so it fails by its timeout alone, counted from before the onset.
    """
    last_begins_ns = (runbook.failures - 1) * runbook.every_ns
    if mode is not Mode.STALL:
        return last_begins_ns
    return last_begins_ns + max(runbook.timeout_ns - CHECK_ROUND_TRIPS * rtt_ns, 0)


def _check_probe_timeout(
    report: Report, root: YamlMap, stack: Stack | None, load: Load, steps: tuple[Step, ...]
) -> None:
    if stack is None or load.probes.timeout_ns is None:
        return
    required_ns = required_probe_timeout_ns(stack, steps)
    if load.probes.timeout_ns < required_ns:
        report.add(
            find(root, "load", "probes", "timeout").mark,
            f"a probe timeout of {duration_text(load.probes.timeout_ns)} is too short for these round trips",
            f"at least {duration_text(required_ns)} (6 x RTT + commit RTT + 200ms), or leave it out",
        )
