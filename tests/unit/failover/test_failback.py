"""Who is brought back, when, and what becomes of a node on which that fails half-way."""

from threading import Event as Flag

import pytest

from chaoskit.errors import StackError
from chaoskit.failover.failback import Returning
from chaoskit.failover.rerouting import Rerouting
from chaoskit.model.event import Name
from chaoskit.sql import Unanswered

OLD, NEW = "us-east/1", "eu-west/1"


@pytest.fixture
def failed_over(scene):
    """The new primary runs, the old one is dead."""
    made = scene()
    made.board.change(lambda standing: standing.promoted(NEW, "0/500", {"ap-south/1": "0/500"}))
    made.database.servers[NEW].recovering = False
    made.database.servers[OLD].running = False
    return made


def returning(scene, stopped=()):
    return Returning(scene, Rerouting(scene), free=lambda node: node not in stopped, stopped=Flag())


def rebuilds(scene):
    return [word for word in scene.database.did if word.startswith(("rewind", "reclone"))]


def test_a_node_that_a_fault_keeps_stopped_is_left_alone_however_often_it_came_back_before(failed_over):
    stopped = set()
    back = returning(failed_over, stopped)
    assert back.bring_back(OLD)
    failed_over.board.change(lambda standing: standing.promoted(OLD, "0/600", {}))
    failed_over.board.change(lambda standing: standing.promoted(NEW, "0/700", {}))
    failed_over.database.servers[OLD].running = False
    stopped.add(OLD)
    with pytest.raises(Unanswered, match="neither it nor its host"):
        back.bring_back(OLD)
    assert len(rebuilds(failed_over)) == 1
    assert not failed_over.database.running(OLD)
    stopped.clear()
    assert back.bring_back(OLD)


def test_a_node_that_is_struck_while_it_is_verified_is_not_started_again_while_the_fault_stands(failed_over):
    stopped, database = set(), failed_over.database

    def crash():
        stopped.add(OLD)
        database.kill(OLD)
        raise StackError("it does not answer")

    database.meanwhile["compare", OLD] = crash
    back = returning(failed_over, stopped)
    with pytest.raises(Unanswered):
        back.bring_back(OLD)
    assert rebuilds(failed_over) == [f"rewind {OLD}"]
    assert not database.running(OLD)
    assert failed_over.wan.said(Name.HELD)[0].node == OLD
    stopped.clear()
    assert back.bring_back(OLD)


def test_a_node_that_failed_its_verification_is_not_stopped_by_an_operator_who_cannot_reach_it(failed_over):
    database = failed_over.database

    def cut():
        database.unreached.add(OLD)
        raise StackError("it does not answer")

    database.meanwhile["compare", OLD] = cut
    back = returning(failed_over)
    with pytest.raises(Unanswered, match="host cannot be reached"):
        back.bring_back(OLD)
    assert database.running(OLD)
    database.unreached.clear()
    assert back.bring_back(OLD)
    assert database.did.count(f"stop {OLD}") == 1


def test_a_server_that_a_failed_reading_left_running_is_down_before_it_is_recloned(failed_over):
    database = failed_over.database

    def wedge():
        database.restart(OLD, isolated=True)
        raise StackError("it does not stop")

    database.meanwhile["evidence", OLD] = wedge
    assert returning(failed_over).bring_back(OLD)
    assert rebuilds(failed_over) == [f"reclone {OLD}"]
