"""Regions, places and links of a scenario file. So far a place is a region."""

import re
from dataclasses import dataclass

from chaoskit.model.fault import Link
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.fields import Fields
from chaoskit.scenario_file.problems import Mark, Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlList, YamlMap, YamlNode, YamlScalar, described

_ARROW = re.compile(r"<->|->")
_TERM = re.compile(r"[^+\s][^+]*?(?=\s*(?:\+|$))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """The names of the stack's regions. Not ``complete``: some were unreadable, so unknown ones are not reported."""

    names: tuple[str, ...]
    complete: bool = True


def read_regions(report: Report, node: YamlNode) -> Regions:
    """Read ``stack.regions``: a list of names, or a map of names to ``{nodes: 1}``."""
    before = report.count
    match node:
        case YamlList():
            names = scalars.names(report, node) or ()
            complete = len(names) >= len({item.text for item in node.items if isinstance(item, YamlScalar)})
        case YamlMap():
            names = tuple(name for key, value in node.entries if (name := _region_entry(report, key, value)))
            complete = len(names) == len(node.entries)
        case _:
            report.add(node.mark, f"expected a list of region names, found {described(node)}")
            names, complete = (), False
    if not names and report.count == before:
        report.add(node.mark, "a stack needs at least one region")
    return Regions(names=names, complete=complete and bool(names))


def _region_entry(report: Report, key: YamlScalar, value: YamlNode) -> str | None:
    fields = Fields(report, value, later=later.REGION)
    nodes = fields.read("nodes", scalars.positive_count, 1)
    if nodes > 1:
        report.add(key.mark, "more than one node in a region is not supported yet", "only nodes: 1")
    fields.close()
    return scalars.name(report, key)


def region(report: Report, node: YamlNode, regions: Regions) -> str | None:
    """Read a place that must be one region; ``us-east/1`` is its only node."""
    if not isinstance(node, YamlScalar) or not node.text:
        report.add(node.mark, f"expected a region, found {described(node)}")
        return None
    return _term(report, node.mark, node.text.removesuffix("/1"), regions)


def link(report: Report, node: YamlNode, regions: Regions) -> Link | None:
    """Read a LINK: ``A <-> B + C``, ``A -> rest``. Positions are those of the wrong word inside it."""
    arrow = _ARROW.search(node.text) if isinstance(node, YamlScalar) else None
    if not isinstance(node, YamlScalar) or arrow is None:
        report.add(node.mark, f"expected a link such as `us-east <-> rest`, found {described(node)}")
        return None
    before = report.count
    left = _side(report, node, 0, arrow.start(), regions)
    right = _side(report, node, arrow.end(), len(node.text), regions)
    if report.count > before or not regions.complete:
        return None
    if left == right == ("rest",):
        report.add(node.mark, "`rest` stands on one side of a link only")
        return None
    groups = _without_rest(left, right, regions), _without_rest(right, left, regions)
    shared = sorted(set(groups[0]) & set(groups[1]))
    if shared:
        report.add(node.mark, f"`{shared[0]}` stands on both sides of the link")
    elif not all(groups):
        report.add(node.mark, "no region is left for `rest`")
    else:
        return Link(left=groups[0], right=groups[1], both_ways=arrow.group() == "<->")
    return None


def _side(report: Report, node: YamlScalar, start: int, end: int, regions: Regions) -> tuple[str, ...]:
    terms: list[str] = []
    for match in _TERM.finditer(node.text[start:end]):
        mark = node.within(start + match.start())
        if match.group() == "rest":
            terms.append("rest")
        elif (name := _term(report, mark, match.group(), regions)) in terms:
            report.add(mark, f"`{name}` is listed twice")
        elif name is not None:
            terms.append(name)
    if not node.text[start:end].strip():
        report.add(node.mark, "a link needs a place on each side")
    if "rest" in terms and len(terms) > 1:
        report.add(node.mark, "`rest` is not joined with other places")
    return tuple(terms)


def _without_rest(side: tuple[str, ...], other: tuple[str, ...], regions: Regions) -> tuple[str, ...]:
    return tuple(name for name in regions.names if name not in other) if side == ("rest",) else side


def _term(report: Report, mark: Mark, text: str, regions: Regions) -> str | None:
    if text in regions.names:
        return text
    head = re.split(r"[./]", text, maxsplit=1)[0]
    if text in later.PLACE or (head != text and head in {*regions.names, *later.PLACE}):
        report.add(mark, f"the place `{text}` is not supported yet", "name a region")
    elif regions.complete:
        report.add(mark, f"unknown region `{text}`", did_you_mean(text, regions.names) or one_of(regions.names))
    return None
