"""Toxiproxy's counters become bytes between regions."""

from chaoskit.model.plan import Dial
from chaoskit.model.topology import Node, Party, Role, party
from chaoskit.runtimes.wan.traffic import crossed

EAST, WEST = Node(region="us-east"), Node(region="eu-west")
REPLICA = Dial(source=party(WEST), target=party(EAST))
CLIENTS = Dial(source=Party(region="us-east", role=Role.CLIENTS), target=party(EAST))


def counter(proxy: str, direction: str, count: str, which: str = "received", listener: str = "127.0.0.1:1") -> str:
    labels = f'direction="{direction}",listener="{listener}",proxy="{proxy}",upstream="127.0.0.1:2"'
    return f"toxiproxy_proxy_{which}_bytes_total{{{labels}}} {count}\n"


def test_what_the_primary_sends_to_its_replica_counts_for_its_direction() -> None:
    page = (
        "# TYPE toxiproxy_proxy_received_bytes_total counter\n"
        + counter(REPLICA.name, "upstream", "120")
        + counter(REPLICA.name, "downstream", "1.5e+06")
        + counter(REPLICA.name, "downstream", "999", which="sent")
        + counter("write.us-east", "upstream", "77")
    )
    assert crossed(page, [REPLICA]) == {("eu-west", "us-east"): 120, ("us-east", "eu-west"): 1_500_000}


def test_a_proxy_that_was_counted_twice_is_added_up() -> None:
    page = counter(CLIENTS.name, "upstream", "5") + counter(CLIENTS.name, "upstream", "6", listener="127.0.0.1:9")
    assert crossed(page, [CLIENTS]) == {("us-east", "us-east"): 11}


def test_a_dial_without_traffic_has_none() -> None:
    assert crossed("", [REPLICA]) == {("eu-west", "us-east"): 0, ("us-east", "eu-west"): 0}
