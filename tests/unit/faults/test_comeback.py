"""What a heal brings back, in which order, and how."""

import pytest

from chaoskit.errors import StackError
from chaoskit.model.event import Name
from chaoskit.model.fault import Clients, Crash, Data, Freeze, RegionLoss
from chaoskit.model.place import places

LOSS = RegionLoss(target=places("us"))
AP_LOSS = RegionLoss(target=places("ap"))
DESTROYED = RegionLoss(target=places("ap"), data=Data.DESTROYED)


def lost(world, fault, step="loss"):
    """The injector, once it has settled; what came before the heal is forgotten."""
    injector = world.injector(fault, step)
    injector.strike()
    assert injector.settle().ok is True
    world.did.clear()
    return injector


def test_a_region_is_cut_then_drained_then_frozen(world):
    loss = world.injector(LOSS, "loss")
    loss.strike()
    loss.settle()
    assert world.did == [
        "cut loss drop", "lose us", "intend freeze us/1", "freeze us/1 all", "intend freeze us/2", "freeze us/2 all",
    ]  # fmt: skip
    assert (list(loss.nodes), list(loss.excluded_regions)) == (["us/1", "us/2"], ["us"])


def test_a_region_is_killed_then_opened_then_its_clients_return_whether_or_not_its_servers_are_back_yet(world):
    loss = lost(world, RegionLoss(target=places("us", "eu")))
    world.primary = "us/2"
    loss.heal()
    assert loss.settled().ok is True
    assert world.did == [
        "kill us/1", "kill us/2", "kill eu/1", "reopen loss", "restore us", "restore eu",
        "restart us/2", "restart us/1", "restart eu/1",
    ]  # fmt: skip
    assert world.names() == [Name.CLIENTS_BACK] * 2 + [Name.RESTARTED] * 3


def test_a_second_heal_and_one_before_the_strike_kill_nobody(world):
    loss = world.injector(LOSS, "never")
    loss.heal()
    assert loss.settled().ok is True
    loss = lost(world, LOSS, "loss")
    loss.heal()
    loss.settled()
    world.did.clear()
    loss.heal()
    assert world.did == ["reopen loss"]


def test_a_loss_that_heals_before_it_was_proved_freezes_nobody(world):
    loss = world.injector(LOSS, "loss")
    loss.strike()
    world.meanwhile = loss.heal
    assert loss.settle().ok is None
    assert not any(word.startswith(("freeze", "lose")) for word in world.did)
    loss.settled()
    assert world.did[-2:] == ["restart us/1", "restart us/2"], "no clients were frozen, so none are restored"
    assert Name.CLIENTS_BACK in world.names()


def test_once_the_load_is_over_no_clients_return(world):
    loss = lost(world, LOSS)
    world.loaded = False
    loss.heal()
    loss.settled()
    assert Name.CLIENTS_BACK not in world.names()
    assert "restore us" not in world.did


def test_clients_that_are_rerouted_keep_their_links_and_are_not_drained(world):
    loss = lost(world, RegionLoss(target=places("us"), clients=Clients.REROUTED))
    assert world.passage(world.dial("us.clients~eu:1")) == 0
    assert world.passage(world.dial("us.clients~us:1")) is None
    assert list(loss.excluded_regions) == []
    loss.heal()
    assert loss.settled().ok is True
    assert not any("restore" in word for word in world.did)


def test_a_replica_that_was_lost_under_another_primary_keeps_its_disk(world):
    loss = lost(world, AP_LOSS)
    world.primary = "eu/1"
    loss.heal()
    assert loss.settled().ok is True
    assert world.did[-2:] == ["restore ap", "restart ap/1"], "it may hold the only copy of what was acknowledged"


def test_a_deposed_primary_that_nobody_holds_comes_back_as_it_was(world):
    crash = lost(world, Crash(target=places("us/1")), "crash")
    world.primary = "eu/1"
    crash.heal()
    assert crash.settled().ok is True
    assert world.did == ["restart us/1"]


def test_a_deposed_primary_that_is_held_stays_down(world):
    loss = lost(world, LOSS)
    world.primary, world.held = "eu/1", {"us/1"}
    loss.heal()
    assert loss.settled().ok is True
    assert "us/1" in world.dead
    assert "us/2" not in world.dead


def test_destroyed_data_is_removed_before_the_links_open_and_cloned_from_the_primary(world):
    loss = lost(world, DESTROYED)
    loss.heal()
    assert loss.settled().ok is True
    assert world.did == ["kill ap/1", "destroy ap/1", "reopen loss", "restore ap", "reclone ap/1 from us/1"]


def test_a_primary_whose_data_is_destroyed_without_a_successor_stays_gone(world):
    loss = lost(world, RegionLoss(target=places("eu"), data=Data.DESTROYED))
    world.primary = "eu/1"
    loss.heal()
    proof = loss.settled()
    assert "eu/1 has nothing to start from" in proof.text
    assert "eu/1" in world.dead


def test_a_node_that_does_not_start_fails_the_heal_but_keeps_nobody_else_down(world):
    loss = lost(world, LOSS)
    world.broken = {"restart"}
    loss.heal()
    with pytest.raises(StackError, match=r"us/1: us/1 does not start; us/2"):
        loss.settled()
    assert {"restore us", "restart us/2"} <= set(world.did)
    assert world.ground.claims.state("us/1") is None


def test_what_was_frozen_runs_on_at_the_heal_and_only_once(world):
    freeze = lost(world, Freeze(target=places("us/1", "eu/1")), "freeze")
    freeze.heal()
    freeze.heal()
    assert freeze.settled().ok is True
    assert world.did == ["resume eu/1", "resume us/1"]
