"""What narrows an objective: whose operations, caused by what, and when."""

from dataclasses import dataclass

from chaoskit.model.instant import END, Instant
from chaoskit.model.scenario import Phase
from chaoskit.scenario_file import later, regions
from chaoskit.scenario_file.bounds import PHASES
from chaoskit.scenario_file.fields import Fields, word
from chaoskit.scenario_file.instants import END_OF_RUN, fixed_instant, unknown_step
from chaoskit.scenario_file.measures import EVERY_SCOPE, Measure
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.problems import Report, one_of
from chaoskit.scenario_file.tree import YamlList, YamlNode, YamlScalar, described, find

OPERATIONS = {"write": "write", "read": "read"}
CONNECTIONS = {"fresh": "fresh", "established": "established"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The scope keys of one objective, as Objective has them."""

    region: str | None
    operation: str | None
    connection: str | None
    step: str | None
    phase: Phase | None
    between: tuple[Instant, Instant] | None


def read_scope(fields: Fields, name: str, measure: Measure, names: tuple[str, ...], ground: Ground) -> Scope:
    """Read every scope key of an objective on the measure called ``name``; ``names`` are those of the steps."""
    scope = Scope(
        region=fields.optional("region", lambda r, n: regions.region(r, n, ground.regions)),
        operation=fields.optional("operation", lambda r, n: word(r, n, OPERATIONS, later.OPERATION)),
        connection=fields.optional("connection", lambda r, n: word(r, n, CONNECTIONS)),
        step=fields.optional("step", lambda r, n: _step(r, n, names)),
        phase=fields.optional("phase", lambda r, n: word(r, n, PHASES)),
        between=fields.optional("between", lambda r, n: _between(r, n, names, ground)),
    )
    _check(fields, name, measure)
    return scope


def _step(report: Report, node: YamlNode, names: tuple[str, ...]) -> str | None:
    text = node.text if isinstance(node, YamlScalar) else ""
    if text in names:
        return text
    unknown_step(report, node, text, names)
    return None


def _between(report: Report, node: YamlNode, names: tuple[str, ...], ground: Ground) -> tuple[Instant, Instant] | None:
    if not isinstance(node, YamlList) or len(node.items) != 2:
        report.add(node.mark, f"expected two instants such as [5s, 20s], found {described(node)}")
        return None
    first = fixed_instant(report, node.items[0], names, ground)
    last_node = node.items[1]
    if isinstance(last_node, YamlScalar) and last_node.text == END:
        last: Instant | None = END_OF_RUN
    else:
        last = fixed_instant(report, last_node, names, ground)
    if first is None or last is None:
        return None
    if first.after == last.after and last.offset_ns <= first.offset_ns:
        report.add(last_node.mark, "`between` ends no later than it begins")
    return first, last


def _check(fields: Fields, name: str, measure: Measure) -> None:
    given = {key.text: key for key, _ in fields.map.entries} if fields.map else {}
    for key in EVERY_SCOPE:
        if key in given and key not in measure.every_scope:
            hint = one_of(measure.every_scope) if measure.every_scope else "it is one figure for the run"
            fields.report.add(given[key].mark, f"`{name}` by `{key}` is not supported yet", hint)
    if "between" in given and "phase" in given:
        fields.report.add(given["between"].mark, "exactly one of `phase` and `between` says when")
    phase = find(fields.node, "phase")
    names_a_phase = "phase" in given and not (isinstance(phase, YamlScalar) and phase.text == Phase.ALWAYS)
    if "step" in given and "step" not in measure.scopes and measure.phased and not names_a_phase:
        hint = "add `phase: during`, or before, after"
        fields.report.add(given["step"].mark, f"`{name}` by `step` says nothing without a `phase`", hint)
