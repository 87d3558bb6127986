"""A primary that was told to refuse writes and stays primary takes them again, whatever was heard of it."""

import pytest

from chaoskit.errors import StackError
from chaoskit.failover.switchover import Switchover
from chaoskit.model.scenario import Failback, Fence

OLD, NEW, THIRD = "us-east/1", "eu-west/1", "ap-south/1"


@pytest.mark.parametrize("fence", [Fence.REQUIRED, Fence.ATTEMPT])
def test_a_fence_that_was_not_heard_is_undone_once_the_primary_is_well_again(scene, promotion, errands, fence):
    made = scene(fence=fence, candidates=("eu-west",))
    world, replacing = made.wan, promotion(made)
    world.unheard["fence", OLD] = 1
    world.unreached.add(NEW)  # nobody can be promoted
    replacing.replace(OLD)
    assert made.board.now.primary == OLD
    assert world.servers[OLD].read_only
    with errands(made, replacing) as await_that:
        await_that(lambda: not world.servers[OLD].read_only)
        await_that(lambda: not made.board.now.curbed)


def test_a_switchover_that_could_not_be_undone_at_once_is_undone_later(scene, promotion, errands):
    made = scene()
    world, changing = made.wan, promotion(made)
    world.meanwhile["mark", OLD] = lambda: world.unreached.add(OLD)
    with pytest.raises(StackError, match=f"{OLD} is primary, but refuses writes until it can be reached"):
        Switchover(made, changing, None).run(NEW)
    assert world.servers[OLD].read_only
    with errands(made, changing) as await_that:
        world.unreached.clear()
        await_that(lambda: not world.servers[OLD].read_only)


def test_a_deposed_primary_is_fenced_for_good(scene, promotion, errands):
    made = scene(failback=Failback.NONE)
    world, replacing = made.wan, promotion(made)
    world.unheard["fence", OLD] = 1
    replacing.replace(OLD)
    assert made.board.now.primary == NEW
    with errands(made, replacing) as await_that:
        await_that(lambda: OLD in made.board.now.fenced)
    assert world.servers[OLD].read_only
    assert not any(word.startswith("unfence") for word in world.did)
