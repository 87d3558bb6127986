"""INSTANT: a time since t0, or a range that it is drawn from, or since an event of the run or of a step."""

import re

from chaoskit.model.instant import END, RUN_EVENTS, START, Instant, Moment, since_t0
from chaoskit.scenario_file import scalars, values
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlNode, YamlScalar, described
from chaoskit.scenario_file.values import duration_text

STEP_EVENTS = (START, END, *RUN_EVENTS)
END_OF_RUN = Instant(offset_ns=0, after=Moment(event=END))
"""What `between` means by `end`."""
RANGE = ".."
_AFTER = re.compile(r"(?:(?P<step>[^\s.+]+)\.)?(?P<event>[a-z_]+)(?:\s*(?P<sign>[+-])\s*(?P<by>.*))?")


def instant(report: Report, node: YamlNode, names: tuple[str, ...], ground: Ground) -> Instant | None:
    """Read an INSTANT. ``names`` are those of the timeline's steps."""
    if not isinstance(node, YamlScalar) or not re.match("[A-Za-z_]", node.text):
        return _since_t0(report, node)
    match = _AFTER.fullmatch(node.text)
    step, event = (match["step"], match["event"]) if match else (None, node.text)
    known = RUN_EVENTS if step is None else STEP_EVENTS
    if match is None or event not in known:
        _refuse(report, node, event, step, names)
        return None
    if step is not None and step not in names:
        unknown_step(report, node, step, names)
        return None
    if event in RUN_EVENTS and ground.operator == "":
        report.add(node.mark, f"`{event}` never comes: nobody fails over", "a time such as 5s, or a runbook")
        return None
    offset_ns = 0 if match["by"] is None else _offset(report, node, match)
    return None if offset_ns is None else Instant(offset_ns=offset_ns, after=Moment(event=event, step=step))


def fixed_instant(report: Report, node: YamlNode, names: tuple[str, ...], ground: Ground) -> Instant | None:
    """Read an INSTANT that is the same in every trial."""
    found = instant(report, node, names, ground)
    if found is not None and found.latest_ns is not None:
        hint = "a time such as 5s, or a step's event"
        report.add(node.mark, f"`{instant_text(found)}` is drawn for each trial", hint)
        return None
    return found


def _since_t0(report: Report, node: YamlNode) -> Instant | None:
    if isinstance(node, YamlScalar) and RANGE in node.text:
        return _drawn(report, node)
    offset_ns = scalars.duration(report, node)
    return None if offset_ns is None else since_t0(offset_ns)


def _drawn(report: Report, node: YamlScalar) -> Instant | None:
    """Read ``DUR..DUR``; both ends are told where both are wrong."""
    first, _, second = node.text.partition(RANGE)
    ends: list[int] = []
    for offset, text in ((0, first), (len(first) + len(RANGE), second)):
        try:
            ends.append(values.duration_ns(text.strip()))
        except ValueError as error:
            report.add(node.within(offset), str(error))
    if len(ends) < 2:
        return None
    earliest_ns, latest_ns = ends
    if latest_ns <= earliest_ns:
        report.add(node.mark, f"`{node.text}` ends no later than it begins", "the earlier time first: 5s..8s")
        return None
    return Instant(offset_ns=earliest_ns, latest_ns=latest_ns)


def _refuse(report: Report, node: YamlScalar, event: str, step: str | None, names: tuple[str, ...]) -> None:
    if step is None and event in (START, END):
        of = names[0] if names else "STEP"
        report.add(node.mark, f"`{event}` of which step?", f"`{of}.{event}`")
        return
    hint = did_you_mean(event, STEP_EVENTS if step else RUN_EVENTS) or f"a time such as 5s, or {one_of(RUN_EVENTS)}"
    if event in names:
        hint = f"`{event}.start` or `{event}.end`"
    report.add(node.mark, f"unknown instant `{node.text}`", hint)


def _offset(report: Report, node: YamlScalar, match: re.Match[str]) -> int | None:
    try:
        offset_ns = values.duration_ns(match["by"])
    except ValueError as error:
        report.add(node.within(match.start("by")), str(error))
        return None
    return -offset_ns if match["sign"] == "-" else offset_ns


def unknown_step(report: Report, node: YamlNode, step: str, names: tuple[str, ...]) -> None:
    """Note that no step is called ``step``."""
    hint = did_you_mean(step, names) or (one_of(names) if names else "the timeline has no steps")
    shown = f"`{step}`" if isinstance(node, YamlScalar) else described(node)
    report.add(node.mark, f"unknown step {shown}", hint)


def instant_text(when: Instant) -> str:
    """Return the words that read back as ``when``."""
    if when.latest_ns is not None:
        return f"{duration_text(when.offset_ns)}{RANGE}{duration_text(when.latest_ns)}"
    if when.after is None:
        return duration_text(when.offset_ns)
    if not when.offset_ns:
        return str(when.after)
    return f"{when.after} {'-' if when.offset_ns < 0 else '+'} {duration_text(abs(when.offset_ns))}"
