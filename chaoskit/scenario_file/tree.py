"""YAML text as a tree with positions: strict YAML 1.2, without anchors, aliases, merge keys and tags."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from chaoskit.scenario_file.problems import Mark, Report

DEEPEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlScalar:
    """A single value as its text. ``plain`` is false where it was quoted or written as a block."""

    text: str
    plain: bool
    mark: Mark

    def within(self, offset: int) -> Mark:
        """The position of the character at ``offset`` of the text (exact on one line)."""
        quote = 0 if self.plain else 1
        return replace(self.mark, column=self.mark.column + quote + offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlList:
    """A sequence."""

    items: tuple["YamlNode", ...]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlMap:
    """A mapping; keys are unique, in the order of the file."""

    entries: tuple[tuple[YamlScalar, "YamlNode"], ...]
    mark: Mark

    def get(self, key: str) -> "YamlNode | None":
        """Return the value under ``key``."""
        return next((value for name, value in self.entries if name.text == key), None)


YamlNode = YamlScalar | YamlList | YamlMap
Placed = Callable[[int, int], Mark]
"""The mark of a line and a column that both count from 0."""


def described(node: YamlNode) -> str:
    """Say what a node is, for messages: ``a map``, ``a list`` or its text in backquotes."""
    match node:
        case YamlMap():
            return "a map"
        case YamlList():
            return "a list"
        case YamlScalar(text=""):
            return "nothing"
        case YamlScalar():
            return f"`{node.text}`"


def find(node: YamlNode, *path: str) -> YamlNode:
    """Return the node at ``path``, or the last one on the way that exists: the nearest position for a message."""
    for key in path:
        below = node.get(key) if isinstance(node, YamlMap) else None
        if below is None:
            break
        node = below
    return node


def key_mark(node: YamlMap, key: str) -> Mark:
    """Return where ``key`` itself stands; where the map does if it has none."""
    return next((name.mark for name, _ in node.entries if name.text == key), node.mark)


def read_tree(report: Report, text: str) -> YamlMap | None:
    """Parse ``text``; None where it is no map or no YAML, with the reasons in ``report``."""
    root = _root(report, text, lambda line, column: Mark(line=line + 1, column=column + 1))
    if root is None or isinstance(root, YamlMap):
        return root
    if isinstance(root, YamlScalar) and root.plain and not root.text:
        report.add(Mark(line=1, column=1), "the file is empty", "begin with `chaoskit: 1`")
    else:
        report.add(root.mark, f"a scenario file is a map of keys, found {described(root)}", "begin with `chaoskit: 1`")
    return None


def read_value(report: Report, argument: str, start: int) -> YamlNode | None:
    """Parse what stands in a command line's ``argument`` from ``start`` on; None where it is no YAML."""
    return _root(report, argument[start:], lambda _, column: Mark(line=0, column=start + column + 1, argument=argument))


def _root(report: Report, text: str, placed: Placed) -> YamlNode | None:
    events = _events(report, text, placed)
    return None if events is None else _Builder(report, iter(events), placed).document()


def _events(report: Report, text: str, placed: Placed) -> list[Any] | None:
    try:
        return list(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        tab = "use spaces, not tabs" if "\\t" in (error.problem or "") else ""
        what = error.problem or error.context or "unreadable"
        report.add(placed(line, column), f"not valid YAML: {what}", tab or (error.context or ""))
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n"), error.position - (before.rfind("\n") + 1)
        report.add(placed(line, column), f"not valid YAML: {error.reason}")
    return None


class _Builder:
    """Builds the tree from parser events, noting what the language forbids."""

    def __init__(self, report: Report, events: Iterator[Any], placed: Placed) -> None:
        self.report = report
        self.events = events
        self.placed = placed
        self.told_depth = False

    def document(self) -> YamlNode:
        """Return the root of the only document; an empty scalar where there is none."""
        root: YamlNode = YamlScalar(text="", plain=True, mark=self.placed(0, 0))
        documents = 0
        for event in self.events:
            if isinstance(event, ev.DocumentStartEvent):
                documents += 1
                self._document_start(event, documents)
                if documents == 1:
                    root = self._node(next(self.events), 0)
        return root

    def _document_start(self, event: Any, documents: int) -> None:
        if documents > 1:
            self.report.add(self._mark(event), "a scenario file holds one document", "remove what follows `---`")
        if event.version not in {None, (1, 2)} or event.tags:
            self.report.add(self._mark(event), "YAML directives are not part of the scenario language")

    def _node(self, event: Any, depth: int) -> YamlNode:
        mark = self._mark(event)
        if isinstance(event, ev.AliasEvent):
            self.report.add(mark, f"aliases (`*{event.anchor}`) are not allowed", "repeat the value")
            return YamlScalar(text="", plain=True, mark=mark)
        self._forbidden(event, mark)
        if isinstance(event, ev.SequenceStartEvent):
            return YamlList(items=tuple(self._items(depth + 1)), mark=mark)
        if isinstance(event, ev.MappingStartEvent):
            return YamlMap(entries=tuple(self._entries(depth + 1)), mark=mark)
        return YamlScalar(text=event.value, plain=not event.style, mark=mark)

    def _forbidden(self, event: Any, mark: Mark) -> None:
        if event.anchor is not None:
            self.report.add(mark, f"anchors (`&{event.anchor}`) are not allowed", "repeat the value")
        if event.tag is not None:
            self.report.add(mark, f"tags (`{event.tag}`) are not allowed", "remove it")

    def _items(self, depth: int) -> Iterator[YamlNode]:
        for event in self.events:
            if isinstance(event, ev.SequenceEndEvent):
                return
            if self._too_deep(event, depth):
                continue
            yield self._node(event, depth)

    def _entries(self, depth: int) -> Iterator[tuple[YamlScalar, YamlNode]]:
        first: dict[str, int] = {}
        for event in self.events:
            if isinstance(event, ev.MappingEndEvent):
                return
            if self._too_deep(event, depth):
                continue
            key, value = self._node(event, depth), self._node(next(self.events), depth)
            if not isinstance(key, YamlScalar):
                self.report.add(key.mark, f"a key is a single word, found {described(key)}")
            elif key.text == "<<":
                self.report.add(key.mark, "merge keys (`<<`) are not allowed", "repeat the keys")
            elif key.text in first:
                self.report.add(key.mark, f"duplicate key `{key.text}`", f"first on line {first[key.text]}")
            else:
                first[key.text] = key.mark.line
                yield key, _placed(value, key.mark)

    def _too_deep(self, event: Any, depth: int) -> bool:
        """Drop what lies deeper than any scenario can, before the recursion here runs out of stack."""
        if depth <= DEEPEST:
            return False
        if not self.told_depth:
            self.report.add(self._mark(event), f"nested deeper than {DEEPEST} levels")
        self.told_depth = True
        level = int(isinstance(event, ev.CollectionStartEvent))
        while level:
            inner = next(self.events)
            level += isinstance(inner, ev.CollectionStartEvent) - isinstance(inner, ev.CollectionEndEvent)
        return True

    def _mark(self, event: Any) -> Mark:
        return self.placed(event.start_mark.line, event.start_mark.column)


def _placed(value: YamlNode, key_mark: Mark) -> YamlNode:
    """Put an absent value at its key: the parser puts it at whatever comes next."""
    absent = isinstance(value, YamlScalar) and value.plain and not value.text
    return replace(value, mark=key_mark) if absent else value
