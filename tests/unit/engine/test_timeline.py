from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Timer

import pytest

from chaoskit import planning, scenario_file
from chaoskit.engine.agenda import Due
from chaoskit.engine.events import EventLog
from chaoskit.engine.journal import Journal, lines
from chaoskit.engine.timeline import NODE_TIMEOUT_S, PROOF_TIMEOUT_S, Timeline
from chaoskit.errors import Skipped, StackError
from chaoskit.failover.none import NoFailoverManager
from chaoskit.faults.comeback import SOURCE_TIMEOUT_S
from chaoskit.faults.proof import HEAL_TIMEOUT_S, ONSET_TIMEOUT_S
from chaoskit.faults.region_loss import DRAIN_TIMEOUT_S
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Fault
from chaoskit.model.place import Situation
from chaoskit.model.plan import PlannedStep
from chaoskit.protocols import Proof
from chaoskit.runtimes.postgres.limits import START_TIMEOUT_S, TOOL_TIMEOUT_S

S = 1_000_000_000
STACK = """\
chaoskit: 1
name: steps
question: In which order?
stack:
  regions: [us-east, eu-west, ap-south]
  failover: {runbook: {failback: none}}
  network: {rtt: {default: 10ms}}
duration: 20s
"""
TWO_CUTS = """\
timeline:
  first: {at: 1s, for: 2s, fault: partition, link: us-east <-> eu-west}
  second: {at: 3s, for: 1s, fault: latency, link: us-east <-> eu-west, add: 5ms}
  last: {at: 4s, until: end, fault: partition, link: us-east <-> eu-west, mode: refuse}
"""


class Hand:
    """An injector that writes down what it was asked for."""

    nodes: tuple[str, ...] = ()
    excluded_regions: tuple[str, ...] = ()
    resolved = "us-east <-> eu-west"
    text = "cut"

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


class Pointer:
    """A clock whose hand moves only when somebody waits."""

    epoch_monotonic_ns = 0

    def __init__(self) -> None:
        self.ns = 0

    def now_ns(self) -> int:
        return self.ns

    def sleep(self, seconds: float) -> None:
        self.ns += round(seconds * S)

    def epoch_wall_ns(self) -> int:
        return 0


class Manager(NoFailoverManager):
    """Knows the primary, and writes down what it is asked to do."""

    def __init__(self, told: list[str]) -> None:
        super().__init__("us-east/1")
        self.told = told
        self.refusal: StackError | None = None

    def depose(self, new: str) -> None:
        self._primary = new

    def switchover(self, target: str) -> None:
        self.told.append(f"switchover to {target}")
        if self.refusal is not None:
            raise self.refusal


class Stage:
    """A timeline whose injectors, clock and disk can be looked at."""

    def __init__(self, room: Path, timeline: str) -> None:
        plan = planning.plan(scenario_file.parse(STACK + timeline, "s"), seed=1, run="abc")
        self.told: list[str] = []
        self.situations: dict[str, Situation] = {}
        self.hands = {step.name: Hand(step.name, self.told) for step in plan.steps}
        self.skipped: set[str] = set()
        self.unanswered: set[str] = set()
        self.journaled = room / "journal.ndjson"
        self.clock = Pointer()
        self.manager = Manager(self.told)
        self.journal = Journal(self.journaled, run="abc", index=room / "index")
        self.events = EventLog(room / "events.ndjson", self.clock)
        self.timeline = Timeline(
            plan, self.arm, self.manager, events=self.events, journal=self.journal, clock=self.clock
        )

    def arm(self, step: PlannedStep, _fault: Fault, now: Situation) -> Hand:
        if step.name in self.skipped:
            raise Skipped("it is taken")
        if step.name in self.unanswered:
            raise StackError("the engine does not answer")
        self.situations[step.name] = now
        return self.hands[step.name]

    def wait(self, at_ns: int, _due: Due | None) -> bool:
        self.clock.ns = max(self.clock.ns, at_ns)
        return True

    def until(self, step: str) -> Callable[[int, Due | None], bool]:
        """Interrupted when ``step`` would strike."""
        return lambda at_ns, due: (due is None or due.step.name != step) and self.wait(at_ns, due)

    def details(self, name: Name) -> list[tuple[str | None, dict[str, object]]]:
        return [(event.step, dict(event.detail)) for event in self.events.seen if event.event is name]

    def close(self) -> None:
        self.timeline.close()
        self.journal.close()
        self.events.close()


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Callable[[str], Stage]]:
    made: list[Stage] = []

    def stage(timeline: str) -> Stage:
        made.append(Stage(tmp_path, timeline))
        return made[-1]

    yield stage
    for one in made:
        one.close()


@pytest.fixture
def stage(staged: Callable[[str], Stage]) -> Stage:
    return staged(TWO_CUTS)


def test_a_heal_comes_before_a_strike_at_the_same_instant(stage: Stage) -> None:
    stage.timeline.run(0, stage.wait)
    assert stage.told == ["strike first", "heal first", "strike second", "heal second", "strike last"]


def test_every_instant_is_waited_for_since_t0_and_the_end_of_the_run_last(stage: Stage) -> None:
    waited: list[tuple[int, str]] = []

    def note(at_ns: int, due: Due | None) -> bool:
        waited.append((at_ns // S, "" if due is None else due.words))
        return stage.wait(at_ns, due)

    stage.timeline.run(100 * S, note)
    words = ["first (partition)", "heal first", "second (latency)", "heal second", "last (partition)", ""]
    assert waited == list(zip([101, 103, 103, 104, 104, 120], words, strict=True))


def test_an_interrupt_strikes_nothing_more(stage: Stage) -> None:
    stage.timeline.run(0, stage.until("second"))
    assert stage.told == ["strike first", "heal first"]
    stage.timeline.close()
    assert stage.told == ["strike first", "heal first"]


def test_closing_heals_what_still_stands_once(stage: Stage) -> None:
    stage.timeline.run(0, stage.wait)
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
    stage.timeline.run(0, stage.until("second"))
    assert journaled == ["first: partition"]


def test_a_strike_that_fails_halfway_is_healed(stage: Stage) -> None:
    def half() -> tuple[int, int]:
        raise StackError("the WAN does not answer")

    stage.hands["first"].strike = half  # type: ignore[method-assign]
    with pytest.raises(StackError):
        stage.timeline.run(0, stage.wait)
    stage.timeline.close()
    assert stage.told == ["heal first"]


def test_a_heal_that_fails_is_tried_again_when_the_timeline_closes(stage: Stage) -> None:
    hand, heal = stage.hands["first"], stage.hands["first"].heal

    def deaf() -> tuple[int, int]:
        hand.heal = heal  # type: ignore[method-assign]
        raise StackError("the WAN does not answer")

    hand.heal = deaf  # type: ignore[method-assign]
    with pytest.raises(StackError):
        stage.timeline.run(0, stage.wait)
    assert [step.name for step in stage.timeline.standing()] == ["first"]
    stage.timeline.close()
    assert stage.told == ["strike first", "heal first"]


def test_a_heal_that_fails_as_nobody_expected_leaves_no_other_fault_standing(
    staged: Callable[[str], Stage],
) -> None:
    stage = staged(
        "timeline:\n"
        "  one: {at: 1s, until: end, fault: crash, target: primary}\n"
        "  two: {at: 2s, until: end, fault: crash, target: eu-west/1}\n"
    )
    stage.timeline.run(0, stage.wait)
    heal = stage.hands["one"].heal

    def gone() -> tuple[int, int]:
        raise ConnectionRefusedError("no such server")

    stage.hands["one"].heal = gone  # type: ignore[method-assign]
    stage.timeline.close()
    stage.hands["one"].heal = heal  # type: ignore[method-assign]
    assert stage.told == ["strike one", "strike two", "heal two"]
    assert "no such server" in str(stage.details(Name.BROKEN)[0][1]["why"])


def test_closing_waits_for_what_is_being_brought_back(stage: Stage) -> None:
    begun, over = Flag(), Flag()

    def settled() -> Proof:
        begun.set()
        over.wait(5)
        stage.told.append("first is back")
        return Proof(ok=True, text="")

    stage.hands["first"].settled = settled  # type: ignore[method-assign]
    stage.timeline.run(0, stage.until("second"))
    assert begun.wait(5)
    Timer(0.05, over.set).start()
    stage.timeline.close()
    assert stage.told[-1] == "first is back"


def test_a_proof_that_hangs_is_told_and_the_run_goes_on(stage: Stage) -> None:
    over = Flag()

    def settle() -> Proof:
        over.wait(5)
        return Proof(ok=True, text="")

    stage.hands["first"].settle = settle  # type: ignore[method-assign]
    stage.timeline._settle_s = 0.01
    stage.timeline.run(0, stage.until("second"))
    stage.timeline.settle()
    over.set()
    assert stage.details(Name.BROKEN)[0][1]["what"] == "a proof"


def test_whoever_waits_for_a_heal_waits_longer_than_a_comeback_may_take() -> None:
    assert NODE_TIMEOUT_S > SOURCE_TIMEOUT_S + TOOL_TIMEOUT_S + START_TIMEOUT_S
    assert PROOF_TIMEOUT_S > HEAL_TIMEOUT_S + ONSET_TIMEOUT_S + DRAIN_TIMEOUT_S


def test_an_onset_that_cannot_be_proved_is_told_as_not_proved(stage: Stage) -> None:
    stage.hands["first"].unproved = StackError("the canary still sings")
    stage.timeline.run(0, stage.until("second"))
    stage.timeline.settle()
    proofs = {(step, detail["phase"]): detail["ok"] for step, detail in stage.details(Name.PROVED)}
    assert proofs == {("first", "onset"): False, ("first", "heal"): None}


def test_the_onset_is_told_with_its_first_and_last_link_and_what_it_struck(stage: Stage) -> None:
    stage.timeline.run(0, stage.until("second"))
    ((step, detail),) = stage.details(Name.START)
    assert (step, detail["onset_first_ns"], detail["onset_last_ns"]) == ("first", 10, 20)
    assert (detail["target"], detail["resolved"], detail["text"]) == (
        "us-east <-> eu-west",
        "us-east <-> eu-west",
        "cut",
    )


def test_a_step_that_cannot_be_done_is_skipped_and_the_rest_goes_on(stage: Stage) -> None:
    stage.skipped.add("second")
    stage.timeline.run(0, stage.wait)
    assert stage.told == ["strike first", "heal first", "strike last"]
    assert stage.details(Name.SKIPPED) == [("second", {"why": "it is taken"})]


def test_a_step_whose_nodes_cannot_be_looked_at_is_skipped_and_the_rest_goes_on(stage: Stage) -> None:
    stage.unanswered.add("second")
    stage.timeline.run(0, stage.wait)
    assert stage.told == ["strike first", "heal first", "strike last"]
    ((step, detail),) = stage.details(Name.SKIPPED)
    assert (step, "the engine does not answer" in str(detail["why"])) == ("second", True)


def test_roles_are_those_of_the_onset(staged: Callable[[str], Stage]) -> None:
    stage = staged(
        "timeline:\n"
        "  gone: {at: 1s, until: end, fault: region_loss, target: primary}\n"
        "  dead: {at: 2s, for: 1s, fault: crash, target: primary}\n"
    )
    strike = stage.hands["gone"].strike

    def depose() -> tuple[int, int]:
        stage.manager.depose("eu-west/1")
        return strike()

    stage.hands["gone"].strike = depose  # type: ignore[method-assign]
    stage.timeline.run(0, stage.wait)
    assert stage.situations["gone"].primary == "us-east/1"
    assert stage.situations["dead"].primary == "eu-west/1"
    assert stage.situations["dead"].lost == {"us-east"}
    assert stage.situations["dead"].seed != stage.situations["gone"].seed, "each step draws for itself"


def test_news_while_waiting_brings_a_step_forward(staged: Callable[[str], Stage]) -> None:
    stage = staged("timeline:\n  later: {at: promoted + 2s, for: 1s, fault: crash, target: primary}\n")

    def wait(at_ns: int, due: Due | None) -> bool:
        if due is None and not stage.details(Name.PROMOTED):
            stage.clock.ns = 5 * S
            stage.events.emit(Event(t_ns=5 * S, event=Name.PROMOTED, node="eu-west/1"))
            return True
        return stage.wait(at_ns, due)

    stage.timeline.run(0, wait)
    assert stage.told == ["strike later", "heal later"]
    assert stage.clock.ns == 20 * S


def test_an_action_is_told_and_never_undone(staged: Callable[[str], Stage]) -> None:
    stage = staged("timeline:\n  there: {at: 1s, action: switchover, target: eu-west/1}\n")
    stage.timeline.run(0, stage.wait)
    stage.timeline.settle()
    stage.timeline.close()
    assert stage.told == ["switchover to eu-west/1"]
    assert stage.details(Name.ACTED) == [("there", {"ok": True, "why": ""})]
    assert not stage.details(Name.END)


def test_an_action_that_fails_says_why(staged: Callable[[str], Stage]) -> None:
    stage = staged("timeline:\n  there: {at: 1s, action: switchover, target: eu-west/1}\n")
    stage.manager.refusal = StackError("eu-west/1 lags")
    stage.timeline.run(0, stage.wait)
    stage.timeline.settle()
    ((_, acted),) = stage.details(Name.ACTED)
    assert acted["ok"] is False
    assert "eu-west/1 lags" in str(acted["why"])
    assert stage.details(Name.PROVED)[0][1]["ok"] is False


def test_the_target_is_told_in_the_words_of_the_file(staged: Callable[[str], Stage]) -> None:
    stage = staged("timeline:\n  dead: {at: 1s, for: 1s, fault: crash, target: primary + ap-south/1}\n")
    stage.timeline.run(0, stage.wait)
    assert stage.details(Name.START)[0][1]["target"] == "primary + ap-south/1"
