"""``stack.network``: the round trip of every pair of regions."""

from collections.abc import Iterable, Mapping
from itertools import combinations, product

from chaoskit.model.place import Place, RoleWord
from chaoskit.scenario_file import later, places, scalars
from chaoskit.scenario_file.fields import Fields
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.regions import Regions
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described

Rtt = Mapping[tuple[str, str], int]


def no_network(regions: Regions) -> Rtt:
    """Return zero for every pair: the default."""
    return _filled({}, regions, 0)


def read_network(report: Report, node: YamlNode, regions: Regions) -> Rtt | None:
    """Return round trips in ns by region pair, in both orders; every pair is there."""
    fields = Fields(report, node, later=later.NETWORK)
    rtt = fields.read("rtt", lambda report, node: _rtt(report, node, regions), no_network(regions))
    fields.close()
    return rtt


def _rtt(report: Report, node: YamlNode, regions: Regions) -> Rtt | None:
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of links to durations, found {described(node)}")
        return None
    before = report.count
    default: int | None = None
    given: dict[tuple[str, str], int] = {}
    for key, value in node.entries:
        if key.text == "default":
            default = scalars.duration(report, value)
            continue
        rtt_ns = scalars.duration(report, value)
        for a, b in _pairs(report, key, regions):
            if (a, b) in given:
                report.add(key.mark, f"the rtt of `{a} <-> {b}` is given twice")
            given[a, b] = given[b, a] = rtt_ns or 0
    if report.count > before or not regions.complete:
        return None
    _report_missing(report, node, given, default, regions)
    return _filled(given, regions, default or 0)


def _pairs(report: Report, key: YamlScalar, regions: Regions) -> Iterable[tuple[str, str]]:
    joined = places.link(report, key, Ground(regions=regions), places.named_regions)
    if joined is None:
        return ()
    if not joined.both_ways:
        report.add(key.mark, "an rtt is a round trip, its link is written with `<->`")
    left, right = _names(joined.left, joined.right, regions), _names(joined.right, joined.left, regions)
    if not left or not right:
        report.add(key.mark, "no region is left for `rest`")
    if shared := sorted(set(left) & set(right)):
        report.add(key.mark, f"`{shared[0]}` stands on both sides of the link")
        return ()
    return product(left, right)


def _names(side: Place, other: Place, regions: Regions) -> tuple[str, ...]:
    if side[0].role is not RoleWord.REST:
        return tuple(term.word for term in side)
    taken = {term.word for term in other}
    return tuple(name for name in regions.names if name not in taken)


def _report_missing(report: Report, node: YamlMap, given: Rtt, default: int | None, regions: Regions) -> None:
    if default is not None:
        return
    for a, b in combinations(regions.names, 2):
        if (a, b) not in given:
            report.add(node.mark, f"no rtt for `{a} <-> {b}`", "add it, or a `default`")


def _filled(given: Rtt, regions: Regions, default_ns: int) -> Rtt:
    filled: dict[tuple[str, str], int] = {}
    for a, b in combinations(regions.names, 2):
        filled[a, b] = filled[b, a] = given.get((a, b), default_ns)
    return filled
