"""The bounds of an objective: in its measure's unit, or as a multiple of another phase's value."""

import re

from chaoskit.model.scenario import Phase, Relative
from chaoskit.scenario_file import scalars, values
from chaoskit.scenario_file.fields import Fields, Reader
from chaoskit.scenario_file.measures import Measure
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlNode, YamlScalar, described, find

PHASES = {str(phase): phase for phase in Phase}
_RELATIVE = re.compile(r"[0-9.]+x(\s.*)?")
Bound = float | Relative


def read_bounds(fields: Fields, name: str, measure: Measure, own: Phase | None) -> tuple[Bound | None, Bound | None]:
    """Read ``min`` and ``max`` of the objective called ``name``; ``own`` is the phase that it is about."""
    minimum, maximum = (_bound(fields, key, measure, own) for key in ("min", "max"))
    if not bounds_text(fields):
        fields.report.add(fields.node.mark, f"the objective `{name}` needs a `min` or a `max`")
    elif isinstance(minimum, float) and isinstance(maximum, float) and minimum > maximum:
        fields.report.add(find(fields.node, "min").mark, "`min` is above `max`")
    return minimum, maximum


def bounds_text(fields: Fields) -> str:
    """Return the file's own words: ``min 1s, max 1.5x before``; empty: there is no bound."""
    given = {key: fields.map.get(key) if fields.map else None for key in ("min", "max")}
    return ", ".join(f"{key} {_shown(node)}" for key, node in given.items() if node is not None)


def _shown(node: YamlNode) -> str:
    return node.text if isinstance(node, YamlScalar) else described(node)


def _bound(fields: Fields, key: str, measure: Measure, own: Phase | None) -> Bound | None:
    report, node = fields.report, fields.get(key)
    if node is None:
        return None
    if not isinstance(node, YamlScalar) or not _RELATIVE.fullmatch(node.text):
        return _in_unit(measure, report, node)
    if measure.phased:
        return _relative(report, node, own)
    report.add(node.mark, "this measure has no phases to be compared with", "a value in its own unit")
    return None


def _in_unit(measure: Measure, report: Report, node: YamlNode) -> float | None:
    units: dict[str, Reader[int] | Reader[float]] = {
        "s": scalars.duration,
        "fraction": scalars.percentage,
        "count": scalars.count,
        "bytes": scalars.size,
    }
    value = units[measure.unit](report, node)
    if value is None:
        return None
    return value / 1e9 if measure.unit == "s" else float(value)


def _relative(report: Report, node: YamlScalar, own: Phase | None) -> Relative | None:
    try:
        factor, word = values.relative(node.text)
    except ValueError as error:
        report.add(node.mark, str(error))
        return None
    if factor <= 0:
        report.add(node.mark, f"`{node.text}` must be more than zero")
    elif word not in PHASES:
        report.add(node.mark, f"unknown phase `{word}`", did_you_mean(word, PHASES) or one_of(PHASES))
    elif PHASES[word] is own:
        report.add(node.mark, f"`{node.text}` compares `{word}` with itself", "give the objective another `phase`")
    else:
        return Relative(factor=factor, phase=PHASES[word])
    return None
