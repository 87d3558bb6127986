"""What several readings of a node come to, and what a witness keeps of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaoskit.clock import MonotonicClock
from chaoskit.engine import witness as module
from chaoskit.engine.events import EventLog
from chaoskit.engine.reading import BEFORE, NodeReading, united
from chaoskit.engine.witness import NodeWitness
from chaoskit.errors import StackError


def reading(*values: str, node: str = "us/1", lsn: str = "0/1") -> NodeReading:
    rows = tuple((f"k{value}", "1", value, "0") for value in values)
    return NodeReading(audit=BEFORE, node=node, answered=True, in_recovery=False, timeline=1, lsn=lsn, rows=rows)


SILENT = NodeReading(audit=BEFORE, node="us/1", answered=False, why="no answer")


def values(one: NodeReading) -> set[str | None]:
    return {row[2] for row in one.rows}


def test_what_a_node_held_at_any_time_is_kept_once() -> None:
    one, other = united([reading("a", "b"), reading("x", node="eu/1"), reading("b", "c", lsn="0/9")])
    assert sorted(map(str, values(one))) == ["a", "b", "c"]
    assert (len(one.rows), one.lsn, values(other)) == (3, "0/9", {"x"})


@pytest.mark.parametrize("order", [(reading("a"), SILENT), (SILENT, reading("a"))])
def test_a_silence_takes_nothing_away_from_an_answer_and_is_still_told(order: tuple[NodeReading, ...]) -> None:
    (one,) = united(order)
    assert (one.answered, values(one), one.lsn, one.why) == (True, {"a"}, "0/1", "no answer")


class Disk:
    """A node that is started alone, and what was done with it; ``broken``: it does not start."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.broken = False

    def restart(self, node: str, *, isolated: bool) -> None:
        assert isolated
        self.did.append(f"restart {node}")
        if self.broken:
            raise StackError("it does not start")

    def stop(self, node: str) -> None:
        self.did.append(f"stop {node}")

    def kill(self, node: str) -> None:
        self.did.append(f"kill {node}")

    def running(self, node: str) -> bool:
        return False


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[NodeReading]:
    """What the next looks will say."""
    said: list[NodeReading] = []
    monkeypatch.setattr(module, "read", lambda *_args, **_words: said.pop(0))
    return said


@pytest.fixture
def witness(disk: Disk, tmp_path: Path, answers: list[NodeReading]) -> Iterator[NodeWitness]:
    clock = MonotonicClock()
    events = EventLog(tmp_path / "events.ndjson", clock)
    yield NodeWitness(disk, query="", events=events, clock=clock)  # type: ignore[arg-type]
    events.close()


def test_every_deposal_leaves_its_own_evidence(witness: NodeWitness, answers: list[NodeReading], disk: Disk) -> None:
    answers += [reading("a"), SILENT]
    witness.evidence("us/1")
    with pytest.raises(StackError, match="cannot be read"):
        witness.evidence("us/1")
    assert [one.answered for one in witness.seen()] == [True, False]
    assert disk.did == ["restart us/1", "stop us/1"] * 2


def test_a_node_that_does_not_start_is_stopped_and_told_as_silent(witness: NodeWitness, disk: Disk) -> None:
    disk.broken = True
    with pytest.raises(StackError, match="cannot be read"):
        witness.evidence("us/1")
    assert [(one.answered, one.why) for one in witness.seen()] == [(False, "it does not start")]
    assert disk.did[-1] == "stop us/1"


@pytest.fixture
def caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every replica has replayed what there is."""
    monkeypatch.setattr(module, "await_replay", lambda *_args, **_words: None)


@pytest.mark.usefixtures("caught_up")
def test_a_commit_that_still_waits_for_its_confirmations_is_no_difference(
    witness: NodeWitness, answers: list[NodeReading]
) -> None:
    before, while_it_waits, afterwards = reading("a"), reading("a"), reading("a", "b")
    answers += [before, reading("a", "b", node="eu/1"), while_it_waits, while_it_waits, afterwards]
    assert witness.differs("eu/1", "us/1") is None
    assert answers == []


@pytest.mark.usefixtures("caught_up")
def test_what_the_primary_never_shows_is_a_difference(
    witness: NodeWitness, answers: list[NodeReading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PENDING_S", 0.0)
    answers += [reading("a"), reading("a", "x", node="eu/1"), reading("a", "b")]
    assert witness.differs("eu/1", "us/1") == "eu/1 holds 1 rows that us/1 does not have"


@pytest.mark.usefixtures("caught_up")
def test_what_a_replica_lacks_is_a_difference(witness: NodeWitness, answers: list[NodeReading]) -> None:
    answers += [reading("a", "b"), reading("a", node="eu/1"), reading("a", "b")]
    assert witness.differs("eu/1", "us/1") == "eu/1 lacks 1 rows of us/1"
