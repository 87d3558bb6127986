"""A switchover that stops half-way leaves something that a failover can finish."""

import pytest

from chaoskit.errors import StackError
from chaoskit.failover.duties import owed
from chaoskit.failover.promotion import PROMOTE_ATTEMPTS
from chaoskit.failover.switchover import Switchover
from chaoskit.model.event import Name
from chaoskit.model.scenario import Fence

OLD, NEW = "us-east/1", "eu-west/1"


def test_a_switchover_to_the_primary_is_not_taken_for_one_that_was_carried_out(scene, promotion):
    made = scene()
    with pytest.raises(StackError, match="it is primary already"):
        Switchover(made, promotion(made), None).run(OLD)
    assert made.wan.said(Name.DEMOTED) == []


def test_what_a_switchover_stopped_is_fenced_so_that_a_failover_may_promote(scene, promotion):
    made = scene(fence=Fence.REQUIRED)
    changing = promotion(made)
    made.wan.unheard["promote", NEW] = PROMOTE_ATTEMPTS
    with pytest.raises(StackError, match="nobody is primary"):
        Switchover(made, changing, None).run(NEW)
    assert not made.wan.servers[OLD].running
    assert owed(made.board.now, made.settings) == ()
    changing.replace(OLD)
    assert made.board.now.primary == NEW
    assert [event.detail["ok"] for event in made.wan.said(Name.FENCED)] == [True]


def test_a_primary_that_would_not_stop_is_back_at_once_and_takes_writes(scene, promotion):
    made = scene()

    def refuse():
        raise StackError("its replicas have not confirmed all of its WAL")

    made.wan.meanwhile["stop", OLD] = refuse
    with pytest.raises(StackError, match=f"{OLD} is primary again"):
        Switchover(made, promotion(made), None).run(NEW)
    assert made.wan.servers[OLD].running
    assert not made.wan.servers[OLD].read_only
