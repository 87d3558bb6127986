"""The order of a timeline's steps: whether every instant that refers to a step can come."""

from collections.abc import Iterator, Sequence

from chaoskit.model.instant import END, START, Instant
from chaoskit.model.scenario import Step
from chaoskit.model.schedule import Window, windows
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlMap, YamlNode, find
from chaoskit.scenario_file.values import duration_text

Point = tuple[str, str]
"""A step's start or end."""


def check_order(report: Report, timeline: YamlMap, steps: Sequence[Step], *, complete: bool) -> None:
    """Report references in a circle and to ends that never come, and instants before what they follow.

    Args:
        report: Where problems go.
        timeline: For positions.
        steps: Those that could be read.
        complete: Whether these are all.
    """
    circles = _report_circles(report, timeline, steps)
    by_name = {window.step.name: window for window in windows(steps)}
    for window in by_name.values():
        step = window.step
        for key, instant in (("at", step.at), ("until", step.until)):
            if instant is not None and step.name not in circles:
                _check_reference(report, find(timeline, step.name, key), instant, by_name, complete=complete)
        _check_times(report, timeline, window)


def _check_reference(
    report: Report, node: YamlNode, instant: Instant, by_name: dict[str, Window], *, complete: bool
) -> None:
    moment = instant.after
    if moment is None:
        return
    before = by_name.get(moment.step or "")
    if moment.event == END and before is not None and before.step.fault is None:
        report.add(node.mark, f"`{moment}` never comes: an action has no end", f"`{moment.step}.start`")
    elif moment.event == END and before is not None and before.open_ended:
        report.add(node.mark, f"`{moment}` never comes: `{moment.step}` lasts until the end of the run")
    elif instant.offset_ns < 0 and complete and _known_ns(instant, before) is None:
        report.add(node.mark, f"`{moment}` is known only when it comes, so nothing can be done before it")


def _known_ns(instant: Instant, before: Window | None) -> int | None:
    if before is None or instant.after is None or instant.after.event not in (START, END):
        return None
    return before.at_ns if instant.after.event == START else before.end_ns


def _check_times(report: Report, timeline: YamlMap, window: Window) -> None:
    step, at_ns, end_ns = window.step, window.at_ns, window.end_ns
    if at_ns is None:
        return
    if at_ns < 0:
        report.add(find(timeline, step.name, "at").mark, f"`{step.name}` would begin before t0")
    if step.until is not None and end_ns is not None and end_ns <= at_ns:
        report.add(
            find(timeline, step.name, "until").mark, f"`{step.name}` would end no later than {duration_text(at_ns)}"
            ", when it begins"
        )  # fmt: skip


def _report_circles(report: Report, timeline: YamlMap, steps: Sequence[Step]) -> set[str]:
    """Report each circle once; return the steps of all."""
    needs = {point: needed for step in steps for point, needed in _needs(step)}
    found: set[str] = set()
    for step in steps:
        for event, key in ((START, "at"), (END, "until")):
            circle = _circle((step.name, event), needs)
            if circle and found.isdisjoint(circle):
                report.add(find(timeline, step.name, key).mark, _told(circle))
                found.update(circle)
    return found


def _needs(step: Step) -> Iterator[tuple[Point, tuple[Point, ...]]]:
    """What must have come before the step can begin, and before it can end."""
    yield (step.name, START), _after(step.at)
    yield (step.name, END), ((step.name, START), *(_after(step.until) if step.until else ()))


def _after(instant: Instant) -> tuple[Point, ...]:
    moment = instant.after
    if moment is None or moment.step is None:
        return ()
    return ((moment.step, END if moment.event == END else START),)


def _circle(start: Point, needs: dict[Point, tuple[Point, ...]]) -> tuple[str, ...]:
    """The steps on a way from ``start`` back to itself, each once; empty: there is none."""
    ways: list[tuple[Point, ...]] = [(start,)]
    seen: set[Point] = set()
    while ways:
        way = ways.pop()
        for point in needs.get(way[-1], ()):
            if point == start:
                return tuple(dict.fromkeys(name for name, _ in way))
            if point not in seen:
                seen.add(point)
                ways.append((*way, point))
    return ()


def _told(circle: tuple[str, ...]) -> str:
    first, *others = circle
    if not others:
        return f"`{first}` waits for itself"
    return f"`{first}` waits for `{'`, which waits for `'.join([*others, first])}`"
