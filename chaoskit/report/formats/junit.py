"""Runs as JUnit XML: a test suite per scenario, a test case per objective and trial.

A missed objective is a ``failure``, with its position in the scenario file. An inconclusive one is an ``error``: JUnit
has no third truth, and what nobody may conclude anything from must not look green. So is a run that could not be made.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from chaoskit.model.verdict import Verdict
from chaoskit.report.figures import printable
from chaoskit.report.formats.summary import Results
from chaoskit.report.formats.unrun import Unrun
from chaoskit.report.objectives import ObjectiveRow, objective_rows
from chaoskit.report.reading import Row, number, text
from chaoskit.report.words import scenario, verdict_of

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Results, unrun: Sequence[Unrun] = ()) -> str:
    """Return the document."""
    root = Element("testsuites", name="chaoskit")
    names = dict.fromkeys((*map(scenario, results), *(one.scenario for one in unrun)))
    for name in names:
        own = [result for result in results if scenario(result) == name]
        _suite(root, name, own, [one for one in unrun if one.scenario == name])
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str, results: Results, unrun: Sequence[Unrun]) -> None:
    suite = SubElement(root, "testsuite", name=_text(name))
    if results:
        suite.set("timestamp", _text(text(results[0], "started_at"))[:19])
    for result in results:
        _cases(suite, name, result)
    for one in unrun:
        case = SubElement(suite, "testcase", classname=_text(name), name=f"run [trial {one.trial}]", time="0")
        SubElement(case, "skipped" if one.skipped else "error", message=_text(one.why), type="not run")
    for count, word in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(case.find(word) is not None for case in suite)))
    suite.set("tests", str(len(suite)))
    suite.set("time", f"{sum(number(result, 'duration_s') or 0.0 for result in results):.3f}")


def _cases(suite: Element, name: str, result: Row) -> None:
    """One per objective; the time of the run stands at the first, since they share it."""
    trial, rows = f" [trial {number(result, 'trial') or 1:.0f}]", objective_rows(result)
    time = f"{number(result, 'duration_s') or 0.0:.3f}"
    for row in rows:
        case = SubElement(suite, "testcase", classname=_text(name), name=_text(row.name + trial), time=time)
        time = "0"
        _judge(case, row, result)
    if not rows:
        case = SubElement(suite, "testcase", classname=_text(name), name=f"verdict{trial}", time=time)
        verdict, reason = verdict_of(result), _text(text(result, "reason"))
        if verdict is not Verdict.PASS:
            SubElement(case, "error", message=reason, type=verdict.value)


def _judge(case: Element, row: ObjectiveRow, result: Row) -> None:
    if row.verdict is Verdict.PASS:
        return
    told = f"{row.name} in {row.where}: observed {row.observed}, {row.expected}"
    head = f"{row.position}: {told}" if row.position else told
    word = "failure" if row.verdict is Verdict.FAIL else "error"
    found = SubElement(case, word, message=_text(head), type=row.verdict.value)
    found.text = _text("\n".join(line for line in (head, row.more, f"run: {text(result, 'run_dir')}") if line))


def _text(words: str) -> str:
    """Without what XML has no way to write."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", printable(words))
