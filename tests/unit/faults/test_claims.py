"""One process belongs to one fault at a time, and nobody exits behind a cut."""

import pytest

from chaoskit.errors import Skipped
from chaoskit.faults.claims import Claims
from chaoskit.model.fault import Crash, Freeze, Link, Mode, Partition, RegionLoss
from chaoskit.model.place import places

LINK = Link(left=places("us"), right=places("eu"))


def test_a_second_step_on_a_node_is_refused_and_told_who_has_it():
    claims = Claims()
    claims.take("first", ["us/1"])
    with pytest.raises(Skipped, match=r"second cannot have us/1\n  why: first has it") as refused:
        claims.take("second", ["eu/1", "us/1"])
    claims.take("third", ["eu/1"])
    claims.release("first")
    claims.take("second", ["us/1"])
    assert "begin later" in refused.value.fix


@pytest.mark.parametrize("second", [Crash(target=places("us/1")), Freeze(target=places("us/1", "eu/1"))])
def test_two_faults_on_one_node_are_refused_until_the_first_has_brought_it_back(world, second):
    loss = world.injector(RegionLoss(target=places("us")), "loss")
    loss.strike()
    loss.settle()
    with pytest.raises(Skipped):
        world.injector(second, "second")
    loss.heal()
    with pytest.raises(Skipped):
        world.injector(second, "second")
    loss.settled()
    world.injector(second, "second")


def test_a_node_that_does_not_run_cannot_crash(world):
    world.dead.add("us/1")
    with pytest.raises(Skipped, match="it does not run"):
        world.injector(Crash(target=places("primary")))


def test_roles_are_those_of_the_situation(world):
    world.primary = "eu/1"
    assert world.injector(Crash(target=places("primary"))).resolved == "eu/1"
    world.ground.claims.release("step")
    assert world.injector(RegionLoss(target=places("primary", "ap")), "loss").resolved == "eu + ap"


def test_a_crash_kills_at_once_where_nobody_is_cut_off(world):
    crash = world.injector(Crash(target=places("us/1")))
    crash.strike()
    assert world.did == ["intend crash us/1", "kill us/1"]


def test_a_crash_behind_a_cut_is_a_freeze_until_the_last_cut_heals(world):
    world.injector(Partition(link=LINK), "one").strike()
    other = world.injector(Partition(link=LINK, mode=Mode.DROP), "two")
    other.strike()
    crash = world.injector(Crash(target=places("us/1")), "crash")
    crash.strike()
    proof = crash.settle()
    assert (proof.ok, "frozen, to be killed as its cut heals" in proof.text) == (True, True)
    world.did.clear()
    other.heal()
    assert world.did == ["reopen two"]
    world.injector(Partition(link=LINK), "one").heal()
    assert world.did == ["reopen two", "kill us/1", "reopen one"]
    crash.heal()
    assert crash.settled().ok is True
    assert world.did[3:] == ["restart us/1"]


def test_a_crash_that_heals_behind_a_cut_says_what_was_heard(world):
    cut, crash = world.injector(Partition(link=LINK), "cut"), world.injector(Crash(target=places("us/1")), "crash")
    cut.strike()
    crash.strike()
    crash.heal()
    proof = crash.settled()
    assert (proof.ok, "the end of us/1 was heard through the cut of cut" in proof.text) == (True, True)
    world.did.clear()
    cut.heal()
    assert world.did == ["reopen cut"], "it is not doomed any more"


def test_a_refusal_has_closed_everything_so_a_crash_behind_it_is_a_crash(world):
    world.injector(Partition(link=LINK, mode=Mode.REFUSE), "cut").strike()
    world.injector(Crash(target=places("us/1")), "crash").strike()
    assert world.did[-1] == "kill us/1"
