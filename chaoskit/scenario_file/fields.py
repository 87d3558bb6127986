"""Reading the keys of one map, so that each is either understood, refused by name, or reported as unknown."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described

T = TypeVar("T")
U = TypeVar("U")
Reader = Callable[[Report, YamlNode], T | None]
"""Turns a node into a value, or notes why it cannot and returns None."""


class Fields:
    """The keys of one map. Read them all, then ``close``.

    Args:
        report: Where problems go.
        node: The map; anything else is a problem and reads as an empty map.
        later: Keys of the language that are not built yet.
    """

    def __init__(self, report: Report, node: YamlNode, *, later: frozenset[str] = frozenset()) -> None:
        self.report = report
        self.node = node
        self.later = later
        self.known: list[str] = []
        self.map = node if isinstance(node, YamlMap) else None
        if self.map is None:
            report.add(node.mark, f"expected a map of keys, found {described(node)}")

    def get(self, key: str) -> YamlNode | None:
        """Return the node under ``key``."""
        self.known.append(key)
        return self.map.get(key) if self.map else None

    def read(self, key: str, reader: Reader[T], default: U) -> T | U:
        """Return what ``reader`` makes of ``key``; ``default`` where it is absent, or wrong and so reported."""
        value = self.optional(key, reader)
        return default if value is None else value

    def optional(self, key: str, reader: Reader[T]) -> T | None:
        """Return what ``reader`` makes of ``key``; None where it is absent, or wrong and so reported."""
        node = self.get(key)
        return None if node is None else reader(self.report, node)

    def require(self, key: str, reader: Reader[T], stand_in: U) -> T | U:
        """Like ``read``, but an absent key is a problem. ``stand_in`` lets the reading go on."""
        if self.map is not None and self.map.get(key) is None:
            self.report.add(self.node.mark, f"missing `{key}`")
        return self.read(key, reader, stand_in)

    def close(self, *, extensions: bool = False) -> None:
        """Report every key that was not asked for; ``x-…`` keys are left alone where ``extensions``."""
        for key, _ in self.map.entries if self.map else ():
            if key.text in self.known or (extensions and key.text.startswith("x-")):
                continue
            if key.text in self.later:
                self.report.add(key.mark, f"`{key.text}` is not supported yet")
            else:
                hint = did_you_mean(key.text, [*self.known, *self.later]) or one_of(self.known)
                self.report.add(key.mark, f"unknown key `{key.text}`", hint)


def word(report: Report, node: YamlNode, known: Mapping[str, T], later: frozenset[str] = frozenset()) -> T | None:
    """Return what a word without options stands for; one that is not built yet, or is none at all, is a problem."""
    found = choice(report, node)
    if found is None:
        return None
    head, options = found
    if head.text not in known:
        refuse_word(report, head, tuple(known), later)
    elif options is not None:
        report.add(options.mark, f"`{head.text}` takes no options")
    else:
        return known[head.text]
    return None


def refuse_word(
    report: Report, head: YamlScalar, known: tuple[str, ...], later: frozenset[str], kind: str = "word"
) -> None:
    """Note that a word is either not supported yet or unknown."""
    if head.text in later:
        report.add(head.mark, f"`{head.text}` is not supported yet", one_of(known))
    else:
        hint = did_you_mean(head.text, [*known, *later]) or one_of(known)
        report.add(head.mark, f"unknown {kind} `{head.text}`", hint)


def choice(report: Report, node: YamlNode) -> tuple[YamlScalar, YamlNode | None] | None:
    """Read a CHOICE: a word, or a map of that one word to its options (None where there are none)."""
    match node:
        case YamlScalar() if node.text:
            return node, None
        case YamlMap(entries=((key, options),)):
            return key, options
        case _:
            report.add(node.mark, f"expected a word, or a map of one word to its options, found {described(node)}")
            return None
