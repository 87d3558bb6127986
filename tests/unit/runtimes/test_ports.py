"""Ports that nobody else will be given."""

import socket

import pytest

from chaoskit.errors import StackError
from chaoskit.runtimes import ports
from chaoskit.runtimes.ports import LOWEST, free_ports


def test_ports_are_distinct_can_be_bound_and_lie_below_the_ephemeral_range():
    found = free_ports(40, seed=3)
    assert len(set(found)) == 40
    assert min(found) >= LOWEST
    assert max(found) < ports._ephemeral_start()
    for port in found[:5]:
        socket.create_server(("127.0.0.1", port)).close()


def test_a_port_that_somebody_listens_on_is_passed_over():
    taken = free_ports(1, seed=5)[0]
    with socket.create_server(("127.0.0.1", taken)):
        assert taken not in free_ports(3, seed=5)


def test_seeds_spread_runs_over_the_range():
    assert set(free_ports(20, seed=1)) != set(free_ports(20, seed=2))


def test_too_few_free_ports_are_an_error_that_says_where(monkeypatch):
    monkeypatch.setattr(ports, "_ephemeral_start", lambda: LOWEST + 3)
    with pytest.raises(StackError, match="no 9 free ports between 15000 and 15003"):
        free_ports(9, seed=1)
