"""Readers of single values: the text of ``values`` with the position of the node."""

import re
from collections.abc import Callable
from typing import TypeVar

from chaoskit.scenario_file import values
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlList, YamlNode, YamlScalar, described

T = TypeVar("T")
# What YAML 1.2's core schema reads as null, a boolean or a number.
_NOT_TEXT = re.compile(
    r"null|Null|NULL|~|true|false|True|False|TRUE|FALSE|[-+]?[0-9][0-9_.eE+-]*|[-+]?\.(inf|nan)", re.IGNORECASE
)


def _converted(report: Report, node: YamlNode, convert: Callable[[str], T], expected: str) -> T | None:
    if not isinstance(node, YamlScalar) or not node.text:
        report.add(node.mark, f"expected {expected}, found {described(node)}")
        return None
    try:
        return convert(node.text)
    except ValueError as error:
        report.add(node.mark, str(error))
        return None


def duration(report: Report, node: YamlNode) -> int | None:
    """A DUR in ns."""
    return _converted(report, node, values.duration_ns, "a duration such as 80ms")


def positive_duration(report: Report, node: YamlNode) -> int | None:
    """A DUR above zero, in ns."""
    return _positive(report, node, duration(report, node))


def percentage(report: Report, node: YamlNode) -> float | None:
    """A PCT as a fraction."""
    return _converted(report, node, values.fraction, "a percentage such as 99.9%")


def positive_percentage(report: Report, node: YamlNode) -> float | None:
    """A PCT above zero as a fraction."""
    return _positive(report, node, percentage(report, node))


def positive_bandwidth(report: Report, node: YamlNode) -> float | None:
    """A BW above zero, in bytes per second."""
    return _positive(report, node, _converted(report, node, values.bytes_per_s, "a bandwidth such as 2MiB/s"))


def signed_duration(report: Report, node: YamlNode) -> int | None:
    """A ±DUR in ns."""
    return _converted(report, node, values.signed_duration_ns, "a duration such as +5s or -80ms")


def positive_rate(report: Report, node: YamlNode) -> float | None:
    """A RATE above zero, per second."""
    return _positive(report, node, _converted(report, node, values.rate_hz, "a rate such as 20/s"))


def size(report: Report, node: YamlNode) -> int | None:
    """A SIZE in bytes."""
    return _converted(report, node, values.size_bytes, "a size such as 5MB")


def count(report: Report, node: YamlNode) -> int | None:
    """A whole number, written bare."""
    return None if _quoted(report, node) else _converted(report, node, values.count, "a count")


def _quoted(report: Report, node: YamlNode) -> bool:
    if not isinstance(node, YamlScalar) or node.plain or not node.text:
        return False
    report.add(node.mark, f'"{node.text}" is quoted text, expected a number', "remove the quotes")
    return True


def positive_count(report: Report, node: YamlNode) -> int | None:
    """A whole number above zero."""
    return _positive(report, node, count(report, node))


def factor(report: Report, node: YamlNode) -> float | None:
    """A bare number above zero."""
    if _quoted(report, node):
        return None
    return _positive(report, node, _converted(report, node, values.factor, "a factor such as 2.5"))


def name(report: Report, node: YamlNode) -> str | None:
    """A NAME."""
    return _converted(report, node, values.name, "a name")


def text(report: Report, node: YamlNode) -> str | None:
    """Text for people: anything but an empty string or what YAML reads as a number, a boolean or null."""
    if not isinstance(node, YamlScalar) or not node.text.strip():
        report.add(node.mark, f"expected text, found {described(node)}")
        return None
    if node.plain and _NOT_TEXT.fullmatch(node.text):
        report.add(node.mark, f"expected text, found the plain value `{node.text}`", "put it in quotes")
        return None
    return node.text


def names(report: Report, node: YamlNode) -> tuple[str, ...] | None:
    """A list of names, each once."""
    if not isinstance(node, YamlList):
        report.add(node.mark, f"expected a list of names, found {described(node)}")
        return None
    found: list[str] = []
    for item in node.items:
        read = name(report, item)
        if read in found:
            report.add(item.mark, f"`{read}` is listed twice")
        elif read is not None:
            found.append(read)
    return tuple(found)


N = TypeVar("N", int, float)


def _positive(report: Report, node: YamlNode, value: N | None) -> N | None:
    if value is not None and value <= 0:
        report.add(node.mark, f"{described(node)} must be more than zero")
        return None
    return value
