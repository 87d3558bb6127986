import pytest

from chaoskit.failover.duties import LateFence, Repoint, Reroute, Return, misrouted, owed, reads_home
from chaoskit.failover.failback import methods
from chaoskit.failover.standing import Standing
from chaoskit.model.scenario import Failback, Fence, Reads, Runbook

START = Standing(primary="us/1", follows={"eu/1": "us/1", "ap/1": "us/1"})
FORK, BEYOND = "0/500", "0/501"


def runbook(failback: Failback, fence: Fence = Fence.ATTEMPT) -> Runbook:
    return Runbook(every_ns=1, failures=1, timeout_ns=1, decide_ns=0, origin="eu", fence=fence, failback=failback)


def test_after_a_failover_the_old_primary_is_an_outcast_and_only_told_replicas_can_be_promoted() -> None:
    standing = START.silences("eu/1").promoted("eu/1", FORK, told={})
    assert standing.primary == "eu/1"
    assert standing.deposed == {"us/1"}
    assert standing.replicas == ()
    assert owed(standing, runbook(Failback.REWIND)) == (Repoint(node="ap/1"), Return(node="us/1"))
    told = standing.told("ap/1", FORK)
    assert told.replicas == ("ap/1",)
    assert owed(told, runbook(Failback.RECLONE)) == (Return(node="us/1"),)


def test_a_replica_that_was_silenced_and_nobody_promoted_is_still_owed_its_primary() -> None:
    silenced = START.silences("ap/1")
    assert silenced.replicas == ("eu/1", "ap/1")
    assert owed(silenced, runbook(Failback.NONE)) == (Repoint(node="ap/1"),)
    assert owed(silenced.told("ap/1", FORK), runbook(Failback.NONE)) == ()


def test_a_replica_beyond_the_fork_is_no_candidate_and_is_rebuilt_unless_it_streams_all_the_same() -> None:
    ahead = START.promoted("eu/1", FORK, told={"ap/1": BEYOND})
    assert ahead.ahead == {"ap/1"}
    assert ahead.replicas == ()
    assert ahead.streams("ap/1").replicas == ("ap/1",)
    strayed = ahead.stray("ap/1")
    assert owed(strayed, runbook(Failback.REWIND)) == (Return(node="ap/1"), Return(node="us/1"))
    assert strayed.returned("ap/1").replicas == ("ap/1",)


def test_what_happened_before_the_first_of_two_failovers_is_compared_with_the_first_fork() -> None:
    twice = START.promoted("eu/1", FORK, told={}).returned("us/1").promoted("us/1", "0/900", told={})
    assert twice.told("ap/1", BEYOND).ahead == {"ap/1"}


def test_a_rebuilt_node_can_be_promoted_again_and_is_not_fenced_any_more() -> None:
    back = START.refuses("us/1").promoted("eu/1", FORK, told={"ap/1": FORK}).returned("us/1")
    assert set(back.replicas) == {"us/1", "ap/1"}
    assert back.deposed | back.fenced == frozenset()
    again = back.promoted("us/1", "0/900", told={})
    assert again.primary == "us/1"
    assert again.deposed == {"eu/1"}


@pytest.mark.parametrize("fence", [Fence.ATTEMPT, Fence.REQUIRED])
def test_without_failback_a_zombie_is_fenced_later(fence: Fence) -> None:
    standing = START.promoted("eu/1", FORK, told={"ap/1": FORK})
    assert owed(standing, runbook(Failback.NONE, fence)) == (LateFence(node="us/1"),)
    assert owed(standing.refuses("us/1"), runbook(Failback.NONE, fence)) == ()


def test_nobody_fences_where_that_is_denied() -> None:
    assert owed(START.promoted("eu/1", FORK, told={"ap/1": FORK}), runbook(Failback.NONE, Fence.DENIED)) == ()


def test_endpoints_that_lead_elsewhere_than_to_the_primary_are_re_routed() -> None:
    routes = {("us", "write"): "eu/1", ("us", "read"): "us/1", ("eu", "write"): "us/1", ("eu", "read"): "eu/1"}
    write = Reroute(region="eu", kind="write")
    assert misrouted("eu/1", Reads.LOCAL, routes) == (write,)
    assert misrouted("eu/1", Reads.PRIMARY, routes) == (Reroute(region="us", kind="read"), write)


@pytest.mark.parametrize(
    ("pointed", "answering", "fit", "home"),
    [
        ("us/1", {"us/1"}, {"us/1", "eu/1"}, None),
        ("us/1", {"us/1"}, {"eu/1"}, None),  # a zombie that answers keeps its readers
        ("us/1", {"us/2"}, {"us/2", "eu/1"}, "us/2"),
        ("us/1", set(), {"eu/1"}, "eu/1"),
        ("us/1", {"us/2"}, {"eu/1"}, "eu/1"),  # answers, but does not stream
        ("eu/1", set(), {"eu/1"}, None),
        ("eu/1", {"us/1"}, {"eu/1"}, None),
        ("eu/1", {"us/1"}, {"us/1", "eu/1"}, "us/1"),
        ("ap/1", set(), {"eu/1"}, "eu/1"),  # another primary since
    ],
)
def test_local_reads_go_to_a_local_node_that_can_take_them_and_else_to_the_primary(
    pointed: str, answering: set[str], fit: set[str], home: str | None
) -> None:
    assert reads_home(["us/1", "us/2"], pointed, answering=answering, fit=fit, primary="eu/1") == home


def test_a_failed_rewind_is_followed_by_a_reclone_once() -> None:
    assert methods(Failback.REWIND, readable=True) == (Failback.REWIND, Failback.RECLONE)
    assert methods(Failback.REWIND, readable=False) == (Failback.RECLONE,)
    assert methods(Failback.RECLONE, readable=True) == (Failback.RECLONE,)
