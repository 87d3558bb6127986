"""The whole file: its top-level keys, and the checks that need more than one of them."""

from chaoskit.model.ability import ABILITIES, needs
from chaoskit.model.round_trips import required_probe_timeout_ns
from chaoskit.model.runtime import RuntimeName
from chaoskit.model.scenario import Load, Objective, Scenario, Stack, SteadyState, Step
from chaoskit.model.schedule import Window, extremes, latest, windows
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.fields import Fields, Reader, word
from chaoskit.scenario_file.jitter import check_jitter
from chaoskit.scenario_file.load import default_load, read_load
from chaoskit.scenario_file.matrix import MATRIX
from chaoskit.scenario_file.objectives import read_objectives
from chaoskit.scenario_file.places import NO_GROUND, Ground
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.stack import read_stack
from chaoskit.scenario_file.timeline import Timeline, read_timeline
from chaoskit.scenario_file.tree import YamlMap, YamlNode, find, key_mark
from chaoskit.scenario_file.values import duration_text

LANGUAGE_VERSION = 1
RUNTIMES = {str(runtime): runtime for runtime in RuntimeName}


def read_scenario(report: Report, root: YamlMap) -> Scenario | None:
    """Read a file without ``matrix``; None if anything in it is wrong, with every reason in ``report``."""
    fields = Fields(report, root, later=later.SCENARIO)
    fields.require("chaoskit", _language_version, None)
    name = fields.require("name", scalars.name, "")
    question = fields.require("question", scalars.text, "")
    hypothesis = fields.read("hypothesis", scalars.text, "")
    tags = fields.read("tags", scalars.names, ())
    seed = fields.optional("seed", scalars.count)
    trials = fields.read("trials", scalars.positive_count, 1)
    required = fields.optional("requires", _requires)
    ground, stack = fields.require("stack", read_stack, (NO_GROUND, None))
    load = fields.read("load", lambda r, n: read_load(r, n, ground.regions), default_load(ground.regions))
    timeline = fields.read("timeline", lambda r, n: read_timeline(r, n, ground), Timeline())
    objectives = fields.read("objectives", _objectives(ground, timeline), ())
    steady_state = fields.read("steady_state", _steady_state, SteadyState())
    duration_ns = fields.optional("duration", scalars.positive_duration)
    fields.optional(MATRIX, _matrix)
    fields.close(extensions=True)

    _check_duration(report, root, timeline, duration_ns)
    _check_probe_timeout(report, root, stack, load, timeline.steps)
    check_jitter(report, root, ground, stack, timeline.steps)
    requires = required or _derived(timeline.steps)
    _check_abilities(report, root, requires, timeline.steps)
    if report.count or stack is None:
        return None
    return Scenario(
        name=name,
        question=question,
        hypothesis=hypothesis,
        tags=tags,
        seed=seed,
        trials=trials,
        requires=requires,
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


def _matrix(report: Report, node: YamlNode) -> None:
    """The file's own is gone by now: the variants are what became of it."""
    report.add(node.mark, "`matrix` cannot be changed from outside the file", "choose among its variants by name")


def _requires(report: Report, node: YamlNode) -> RuntimeName | None:
    fields = Fields(report, node)
    runtime = fields.require("runtime", lambda r, n: word(r, n, RUNTIMES, later.RUNTIME), None)
    fields.close()
    return runtime


def _derived(steps: tuple[Step, ...]) -> RuntimeName | None:
    """The runtime that alone has what the steps need; None: any has."""
    wanted = {need.ability for need in needs(steps)}
    able = [runtime for runtime, abilities in ABILITIES.items() if wanted <= abilities]
    return able[0] if len(able) == 1 else None


def _check_abilities(report: Report, root: YamlMap, requires: RuntimeName | None, steps: tuple[Step, ...]) -> None:
    if requires is None:
        return
    for need in needs(steps):
        if need.ability not in ABILITIES[requires]:
            able = [f"`runtime: {runtime}`" for runtime, abilities in ABILITIES.items() if need.ability in abilities]
            what = f"the runtime `{requires}` cannot do `{need.what}` of `{need.step}`"
            report.add(find(root, "requires", "runtime").mark, what, " or ".join([*able, "leave `requires` out"]))


def _objectives(ground: Ground, timeline: Timeline) -> Reader[tuple[Objective, ...]]:
    def read(report: Report, node: YamlNode) -> tuple[Objective, ...] | None:
        return read_objectives(report, node, ground, timeline.names)

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
    if root.get("duration") is None and not timeline.names:
        report.add(root.mark, "missing `duration`", "required because the timeline is empty")
    for window in windows(latest(timeline.steps)):
        if root.get("duration") is None:
            _check_last_end(report, root, window)
        elif duration_ns is not None:
            _check_within(report, root, window, duration_ns)


def _check_last_end(report: Report, root: YamlMap, window: Window) -> None:
    step = window.step
    if window.open_ended:
        what, key = "a step with `until: end`", "until"
    elif window.end_ns is None:
        what, key = "a step that waits for an event", "at" if window.at_ns is None else "until"
    else:
        return
    mark = find(root, "timeline", step.name, key).mark
    report.add(mark, f"{what} needs the scenario's `duration`", "add e.g. `duration: 30s`")


def _check_within(report: Report, root: YamlMap, window: Window, duration_ns: int) -> None:
    name, at_ns, end_ns = window.step.name, window.at_ns, window.end_ns
    mark = key_mark(steps, name) if isinstance(steps := root.get("timeline"), YamlMap) else root.mark
    if at_ns is not None and at_ns >= duration_ns:
        report.add(mark, f"`{name}` begins when the run is over (`duration: {duration_text(duration_ns)}`)")
    elif end_ns is not None and end_ns > duration_ns:
        hint = "make `duration` longer, or write `until: end`"
        report.add(mark, f"`{name}` ends at {duration_text(end_ns)}, after the run's `duration`", hint)


def _check_probe_timeout(
    report: Report, root: YamlMap, stack: Stack | None, load: Load, steps: tuple[Step, ...]
) -> None:
    if stack is None or load.probes.timeout_ns is None:
        return
    required_ns = max(required_probe_timeout_ns(stack, settled) for settled in extremes(steps))
    if load.probes.timeout_ns < required_ns:
        report.add(
            find(root, "load", "probes", "timeout").mark,
            f"a probe timeout of {duration_text(load.probes.timeout_ns)} is too short for these round trips",
            f"at least {duration_text(required_ns)} (6 x RTT + commit RTT + 200ms), or leave it out",
        )
