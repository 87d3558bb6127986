"""Resolved places in a scenario's own words."""

import pytest

from chaoskit.faults.names import link_called
from chaoskit.model.fault import Link, carried
from chaoskit.model.place import Situation, places


@pytest.mark.parametrize(
    ("left", "right", "both_ways", "words"),
    [
        ("us", "rest", True, "us <-> eu + ap"),
        ("primary", "eu.clients", False, "us/1 -> eu.clients"),
        ("replicas", "us.clients", False, "us/2 + eu/1 + ap/1 -> us.clients"),
        ("us.nodes", "ap.manager", True, "us/1 + us/2 <-> ap.manager"),
    ],
)
def test_roles_go_by_the_names_of_those_who_hold_them(world, left, right, both_ways, words):
    link = Link(left=places(left), right=places(right), both_ways=both_ways)
    now = Situation(topology=world.topology, primary="us/1")
    assert link_called(carried(link, now), world.topology) == words
