"""``load.workload``: what users do, ours or the user's own."""

import re
from pathlib import Path

from chaoskit.model.scenario import Locustfile, Register, Workload
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.fields import Fields, choice, refuse_word, word
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlList, YamlMap, YamlNode, described

WORDS = ("register", "locustfile")
READ_FROM = {"same_region": True}
CLASS = r"[A-Za-z_][A-Za-z0-9_]*"
_CLASS = re.compile(CLASS)
DEFAULT_WORKLOAD = Register()


def read_workload(report: Report, node: YamlNode) -> Workload | None:
    """Read the CHOICE."""
    found = choice(report, node)
    if found is None:
        return None
    head, options = found
    body = options or YamlMap(entries=(), mark=head.mark)
    match head.text:
        case "register":
            return _register(report, body)
        case "locustfile":
            return _locustfile(report, body)
        case _:
            refuse_word(report, head, WORDS, later.WORKLOAD)
            return None


def _register(report: Report, node: YamlNode) -> Register:
    fields = Fields(report, node)
    keys = fields.read("keys", scalars.positive_count, DEFAULT_WORKLOAD.keys)
    write_share = fields.read("write_share", scalars.percentage, DEFAULT_WORKLOAD.write_share)
    read_after_ns = fields.optional("read_after", scalars.duration)
    fields.optional("read_from", lambda r, n: word(r, n, READ_FROM, later.READ_FROM))
    fields.close()
    return Register(keys=keys, write_share=write_share, read_after_ns=read_after_ns)


def _locustfile(report: Report, node: YamlNode) -> Locustfile | None:
    fields = Fields(report, node)
    path = fields.require("path", _path, None)
    classes = fields.read("classes", _classes, ())
    tags = fields.read("tags", lambda r, n: _texts(r, n, "tags"), ())
    fields.close()
    return None if path is None else Locustfile(path=path, classes=classes, tags=tags)


def _path(report: Report, node: YamlNode) -> str | None:
    """Read a path beside the scenario file, and make it absolute."""
    text = scalars.text(report, node)
    if text is None:
        return None
    if "\0" in text:
        report.add(node.mark, "a path holds no zero byte")
        return None
    path = (Path(report.file).parent / text).resolve()
    if report.here and not path.is_file():
        report.add(node.mark, f"there is no file `{text}`", f"looked for {path}")
        return None
    return str(path)


def _classes(report: Report, node: YamlNode) -> tuple[str, ...] | None:
    names = _texts(report, node, "classes")
    for name in names or ():
        if not _CLASS.fullmatch(name):
            report.add(node.mark, f"`{name}` is not the name of a Python class")
    return names


def _texts(report: Report, node: YamlNode, what: str) -> tuple[str, ...] | None:
    if not isinstance(node, YamlList):
        report.add(node.mark, f"expected a list of {what}, found {described(node)}")
        return None
    found: list[str] = []
    for item in node.items:
        text = scalars.text(report, item)
        if text in found:
            report.add(item.mark, f"`{text}` is listed twice")
        elif text is not None:
            found.append(text)
    return tuple(found)
