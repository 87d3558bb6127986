"""What was sent may have happened, though nothing was heard of it."""

import pytest

from chaoskit.failover.duties import Repoint, owed
from chaoskit.failover.promotion import PROMOTE_ATTEMPTS
from chaoskit.model.event import Name
from chaoskit.model.scenario import Failback, Fence

OLD, NEW, THIRD = "us-east/1", "eu-west/1", "ap-south/1"


def test_a_replica_whose_receiver_stopped_unheard_is_owed_its_primary(scene, promotion):
    made = scene(candidates=("eu-west",))
    made.wan.unheard["stop_receiving", THIRD] = 1
    made.wan.unreached.add(NEW)
    made.wan.meanwhile["stop_receiving", THIRD] = lambda: made.wan.unreached.discard(OLD)
    made.wan.unreached.add(OLD)
    promotion(made).replace(OLD)
    assert made.wan.servers[THIRD].follows == ""
    assert Repoint(node=THIRD) in owed(made.board.now, made.settings)


@pytest.mark.parametrize("unheard", [PROMOTE_ATTEMPTS, 2 * PROMOTE_ATTEMPTS])
def test_a_promotion_that_was_never_heard_is_completed_though_the_old_primary_is_well_again(scene, promotion, unheard):
    made = scene(fence=Fence.DENIED)
    made.wan.unheard["promote", NEW] = unheard
    promotion(made).replace(OLD)
    assert made.board.now.primary == NEW
    assert made.board.now.deposed == {OLD}
    assert [event.node for event in made.wan.said(Name.PROMOTED)] == [NEW]
    assert made.wan.routes["us-east", "write"] == NEW


def test_nobody_stands_down_before_the_candidate_says_what_it_is(scene, promotion):
    made = scene(fence=Fence.DENIED, candidates=("eu-west",))
    world = made.wan
    world.unheard["promote", NEW] = 1
    world.meanwhile["promote", NEW] = lambda: world.unreached.add(NEW)
    world.meanwhile["ask", OLD] = lambda: world.meanwhile.update({("ask", OLD): lambda: world.unreached.discard(NEW)})
    promotion(made).replace(OLD)
    assert world.did.count(f"ask {OLD}") == 2
    assert made.board.now.primary == NEW


def test_where_no_promotion_arrived_and_the_old_primary_is_well_again_nothing_is_promoted(scene, promotion):
    made = scene(fence=Fence.DENIED, candidates=("eu-west",))
    world = made.wan
    world.meanwhile["follow", THIRD] = lambda: world.unreached.add(NEW)
    world.meanwhile["ask", OLD] = lambda: world.unreached.discard(NEW)
    promotion(made).replace(OLD)
    assert made.board.now.primary == OLD
    assert world.servers[NEW].recovering
    assert set(owed(made.board.now, made.settings)) == {Repoint(node=NEW), Repoint(node=THIRD)}


@pytest.mark.parametrize("failback", [Failback.REWIND, Failback.NONE])
def test_a_replica_that_was_promoted_unheard_beside_another_is_deposed(scene, promotion, errands, failback):
    made = scene(failback=failback)
    world, replacing = made.wan, promotion(made)
    world.servers[OLD].running = False
    world.unheard["promote", NEW] = 1
    world.meanwhile["promote", NEW] = lambda: world.unreached.add(NEW)
    replacing.replace(OLD)
    assert made.board.now.primary == THIRD
    assert not world.servers[NEW].recovering
    with errands(made, replacing) as await_that:
        world.unreached.clear()
        if failback is Failback.NONE:
            await_that(lambda: NEW in made.board.now.deposed & made.board.now.fenced)
        else:
            await_that(lambda: world.servers[NEW].follows == THIRD and not made.board.now.deposed)
