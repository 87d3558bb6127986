"""Ctrl-C and SIGTERM: what struck is healed, what was seen is reported, nothing is left."""

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

pytestmark = [pytest.mark.stack, pytest.mark.slow]

INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class Story:
    """A run that was interrupted."""

    code: int
    said: str
    result: dict[str, Any]
    files: set[str]
    events: list[dict[str, Any]]
    journal: list[dict[str, Any]]
    footprint: Any
    unfinished: list[object]


def interrupted(chaoskit: Any, session: Any, *signals: signal.Signals) -> Story:
    """Send the signals, each when the one before was understood, and see how it ends."""
    footprint = session.footprint()
    session.signal(signals[0])
    for number in signals[1:]:
        session.await_words("interrupted: healing")
        session.signal(number)
    code, out = session.finish()
    assert json.loads(out) == session.result()
    return Story(
        code=code,
        said=session.said(),
        result=session.result(),
        files={path.name for path in session.directory.iterdir()},
        events=session.events(),
        journal=session.journal(),
        footprint=footprint,
        unfinished=list(chaoskit.index.iterdir()),
    )


@pytest.fixture(scope="module", params=["SIGINT", "SIGINT SIGINT", "SIGTERM"])
def during_the_fault(request: pytest.FixtureRequest, command_lines: Callable[[], Any]) -> Story:
    chaoskit = command_lines()
    session = chaoskit.start("--json")
    session.await_frozen("us-east")
    return interrupted(chaoskit, session, *(signal.Signals[word] for word in request.param.split()))


def test_an_interrupted_run_exits_130_and_leaves_nothing(during_the_fault: Story) -> None:
    assert during_the_fault.code == INTERRUPTED
    assert during_the_fault.footprint.remains() == []
    assert during_the_fault.unfinished == []


def test_an_interrupt_heals_what_struck(during_the_fault: Story) -> None:
    (end,) = (event for event in during_the_fault.events if event["event"] == "end")
    assert (end["step"], end["detail"]["by"]) == ("lose-us-east", "interrupt")
    healed = [line["kind"] for line in during_the_fault.journal if line["kind"] in ("healed", "closed")]
    assert healed == ["healed", "closed"]


def test_an_interrupted_run_reports_what_it_has_and_is_inconclusive(during_the_fault: Story) -> None:
    result = during_the_fault.result
    assert result["verdict"] == "inconclusive"
    assert any("interrupted" in doubt for doubt in result["instrument"]["doubts"])
    assert [fault["step"] for fault in result["faults"]] == ["lose-us-east"]
    assert result["rpo"]["acknowledged"] > 0
    assert during_the_fault.files >= {"report.html", "history.parquet", "final.parquet", "audit.json"}


def test_a_region_lost_until_an_interrupt_is_still_audited(during_the_fault: Story) -> None:
    read = {(e["node"], e["detail"]["audit"]): e["detail"] for e in during_the_fault.events if e["event"] == "audited"}
    assert read["eu-west/1", "final"]["answered"]


def test_a_second_interrupt_is_answered_while_healing_goes_on(command_lines: Callable[[], Any]) -> None:
    chaoskit = command_lines()
    session = chaoskit.start("--json")
    session.await_words("waiting for a steady state")
    story = interrupted(chaoskit, session, signal.SIGINT, signal.SIGTERM)
    assert "still healing" in story.said
    assert story.code == INTERRUPTED
    assert story.footprint.remains() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["starting", "waiting for a steady state"])
def test_an_interrupt_before_the_steady_state_leaves_nothing(
    command_lines: Callable[[], Any], moment: str, number: signal.Signals
) -> None:
    chaoskit = command_lines()
    session = chaoskit.start("--json")
    session.await_words(f"\n{moment}")
    session.await_journal("directory")
    story = interrupted(chaoskit, session, number)
    assert story.code == INTERRUPTED
    assert story.footprint.remains() == []
    assert story.unfinished == []
    assert story.result["verdict"] == "inconclusive"
    assert "report.html" in story.files
    assert not [event for event in story.events if event["event"] == "start"]
