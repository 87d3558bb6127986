import pytest

from chaoskit.failover.election import Choice, choose, lsn_bytes, may_lose
from chaoskit.model.scenario import Async, Quorum, Replication, Sync
from chaoskit.model.topology import Node, Topology

NODES = tuple(Node(region=region, number=n) for region in ("us-east", "eu-west", "ap-south") for n in (1, 2))
TOPOLOGY = Topology(nodes=NODES, primary="us-east/1", rtt_ns={})
BEHIND, LEVEL, AHEAD = "0/FFFFFFFF", "1/0", "1/28"


def chosen(positions: dict[str, str], *candidates: str, origin: str = "eu-west") -> Choice | None:
    return choose(positions, candidates, TOPOLOGY, origin)


def test_the_most_advanced_replica_is_promoted_wherever_it_is() -> None:
    assert chosen({"us-east/2": LEVEL, "eu-west/1": BEHIND, "ap-south/2": AHEAD}) == Choice(node="ap-south/2")


def test_among_equals_the_operators_own_region_wins_and_then_the_order_of_the_file() -> None:
    level = {"us-east/2": LEVEL, "eu-west/1": LEVEL, "eu-west/2": LEVEL}
    assert chosen(level) == Choice(node="eu-west/1")
    assert chosen(level, origin="ap-south") == Choice(node="us-east/2")


def test_the_first_candidate_that_was_reached_is_promoted_and_who_is_ahead_of_it_is_named() -> None:
    positions = {"eu-west/1": BEHIND, "eu-west/2": LEVEL, "ap-south/1": AHEAD}
    assert chosen(positions, "us-east", "eu-west", "ap-south") == Choice(node="eu-west/2", behind="ap-south/1")
    assert chosen(positions, "eu-west/1") == Choice(node="eu-west/1", behind="ap-south/1")
    assert chosen(positions, "ap-south/1") == Choice(node="ap-south/1")


def test_nobody_else_is_promoted_where_no_candidate_was_reached() -> None:
    assert chosen({"ap-south/1": AHEAD}, "eu-west") is None
    assert chosen({}) is None


@pytest.mark.parametrize(
    ("replication", "reached", "doubt"),
    [
        (Async(), (), None),
        (Sync(), ("ap-south/2",), None),
        (Sync(), (), (0, 1)),
        (Quorum(any=1, of=("eu-west", "ap-south")), ("eu-west/1", "eu-west/2", "ap-south/1"), (3, 4)),
        (Quorum(any=2, of=("eu-west", "ap-south")), ("eu-west/1", "eu-west/2", "ap-south/1"), None),
        (Quorum(any=1, of=("eu-west/1",)), ("eu-west/2", "ap-south/1"), (0, 1)),
        (Quorum(any=1, of=("eu-west/1",)), ("eu-west/1",), None),
    ],
)
def test_a_promotion_may_lose_if_too_few_voters_were_reached(
    replication: Replication, reached: tuple[str, ...], doubt: tuple[int, int] | None
) -> None:
    assert may_lose(replication, TOPOLOGY, "us-east/1", reached) == doubt


@pytest.mark.parametrize(("lower", "higher"), [("0/FFFFFFFF", "1/0"), ("0/9", "0/10"), ("9/0", "10/0"), ("0/0", "0/1")])
def test_positions_are_compared_as_numbers(lower: str, higher: str) -> None:
    assert lsn_bytes(lower) < lsn_bytes(higher)
