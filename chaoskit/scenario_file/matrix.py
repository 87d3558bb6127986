"""``matrix``: axes of named overlays. Every combination of one name of each axis is a variant of the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from chaoskit.scenario_file import scalars
from chaoskit.scenario_file.overlay import merged, removals
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlList, YamlMap, YamlNode, YamlScalar, described, key_mark

MATRIX, EXCLUDE = "matrix", "exclude"
FIXED = ("chaoskit", "name", MATRIX)
"""What is the same in all variants."""
MOST_COMBINATIONS = 256
EXAMPLE = "e.g. `replication: {async: {stack: {replication: async}}, sync: {stack: {replication: sync}}}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One of the scenarios that a file holds. ``name`` None: it has no ``matrix``, and holds this one alone."""

    name: str | None
    tree: YamlMap


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    name: str
    overlays: tuple[tuple[YamlScalar, YamlMap], ...]


_Combination = tuple[tuple[YamlScalar, YamlMap], ...]
"""A name and its overlay for each axis, in the order of the axes."""


def variants(report: Report, root: YamlMap) -> tuple[Variant, ...]:
    """Take a file apart: the merged tree of every combination, in the file's order, without ``matrix``.

    What is wrong with ``matrix`` is reported; none are returned where it cannot be said what they would be.
    """
    matrix = root.get(MATRIX)
    if matrix is None:
        return (Variant(name=None, tree=root),)
    axes = _axes(report, matrix)
    if not axes:
        return ()
    rest = replace(root, entries=tuple(entry for entry in root.entries if entry[0].text != MATRIX))
    chosen = _left(report, matrix, axes)
    _check_names(report, chosen)
    removed: dict[YamlScalar, bool] = {}
    found = tuple(Variant(name=_name(one), tree=_merged(rest, one, removed)) for one in chosen)
    _check_removals(report, removed)
    return found


def _name(combination: _Combination) -> str:
    return "-".join(name.text for name, _ in combination)


def _axes(report: Report, matrix: YamlNode) -> tuple[_Axis, ...]:
    """The axes; none where one of them cannot be read, or there are too many combinations."""
    if not isinstance(matrix, YamlMap):
        report.add(matrix.mark, f"expected a map of axes, found {described(matrix)}", EXAMPLE)
        return ()
    axes = [_axis(report, key, node) for key, node in matrix.entries if key.text != EXCLUDE]
    read = tuple(axis for axis in axes if axis is not None)
    if not axes:
        report.add(matrix.mark, f"`{MATRIX}` has no axis", EXAMPLE)
    count = prod(len(axis.overlays) for axis in read)
    if count > MOST_COMBINATIONS:
        mark = matrix.entries[0][0].mark
        report.add(mark, f"{count} combinations are too many", f"at most {MOST_COMBINATIONS}, excluded ones counted")
    return read if len(read) == len(axes) and count <= MOST_COMBINATIONS else ()


def _axis(report: Report, key: YamlScalar, node: YamlNode) -> _Axis | None:
    scalars.name(report, key)
    if not isinstance(node, YamlMap) or not node.entries:
        found = "nothing" if isinstance(node, YamlMap) else described(node)
        report.add(node.mark, f"the axis `{key.text}` is a map of names to overlays, found {found}", EXAMPLE)
        return None
    return _Axis(name=key.text, overlays=tuple((name, _overlay(report, name, below)) for name, below in node.entries))


def _overlay(report: Report, name: YamlScalar, node: YamlNode) -> YamlMap:
    """The overlay without what no variant may change."""
    scalars.name(report, name)
    if not isinstance(node, YamlMap):
        what = f"the overlay `{name.text}` is a map of what it changes, found {described(node)}"
        report.add(node.mark, what, f"`{name.text}: {{}}` changes nothing")
        return YamlMap(entries=(), mark=node.mark)
    for key, _ in node.entries:
        if key.text in FIXED:
            report.add(key.mark, f"an overlay cannot change `{key.text}`", "it is the same in all variants: remove it")
    return replace(node, entries=tuple(entry for entry in node.entries if entry[0].text not in FIXED))


def _left(report: Report, matrix: YamlNode, axes: Sequence[_Axis]) -> tuple[_Combination, ...]:
    """Every combination that ``exclude`` leaves."""
    left = [*product(*(axis.overlays for axis in axes))]
    node = matrix.get(EXCLUDE) if isinstance(matrix, YamlMap) else None
    if not isinstance(matrix, YamlMap) or node is None:
        return tuple(left)
    for entry, wanted in _excluded(report, node, axes):
        kept = [one for one in left if not _matches(one, wanted, axes)]
        if len(kept) == len(left):
            report.add(entry.mark, "nothing is excluded by this", "what is before it excludes the same: remove it")
        left = kept
    if not left:
        report.add(key_mark(matrix, EXCLUDE), "every combination is excluded", "leave one at least")
    return tuple(left)


def _excluded(report: Report, node: YamlNode, axes: Sequence[_Axis]) -> Iterator[tuple[YamlMap, Mapping[str, str]]]:
    """Entries without mistakes, and what each says of which axis."""
    if not isinstance(node, YamlList):
        hint = "`exclude` is no name of an axis: `exclude: [{AXIS: NAME}]`"
        report.add(node.mark, f"expected a list of what is left out, found {described(node)}", hint)
        return
    names = {axis.name: [name.text for name, _ in axis.overlays] for axis in axes}
    for item in node.items:
        before = report.count
        if not isinstance(item, YamlMap) or not item.entries:
            found = "an empty one" if isinstance(item, YamlMap) else described(item)
            report.add(item.mark, f"expected a map of axes to names, found {found}", one_of(names))
            continue
        for key, value in item.entries:
            _check_known(report, key, "axis", names)
            if key.text in names:
                _check_known(report, value, f"name on the axis `{key.text}`", names[key.text])
        if report.count == before:
            yield item, {key.text: value.text for key, value in item.entries if isinstance(value, YamlScalar)}


def _check_known(report: Report, node: YamlNode, what: str, known: Mapping[str, object] | Sequence[str]) -> None:
    if not isinstance(node, YamlScalar):
        report.add(node.mark, f"expected a {what}, found {described(node)}", one_of(known))
    elif node.text not in known:
        report.add(node.mark, f"unknown {what}: `{node.text}`", did_you_mean(node.text, known) or one_of(known))


def _matches(combination: _Combination, wanted: Mapping[str, str], axes: Sequence[_Axis]) -> bool:
    return all(wanted.get(axis.name, name.text) == name.text for axis, (name, _) in zip(axes, combination, strict=True))


def _merged(tree: YamlMap, combination: _Combination, removed: dict[YamlScalar, bool]) -> YamlMap:
    """The file under one overlay after the other; ``removed`` learns of each ``null`` whether it ever found its key."""
    for _, overlay in combination:
        for key, there in removals(tree, overlay):
            removed[key] = removed.get(key, False) or there
        tree = merged(tree, overlay)
    return tree


def _check_removals(report: Report, removed: Mapping[YamlScalar, bool]) -> None:
    """A ``null`` that removes nothing in any variant is a key that is misspelt."""
    for key, there in removed.items():
        if not there:
            report.add(key.mark, f"`{key.text}` is not there to be removed", "remove it, or name what the file has")


def _check_names(report: Report, chosen: Sequence[_Combination]) -> None:
    """Names are joined by what stands inside names, too: ``a-b`` and ``c``, ``a`` and ``b-c``."""
    first: dict[str, _Combination] = {}
    for one in chosen:
        other = first.setdefault(_name(one), one)
        if other is not one:
            mark = next(name.mark for (name, _), (taken, _) in zip(one, other, strict=True) if name is not taken)
            ways = " and ".join(" + ".join(f"`{name.text}`" for name, _ in way) for way in (other, one))
            report.add(mark, f"two variants would be called `{_name(one)}`: {ways}", "rename one of these")
