"""Overlays of a scenario file, merged into its tree before anything is checked: ``PATH=VALUE`` of the command line.

A JSON Merge Patch (RFC 7396: maps merge, null deletes, the rest replaces), except that a CHOICE of another word
replaces the whole choice. Only the tree is changed: what is wrong with the result is found as in any file, and what
came from the command line keeps its position there.
"""

import re
from collections.abc import Iterator, Sequence

from chaoskit.scenario_file.problems import Mark, Report
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, find, read_value

CHOICES = frozenset(
    [
        ("stack", "replication"),
        ("stack", "failover"),
        ("stack", "routing", "via"),
        ("stack", "routing", "writes"),
        ("stack", "routing", "reads"),
        ("load", "workload"),
    ]
)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_KEY = re.compile(r'"(?P<quoted>[^"]*)"|(?P<plain>[^."]+)')
Path = tuple[str, ...]
Placed = tuple[str, int]
"""A key of a path, and its offset in the argument."""


def overlaid(report: Report, root: YamlMap, sets: Sequence[str]) -> YamlMap:
    """Return the tree under every ``PATH=VALUE``, applied in order; wrong ones are reported and left out."""
    for argument in sets:
        patch = _read(report, root, argument)
        if patch is not None:
            root = merged(root, patch)
    return root


def _read(report: Report, root: YamlMap, argument: str) -> YamlMap | None:
    path, equals, _ = argument.partition("=")
    keys = _split(path)
    if not equals or keys is None:
        mark = Mark(line=0, column=1, argument=argument or '""')
        report.add(mark, "expected PATH=VALUE", 'e.g. stack.replication=async; a key with a dot in it is "quoted"')
        return None
    before = report.count
    value = read_value(report, argument, len(path) + 1)
    if value is None or report.count > before:
        return None
    return _patch(root, keys, value, argument)


def _split(path: str) -> list[Placed] | None:
    """The keys of a dotted path; None where it is none."""
    keys: list[Placed] = []
    position = 0
    while match := _KEY.match(path, position):
        keys.append((match["quoted"] if match["plain"] is None else match["plain"].strip(), match.start()))
        if match.end() == len(path):
            return keys if all(key for key, _ in keys) else None
        if path[match.end()] != ".":
            return None
        position = match.end() + 1
    return None


def _patch(target: YamlNode, keys: Sequence[Placed], value: YamlNode, argument: str) -> YamlMap:
    """A map of a map … of ``value``. Keys of the file that have dots in them need no quotes."""
    joined = next((n for n in range(len(keys), 1, -1) if _joined(target, keys[:n])), 1)
    name, offset = ".".join(key for key, _ in keys[:joined]), keys[0][1]
    mark = Mark(line=0, column=offset + 1, argument=argument)
    below = find(target, name) if _has(target, name) else value
    rest = _patch(below, keys[joined:], value, argument) if keys[joined:] else value
    return YamlMap(entries=((YamlScalar(text=name, plain=True, mark=mark), rest),), mark=mark)


def _joined(target: YamlNode, keys: Sequence[Placed]) -> bool:
    return _has(target, ".".join(key for key, _ in keys))


def _has(target: YamlNode, key: str) -> bool:
    return isinstance(target, YamlMap) and target.get(key) is not None


def merged(target: YamlNode | None, patch: YamlMap, path: Path = ()) -> YamlMap:
    """Return ``target`` under ``patch``, which stands at ``path`` of the file."""
    if not isinstance(target, YamlMap) or (path in CHOICES and _words(target) != _words(patch)):
        target = YamlMap(entries=(), mark=patch.mark)
    changes = {key.text: (key, value) for key, value in patch.entries}
    entries: list[tuple[YamlScalar, YamlNode]] = []
    for key, value in target.entries:
        _, change = changes.pop(key.text, (key, None))
        if change is None:
            entries.append((key, value))
        elif not _is_null(change):
            entries.append((key, _under(value, change, (*path, key.text))))
    for key, value in changes.values():
        if not _is_null(value):
            entries.append((key, _under(None, value, (*path, key.text))))
    return YamlMap(entries=tuple(entries), mark=target.mark)


def removals(target: YamlNode | None, patch: YamlMap, path: Path = ()) -> Iterator[tuple[YamlScalar, bool]]:
    """Every key that ``merged`` removes, and whether it is there."""
    there = target if isinstance(target, YamlMap) else None
    replaced = there is not None and path in CHOICES and _words(there) != _words(patch)
    for key, value in patch.entries:
        below = None if there is None else there.get(key.text)
        if _is_null(value):
            yield key, below is not None or replaced  # what is replaced as a whole needs no removal, and may have one
        elif isinstance(value, YamlMap):
            yield from removals(below, value, (*path, key.text))


def _under(target: YamlNode | None, patch: YamlNode, path: Path) -> YamlNode:
    return merged(target, patch, path) if isinstance(patch, YamlMap) else patch


def _words(node: YamlMap) -> Path:
    return tuple(key.text for key, _ in node.entries)


def _is_null(node: YamlNode) -> bool:
    return isinstance(node, YamlScalar) and node.plain and node.text in _NULL
