"""The stack's regions and their nodes, and the keys that name some of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.model.topology import Node
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.fields import Fields
from chaoskit.scenario_file.problems import Mark, Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlList, YamlMap, YamlNode, YamlScalar, described

MOST_NODES = 100
"""In one region: more than any machine carries, and few enough to be counted here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """How many nodes each of the stack's regions has, in the order of the file.

    Not ``complete``: some were unreadable, so unknown ones are not reported.
    """

    counts: Mapping[str, int]
    complete: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The regions."""
        return tuple(self.counts)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node, in the order of the regions."""
        return tuple(Node(region=name, number=1 + n) for name, count in self.counts.items() for n in range(count))


NO_REGIONS = Regions(counts={}, complete=False)


def read_regions(report: Report, node: YamlNode) -> Regions:
    """Read ``stack.regions``: a list of names, or a map of names to ``{nodes: n}``."""
    before = report.count
    counts: dict[str, int] = {}
    match node:
        case YamlList():
            counts = dict.fromkeys(scalars.names(report, node) or (), 1)
            complete = len(counts) >= len({item.text for item in node.items if isinstance(item, YamlScalar)})
        case YamlMap():
            read = [_entry(report, key, value) for key, value in node.entries]
            counts = dict(entry for entry in read if entry is not None)
            complete = len(counts) == len(node.entries)
        case _:
            report.add(node.mark, f"expected a list of region names, found {described(node)}")
            complete = False
    if not counts and report.count == before:
        report.add(node.mark, "a stack needs at least one region")
    return Regions(counts=counts, complete=complete and bool(counts))


def _entry(report: Report, key: YamlScalar, value: YamlNode) -> tuple[str, int] | None:
    before = report.count
    fields = Fields(report, value, later=later.REGION)
    nodes = fields.read("nodes", _nodes, 1)
    fields.close()
    name = scalars.name(report, key)
    return None if name is None or report.count > before else (name, nodes)


def _nodes(report: Report, node: YamlNode) -> int | None:
    nodes = scalars.positive_count(report, node)
    if nodes is not None and nodes > MOST_NODES:
        report.add(node.mark, f"{nodes} nodes in one region", f"at most {MOST_NODES}")
        return None
    return nodes


def region(report: Report, node: YamlNode, regions: Regions) -> str | None:
    """Read the name of a region."""
    text = _name(report, node, "a region")
    if text is None or text in regions.names:
        return text
    if text.partition("/")[0] in regions.names:
        report.add(node.mark, f"expected a region, found the node `{text}`", f"`{text.partition('/')[0]}`")
    else:
        unknown(report, node.mark, text, regions)
    return None


def region_or_node(report: Report, node: YamlNode, regions: Regions) -> str | None:
    """Read the name of a region or of a node."""
    text = _name(report, node, "a region or a node")
    return text if text is not None and is_known(report, node.mark, text, regions) else None


def regions_or_nodes(report: Report, node: YamlNode, regions: Regions) -> tuple[str, ...] | None:
    """Read a list of them, each once."""
    if not isinstance(node, YamlList):
        report.add(node.mark, f"expected a list of regions or nodes, found {described(node)}")
        return None
    found: list[str] = []
    for item in node.items:
        name = region_or_node(report, item, regions)
        if name in found:
            report.add(item.mark, f"`{name}` is listed twice")
        elif name is not None:
            found.append(name)
    return tuple(found)


def is_known(report: Report, mark: Mark, text: str, regions: Regions) -> bool:
    """Whether ``text`` names a region or a node; if not, ``report`` says why."""
    if text in regions.names or text in {node.name for node in regions.nodes}:
        return True
    head, slash, rest = text.partition("/")
    if not slash or head not in regions.names:
        unknown(report, mark, text, regions)
    elif rest.isdecimal():
        count = regions.counts[head]
        report.add(mark, f"there is no `{text}`", f"`{head}` has {'one node' if count == 1 else f'{count} nodes'}")
    else:
        report.add(mark, f"the zone in `{text}` is not supported yet", "name a region or a node: `us-east/1`")
    return False


def unknown(report: Report, mark: Mark, text: str, regions: Regions) -> None:
    """Note that ``text`` is no region of the stack."""
    if regions.complete:
        report.add(mark, f"unknown region `{text}`", did_you_mean(text, regions.names) or one_of(regions.names))


def _name(report: Report, node: YamlNode, expected: str) -> str | None:
    if isinstance(node, YamlScalar) and node.text:
        return node.text
    report.add(node.mark, f"expected {expected}, found {described(node)}")
    return None
