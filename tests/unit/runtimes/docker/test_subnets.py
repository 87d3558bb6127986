"""Address ranges that nobody else uses."""

from ipaddress import IPv4Network

import pytest

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.subnets import POOL, choose, routed

ROUTES = """\
Iface   Destination Gateway  Flags RefCnt Use Metric Mask     MTU Window IRTT
eth0    00000000    0100A8C0 0003  0      0   0      00000000 0   0      0
docker0 000011AC    00000000 0001  0      0   0      0000FFFF 0   0      0
vpn     000012C6    00000000 0001  0      0   0      0000FFFF 0   0      0
"""


def test_routes_are_read_and_the_default_route_takes_nothing():
    assert routed(ROUTES) == [IPv4Network("172.17.0.0/16"), IPv4Network("198.18.0.0/16")]


@pytest.mark.parametrize("seed", range(5))
def test_ranges_differ_and_overlap_nothing_that_is_taken(seed):
    taken = routed(ROUTES)
    found = choose(taken, 9, seed)
    assert len(set(found)) == 9
    assert not any(one.overlaps(other) for one in found for other in taken)
    assert all(one.subnet_of(POOL) for one in found)


def test_where_everything_is_taken_it_says_so():
    with pytest.raises(StackError, match="no 1 free /24"):
        choose([POOL], 1, seed=1)
