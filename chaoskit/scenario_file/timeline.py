"""``timeline``: named steps, each a fault with its beginning and its end."""

import re
from dataclasses import dataclass

from chaoskit.model.fault import RegionLoss
from chaoskit.model.scenario import Step
from chaoskit.scenario_file import later, scalars, values
from chaoskit.scenario_file.faults import READERS, FaultReader
from chaoskit.scenario_file.fields import Fields, choice, refuse_word
from chaoskit.scenario_file.places import Regions
from chaoskit.scenario_file.problems import Mark, Report, did_you_mean
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described

END = "end"
_EVENT = re.compile(r"(?P<head>[a-z_][a-z0-9_-]*)(\.(?P<event>[a-z_]+))?(\s*[+±-].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The steps in the order of their beginning. ``names`` holds those too that could not be read."""

    steps: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()


def read_timeline(report: Report, node: YamlNode, regions: Regions) -> Timeline | None:
    """Read every step; wrong ones are reported and left out."""
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of steps, found {described(node)}")
        return None
    read = [_step(report, key, value, regions) for key, value in node.entries]
    steps = tuple(sorted((step for step in read if step is not None), key=lambda step: step.at_ns))
    _check_losses(report, steps, regions)
    return Timeline(steps=steps, names=tuple(key.text for key, _ in node.entries))


def _step(report: Report, key: YamlScalar, node: YamlNode, regions: Regions) -> Step | None:
    before = report.count
    scalars.name(report, key)
    fields = Fields(report, node, later=later.STEP)
    if fields.map is None:
        return None
    kind = next((name for name, _ in fields.map.entries if name.text in later.STEP_KIND), None)
    if kind is not None:
        # Another kind of step, whose other keys mean something else: one message says it all.
        report.add(kind.mark, f"`{kind.text}` is not supported yet", "only `fault`")
        return None
    reader = _fault_reader(report, fields)
    at_ns = fields.require("at", _instant, 0)
    if reader is None:
        return None
    for_ns = _end(report, fields)
    fault = reader(fields, regions)
    fields.close()
    if fault is None or report.count > before:
        return None
    return Step(name=key.text, at_ns=at_ns, for_ns=for_ns, fault=fault, line=key.mark.line, column=key.mark.column)


def _fault_reader(report: Report, fields: Fields) -> FaultReader | None:
    node = fields.get("fault")
    if node is None:
        report.add(fields.node.mark, "missing `fault`")
        return None
    found = choice(report, node)
    if found is None:
        return None
    head, options = found
    if options is not None:
        report.add(options.mark, f"the keys of `{head.text}` stand beside `fault`, not below it")
        return None
    if head.text not in READERS:
        refuse_word(report, head, tuple(READERS), later.FAULT, kind="fault")
        return None
    return READERS[head.text]


def _instant(report: Report, node: YamlNode) -> int | None:
    """Read ``at``: so far a duration since t0."""
    if isinstance(node, YamlScalar):
        event = _EVENT.fullmatch(node.text)
        if ".." in node.text and not event:
            report.add(node.mark, f"a drawn instant `{node.text}` is not supported yet", "a duration such as 5s")
            return None
        if event:
            _refuse_event(report, node, event["event"] or event["head"])
            return None
    return scalars.duration(report, node)


def _refuse_event(report: Report, node: YamlScalar, event: str) -> None:
    if event in later.EVENT:
        report.add(node.mark, f"the instant `{node.text}` is not supported yet", "a duration such as 5s")
    else:
        report.add(node.mark, f"unknown instant `{node.text}`", did_you_mean(event, later.EVENT) or "a duration: 5s")


def _end(report: Report, fields: Fields) -> int | None:
    """Read ``for`` or ``until: end`` and return the length in ns, None for the end of the run."""
    for_node, until_node = fields.get("for"), fields.get("until")
    if (for_node is None) == (until_node is None):
        report.add(fields.node.mark, "a fault needs exactly one of `for` and `until`")
    fault = fields.map.get("fault") if fields.map else None
    if for_node is not None and isinstance(fault, YamlScalar) and fault.text == RegionLoss.word:
        report.add(
            for_node.mark,
            "`for` of a `region_loss` is not supported yet: a region that comes back into service",
            "write `until: end`",
        )
        return None
    if until_node is not None:
        _until_end(report, until_node)
    return scalars.positive_duration(report, for_node) if for_node is not None else None


def _until_end(report: Report, node: YamlNode) -> None:
    if isinstance(node, YamlScalar) and node.text == END:
        return
    try:
        values.duration_ns(node.text if isinstance(node, YamlScalar) else "")
    except ValueError:
        report.add(node.mark, f"expected `end`, found {described(node)}")
    else:
        report.add(node.mark, "`until` with a duration is not supported yet", "use `for`, or `until: end`")


def _check_losses(report: Report, steps: tuple[Step, ...], regions: Regions) -> None:
    lost: list[str] = []
    for step in steps:
        if not isinstance(step.fault, RegionLoss):
            continue
        mark = Mark(line=step.line, column=step.column)
        if step.fault.region in lost:
            report.add(mark, f"the region `{step.fault.region}` is already lost before `{step.name}`")
            continue
        lost.append(step.fault.region)
        if len(lost) == len(regions.names):
            report.add(mark, f"after `{step.name}` no region is left")
