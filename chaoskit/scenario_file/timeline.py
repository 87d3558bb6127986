"""``timeline``: named steps, each a fault with its beginning and its end, or an action with its beginning."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoskit.model.instant import END, Instant, since_t0
from chaoskit.model.scenario import Step
from chaoskit.model.schedule import Window, extremes, windows
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.chronology import check_order
from chaoskit.scenario_file.collisions import check_collisions
from chaoskit.scenario_file.faults import ACTIONS, FAULTS, DeedReader
from chaoskit.scenario_file.fields import Fields, choice, refuse_word
from chaoskit.scenario_file.instants import instant
from chaoskit.scenario_file.places import Ground
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described

KINDS = {"fault": FAULTS, "action": ACTIONS}
_LATER = {"fault": later.FAULT, "action": later.ACTION}
ENDS = ("for", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The steps by their beginning, those that wait for an event last. ``names``: also those that could not be read."""

    steps: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()


def read_timeline(report: Report, node: YamlNode, ground: Ground) -> Timeline | None:
    """Read every step; wrong ones are reported and left out."""
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of steps, found {described(node)}")
        return None
    names = tuple(key.text for key, _ in node.entries)
    read = [_Step(report, key, value, names, ground).read() for key, value in node.entries]
    steps = tuple(step for step in read if step is not None)
    before = report.count
    for settled in extremes(steps):
        check_order(report, node, settled, complete=len(steps) == len(names))
        check_collisions(report, node, _by_onset(settled), ground)
        if report.count > before:
            break
    return Timeline(steps=tuple(window.step for window in _by_onset(steps)), names=names)


def _by_onset(steps: Sequence[Step]) -> list[Window]:
    return sorted(windows(steps), key=lambda window: (window.at_ns is None, window.at_ns or 0))


class _Step:
    """One step while it is read."""

    def __init__(self, report: Report, key: YamlScalar, node: YamlNode, names: tuple[str, ...], ground: Ground) -> None:
        self.report, self.key, self.names, self.ground = report, key, names, ground
        self.fields = Fields(report, node, later=later.STEP)

    def read(self) -> Step | None:
        report, before = self.report, self.report.count
        scalars.name(report, self.key)
        kind = self._kind()
        if kind is None:
            return None
        reader = self._reader(kind)
        at = self.fields.require("at", self._instant, since_t0(0))
        if reader is None:
            return None
        for_ns, until = self._end() if kind == "fault" else self._no_end()
        deed = reader(self.fields, self.ground)
        self.fields.close()
        if deed is None or report.count > before:
            return None
        line, column = self.key.mark.line, self.key.mark.column
        return Step(name=self.key.text, at=at, deed=deed, for_ns=for_ns, until=until, line=line, column=column)

    def _kind(self) -> str | None:
        """Whether it is a fault or an action; one message says it all where it is neither, or another kind."""
        if self.fields.map is None:
            return None
        given = [key for key, _ in self.fields.map.entries if key.text in {*KINDS, *later.STEP_KIND}]
        unbuilt = next((key for key in given if key.text in later.STEP_KIND), None)
        if unbuilt is not None:
            self.report.add(unbuilt.mark, f"`{unbuilt.text}` is not supported yet", "`fault` or `action`")
        elif len(given) > 1:
            self.report.add(given[1].mark, "a step has exactly one of `fault` and `action`", "make two steps of it")
        elif not given:
            self.report.add(self.fields.node.mark, "missing `fault`", "or `action`")
        else:
            return given[0].text
        return None

    def _reader(self, kind: str) -> DeedReader | None:
        node = self.fields.get(kind)
        found = None if node is None else choice(self.report, node)
        if found is None:
            return None
        head, options = found
        if options is not None:
            self.report.add(options.mark, f"the keys of `{head.text}` stand beside `{kind}`, not below it")
        elif head.text not in KINDS[kind]:
            refuse_word(self.report, head, tuple(KINDS[kind]), _LATER[kind], kind=kind)
        else:
            return KINDS[kind][head.text]
        return None

    def _instant(self, report: Report, node: YamlNode) -> Instant | None:
        return instant(report, node, self.names, self.ground)

    def _end(self) -> tuple[int | None, Instant | None]:
        """Read ``for`` or ``until``; both None: the end of the run."""
        for_node, until_node = self.fields.get("for"), self.fields.get("until")
        if (for_node is None) == (until_node is None):
            self.report.add(self.fields.node.mark, "a fault needs exactly one of `for` and `until`")
        for_ns = None if for_node is None else scalars.positive_duration(self.report, for_node)
        if until_node is None or (isinstance(until_node, YamlScalar) and until_node.text == END):
            return for_ns, None
        return for_ns, self._instant(self.report, until_node)

    def _no_end(self) -> tuple[None, None]:
        given = self.fields.map.entries if self.fields.map else ()
        for key in (key.text for key, _ in given if key.text in ENDS):
            node = self.fields.get(key)  # so that it is not unknown as well
            if node is not None:
                self.report.add(node.mark, f"an action is not undone, so it takes no `{key}`", "remove it")
        return None, None
