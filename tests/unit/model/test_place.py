import pytest

from chaoskit.model.fault import Link, carried
from chaoskit.model.place import Situation, at_start, nodes, parties, places, regions
from chaoskit.model.topology import Node, Party, Role, Topology


@pytest.fixture
def topology() -> Topology:
    """Three regions, the first with two nodes; the primary is the first of them."""
    found = (
        Node(region="us-east", number=1),
        Node(region="us-east", number=2),
        Node(region="eu-west"),
        Node(region="ap-south"),
    )
    names = ("us-east", "eu-west", "ap-south")
    return Topology(nodes=found, primary="us-east/1", rtt_ns={(a, b): 1 for a in names for b in names if a != b})


@pytest.fixture
def now(topology: Topology) -> Situation:
    return at_start(topology, seed="7/cut")


def names(found: frozenset[Party]) -> set[str]:
    return {party.name for party in found}


def test_a_bare_region_is_its_nodes_its_clients_and_its_manager(now: Situation) -> None:
    assert names(parties(places("us-east"), now)) == {"us-east/1", "us-east/2", "us-east.clients", "us-east.manager"}


def test_a_narrowed_region_is_that_part_alone(now: Situation) -> None:
    assert names(parties(places("us-east.nodes"), now)) == {"us-east/1", "us-east/2"}
    assert names(parties(places("us-east.clients"), now)) == {"us-east.clients"}
    assert names(parties(places("us-east.manager"), now)) == {"us-east.manager"}


def test_a_node_is_itself_and_nobody_else_of_its_region(now: Situation) -> None:
    assert names(parties(places("us-east/2"), now)) == {"us-east/2"}


def test_roles_are_those_of_the_situation(topology: Topology) -> None:
    later = Situation(topology=topology, primary="eu-west/1", lost=frozenset({"ap-south"}))

    assert [node.name for node in nodes(places("primary"), later)] == ["eu-west/1"]
    assert [node.name for node in nodes(places("replicas"), later)] == ["us-east/1", "us-east/2", "ap-south/1"]
    assert regions(places("primary"), later) == ("eu-west",)
    assert regions(places("surviving"), later) == ("us-east", "eu-west")
    assert regions(places("all"), later) == ("us-east", "eu-west", "ap-south")


def test_what_is_drawn_is_drawn_alike_from_the_same_seed_and_never_from_what_is_lost(topology: Topology) -> None:
    drawn = set()
    for seed in range(40):
        now = Situation(topology=topology, primary="us-east/1", lost=frozenset({"eu-west"}), seed=str(seed))
        again = Situation(topology=topology, primary="us-east/1", lost=frozenset({"eu-west"}), seed=str(seed))
        assert nodes(places("replica"), now) == nodes(places("replica"), again)
        drawn |= {node.name for node in nodes(places("replica"), now)} | set(regions(places("any"), now))

    assert drawn == {"us-east/2", "ap-south/1", "us-east", "ap-south"}


def test_joined_places_count_once(now: Situation) -> None:
    assert [n.name for n in nodes(places("us-east/1", "primary", "eu-west"), now)] == ["us-east/1", "eu-west/1"]


def test_rest_is_every_region_that_is_not_on_the_other_side(now: Situation) -> None:
    link = carried(Link(left=places("us-east"), right=places("rest")), now)

    assert {party.region for party in link.right} == {"eu-west", "ap-south"}


def test_a_one_way_link_carries_bytes_of_one_direction_whoever_dialled(now: Situation) -> None:
    link = carried(Link(left=places("primary"), right=places("eu-west.clients"), both_ways=False), now)
    primary, clients = Party(region="us-east", role=Role.NODE, number=1), Party(region="eu-west", role=Role.CLIENTS)

    assert link.carries(primary, clients)
    assert not link.carries(clients, primary)
    assert not link.carries(primary, Party(region="eu-west", role=Role.NODE, number=1))


def test_rest_alone_stands_for_nothing(now: Situation) -> None:
    with pytest.raises(ValueError, match="other side"):
        parties(places("rest"), now)
