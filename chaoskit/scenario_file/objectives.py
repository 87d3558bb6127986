"""``objectives``: bounds on measures, by name."""

import re
from collections.abc import Iterable

from chaoskit.model.scenario import Objective
from chaoskit.scenario_file import later, measures, places, scalars
from chaoskit.scenario_file.fields import Fields, Reader, word
from chaoskit.scenario_file.measures import EVERY_SCOPE, MEASURES, Measure
from chaoskit.scenario_file.places import Regions
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described, find

_RELATIVE = re.compile(r"[0-9.]+x\s+(before|during|after|always)")
OPERATIONS = {"write": "write", "read": "read"}
CONNECTIONS = {"fresh": "fresh", "established": "established"}


def read_objectives(
    report: Report, node: YamlNode, regions: Regions, step_names: Iterable[str]
) -> tuple[Objective, ...] | None:
    """Read every objective; wrong ones are reported and left out."""
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of objectives, found {described(node)}")
        return None
    names = tuple(step_names)
    read = [_objective(report, key, value, regions, names) for key, value in node.entries]
    return tuple(objective for objective in read if objective is not None)


def _objective(
    report: Report, key: YamlScalar, node: YamlNode, regions: Regions, step_names: tuple[str, ...]
) -> Objective | None:
    before = report.count
    fields = Fields(report, node, later=later.OBJECTIVE)
    named = _measure(report, key, fields)
    if named is None:
        return None
    name, measure = named
    scope = _Scope(fields, regions, step_names)
    region, operation, connection, step = scope.region(), scope.operation(), scope.connection(), scope.step()
    _check_scopes(report, fields, name, measure)
    minimum = fields.read("min", _bound(measure), None)
    maximum = fields.read("max", _bound(measure), None)
    fields.close()
    _check_bounds(report, fields, key.text, minimum, maximum)
    if report.count > before:
        return None
    return Objective(
        name=key.text,
        measure=name,
        unit=measure.unit,
        minimum=minimum,
        maximum=maximum,
        expected_text=", ".join(f"{end} {_text(fields, end)}" for end in ("min", "max") if _text(fields, end)),
        region=region,
        operation=operation,
        connection=connection,
        step=step,
        position=f"{report.file}:{key.mark.line}:{key.mark.column}",
    )


def _measure(report: Report, key: YamlScalar, fields: Fields) -> tuple[str, Measure] | None:
    """Find the measure: the one under ``measure``, else the one the objective is called after."""
    if fields.map is None:
        return None
    node = fields.get("measure")
    named = key if node is None else node
    if key.text not in MEASURES and node is not None:
        scalars.name(report, key)
    text = named.text if isinstance(named, YamlScalar) else ""
    if text in MEASURES:
        return text, MEASURES[text]
    hint = did_you_mean(text, MEASURES)
    if measures.not_yet(text):
        report.add(named.mark, f"the measure `{text}` is not supported yet")
    elif node is not None:
        report.add(named.mark, f"unknown measure {described(node)}", hint or one_of(MEASURES))
    else:
        report.add(named.mark, f"the objective `{text}` needs a `measure`", hint)
    return None


class _Scope:
    """The scope keys of one objective."""

    def __init__(self, fields: Fields, regions: Regions, step_names: tuple[str, ...]) -> None:
        self.fields, self.regions, self.step_names = fields, regions, step_names

    def region(self) -> str | None:
        return self.fields.read("region", lambda r, n: places.region(r, n, self.regions), None)

    def operation(self) -> str | None:
        return self.fields.read("operation", lambda r, n: word(r, n, OPERATIONS, later.OPERATION), None)

    def connection(self) -> str | None:
        return self.fields.read("connection", lambda r, n: word(r, n, CONNECTIONS), None)

    def step(self) -> str | None:
        return self.fields.read("step", self._step, None)

    def _step(self, report: Report, node: YamlNode) -> str | None:
        if isinstance(node, YamlScalar) and node.text in self.step_names:
            return node.text
        text = node.text if isinstance(node, YamlScalar) else ""
        hint = did_you_mean(text, self.step_names) or (
            one_of(self.step_names) if self.step_names else "the timeline has no steps"
        )
        report.add(node.mark, f"unknown step {described(node)}", hint)
        return None


def _check_scopes(report: Report, fields: Fields, name: str, measure: Measure) -> None:
    for key, _ in fields.map.entries if fields.map else ():
        if key.text in EVERY_SCOPE and key.text not in measure.scopes:
            hint = one_of(measure.scopes) if measure.scopes else "it is one figure for the run"
            report.add(key.mark, f"`{name}` by `{key.text}` is not supported yet", hint)


def _bound(measure: Measure) -> Reader[float]:
    read: dict[str, Reader[int] | Reader[float]] = {
        "s": scalars.duration,
        "fraction": scalars.percentage,
        "count": scalars.count,
        "bytes": scalars.size,
    }

    def bound(report: Report, node: YamlNode) -> float | None:
        if isinstance(node, YamlScalar) and _RELATIVE.fullmatch(node.text):
            report.add(node.mark, f"a bound relative to a phase (`{node.text}`) is not supported yet")
            return None
        value = read[measure.unit](report, node)
        if value is None:
            return None
        return value / 1e9 if measure.unit == "s" else float(value)

    return bound


def _check_bounds(report: Report, fields: Fields, name: str, minimum: float | None, maximum: float | None) -> None:
    if not _text(fields, "min") and not _text(fields, "max"):
        report.add(fields.node.mark, f"the objective `{name}` needs a `min` or a `max`")
    elif minimum is not None and maximum is not None and minimum > maximum:
        report.add(find(fields.node, "min").mark, "`min` is above `max`")


def _text(fields: Fields, key: str) -> str:
    """Return the file's own words of a bound."""
    node = fields.map.get(key) if fields.map else None
    return node.text if isinstance(node, YamlScalar) else described(node) if node else ""
