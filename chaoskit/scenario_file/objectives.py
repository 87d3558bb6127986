"""``objectives``: bounds on measures, by name."""

from collections.abc import Iterable

from chaoskit.model.scenario import Objective, Phase
from chaoskit.scenario_file import measures, scalars
from chaoskit.scenario_file.bounds import bounds_text, read_bounds
from chaoskit.scenario_file.fields import Fields, word
from chaoskit.scenario_file.measures import MEASURES, Measure
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.scopes import read_scope
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described, find

EXPECT = {"missed": True}


def read_objectives(
    report: Report, node: YamlNode, ground: Ground, step_names: Iterable[str]
) -> tuple[Objective, ...] | None:
    """Read every objective; wrong ones are reported and left out."""
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of objectives, found {described(node)}")
        return None
    names = tuple(step_names)
    read = [_objective(report, key, value, ground, names) for key, value in node.entries]
    return tuple(objective for objective in read if objective is not None)


def _objective(
    report: Report, key: YamlScalar, node: YamlNode, ground: Ground, step_names: tuple[str, ...]
) -> Objective | None:
    before = report.count
    fields = Fields(report, node)
    named = _measure(report, key, fields)
    if named is None:
        return None
    name, measure = named
    scope = read_scope(fields, name, measure, step_names, ground)
    phase = scope.phase or Phase.ALWAYS
    own = None if scope.between else phase
    minimum, maximum = read_bounds(fields, key.text, measure, own)
    missed, because = _expect(report, fields)
    fields.close()
    if report.count > before:
        return None
    return Objective(
        name=key.text,
        measure=name,
        unit=measure.unit,
        minimum=minimum,
        maximum=maximum,
        expected_text=bounds_text(fields),
        region=scope.region,
        operation=scope.operation,
        connection=scope.connection,
        step=scope.step,
        phase=phase,
        between=scope.between,
        missed=missed,
        because=because,
        position=report.position(key.mark),
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


def _expect(report: Report, fields: Fields) -> tuple[bool, str]:
    """Read ``expect: missed`` and the reason that must stand beside it."""
    missed = fields.read("expect", lambda r, n: word(r, n, EXPECT), False)
    because = fields.read("because", scalars.text, "")
    given = [key for key in ("expect", "because") if fields.map is not None and fields.map.get(key) is not None]
    if given == ["expect"]:
        report.add(find(fields.node, "expect").mark, "`expect: missed` needs a reason", "add `because: …`")
    elif given == ["because"]:
        report.add(find(fields.node, "because").mark, "`because` explains `expect: missed`, which is not here")
    return missed, because
