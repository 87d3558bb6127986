from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaoskit import planning, scenario_file
from chaoskit.clock import MonotonicClock
from chaoskit.engine.events import EventLog
from chaoskit.engine.journal import Journal, lines
from chaoskit.engine.timeline import Due, Timeline
from chaoskit.errors import StackError
from chaoskit.model.event import Name
from chaoskit.protocols import Proof

SCENARIO = """\
chaoskit: 1
name: two-cuts
question: In which order?
stack:
  regions: [us-east, eu-west]
  network: {rtt: {default: 10ms}}
timeline:
  first: {at: 1s, for: 2s, fault: partition, link: us-east <-> eu-west}
  second: {at: 3s, for: 1s, fault: latency, link: us-east <-> eu-west, add: 5ms}
  last: {at: 4s, until: end, fault: partition, link: us-east <-> eu-west, mode: refuse}
duration: 10s
"""


class Hand:
    """An injector that writes down what it was asked for."""

    def __init__(self, step: str, told: list[str]) -> None:
        self.step, self.told = step, told
        self.unproved: StackError | None = None

    def strike(self) -> tuple[int, int]:
        self.told.append(f"strike {self.step}")
        return 10, 20

    def settle(self) -> Proof:
        if self.unproved is not None:
            raise self.unproved
        return Proof(ok=True, text="cut")

    def heal(self) -> tuple[int, int]:
        self.told.append(f"heal {self.step}")
        return 30, 40

    def settled(self) -> Proof:
        return Proof(ok=None, text="nobody answered")


class Stage:
    """A timeline whose injectors and disk can be looked at."""

    def __init__(self, room: Path) -> None:
        plan = planning.plan(scenario_file.parse(SCENARIO, "s"), seed=1, run="abc")
        self.told: list[str] = []
        self.hands = {step.name: Hand(step.name, self.told) for step in plan.steps}
        self.journaled = room / "journal.ndjson"
        clock = MonotonicClock()
        self.journal = Journal(self.journaled, run="abc", index=room / "index")
        self.events = EventLog(room / "events.ndjson", clock)
        self.timeline = Timeline(plan, self.hands, events=self.events, journal=self.journal, clock=clock)

    def details(self, name: Name) -> list[tuple[str | None, dict[str, object]]]:
        return [(event.step, dict(event.detail)) for event in self.events.seen if event.event is name]

    def close(self) -> None:
        self.timeline.close()
        self.journal.close()
        self.events.close()


def always(_at_ns: int, _due: Due | None) -> bool:
    return True


def until(step: str) -> Callable[[int, Due | None], bool]:
    """Interrupted when ``step`` would strike."""
    return lambda _at_ns, due: due is not None and due.step.name != step


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def test_a_heal_comes_before_a_strike_at_the_same_instant(stage: Stage) -> None:
    stage.timeline.run(0, always)
    assert stage.told == ["strike first", "heal first", "strike second", "heal second", "strike last"]


def test_every_instant_is_waited_for_since_t0(stage: Stage) -> None:
    waited: list[tuple[int, str]] = []

    def note(at_ns: int, due: Due | None) -> bool:
        assert due is not None
        waited.append((at_ns // 1_000_000_000, due.words))
        return True

    stage.timeline.run(100_000_000_000, note)
    words = ["first (partition)", "heal first", "second (latency)", "heal second", "last (partition)"]
    assert waited == list(zip([101, 103, 103, 104, 104], words, strict=True))


def test_an_interrupt_strikes_nothing_more(stage: Stage) -> None:
    stage.timeline.run(0, until("second"))
    assert stage.told == ["strike first", "heal first"]
    stage.timeline.close()
    assert stage.told == ["strike first", "heal first"]


def test_closing_heals_what_still_stands_once(stage: Stage) -> None:
    stage.timeline.run(0, always)
    assert [step.name for step in stage.timeline.standing()] == ["last"]
    stage.timeline.close()
    stage.timeline.close()
    assert stage.told.count("heal last") == 1
    assert stage.details(Name.END)[-1] == ("last", {"heal_first_ns": 30, "healed_ns": 40, "by": "interrupt"})


def test_a_fault_is_journaled_before_it_strikes(stage: Stage) -> None:
    journaled: list[str] = []
    hand = stage.hands["first"]
    strike = hand.strike

    def look_first() -> tuple[int, int]:
        journaled.extend(line["what"] for line in lines(stage.journaled))
        return strike()

    hand.strike = look_first  # type: ignore[method-assign]
    stage.timeline.run(0, until("second"))
    assert journaled == ["first: partition"]


def test_a_strike_that_fails_halfway_is_healed(stage: Stage) -> None:
    def half() -> tuple[int, int]:
        raise StackError("the WAN does not answer")

    stage.hands["first"].strike = half  # type: ignore[method-assign]
    with pytest.raises(StackError):
        stage.timeline.run(0, always)
    stage.timeline.close()
    assert stage.told == ["heal first"]


def test_an_onset_that_cannot_be_proved_is_told_as_not_proved(stage: Stage) -> None:
    stage.hands["first"].unproved = StackError("the canary still sings")
    stage.timeline.run(0, until("second"))
    stage.timeline.settle()
    proofs = {(step, detail["phase"]): detail["ok"] for step, detail in stage.details(Name.PROVED)}
    assert proofs == {("first", "onset"): False, ("first", "heal"): None}


def test_the_onset_is_told_with_its_first_and_last_link(stage: Stage) -> None:
    stage.timeline.run(0, until("second"))
    ((step, detail),) = stage.details(Name.START)
    assert (step, detail["onset_first_ns"], detail["onset_last_ns"]) == ("first", 10, 20)
    assert detail["text"] == "us-east <-> eu-west cut: bytes are held and delivered at the heal"
