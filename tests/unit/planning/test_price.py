"""What a run costs: more of anything is dearer, and what is counted is counted right."""

from collections.abc import Callable

import pytest

from chaoskit.model.plan import Plan
from chaoskit.planning.links import links
from chaoskit.planning.price import Price, price

Planned = Callable[..., Plan]


@pytest.fixture
def priced(planned: Planned) -> Callable[..., Price]:
    """The price of a stack of three regions and a load."""

    def of(load: str = "{users: {default: 2}}", stack: str = "") -> Price:
        return price(planned(f"duration: 60s\nload: {load}", stack))

    return of


def test_sessions_are_the_pools_and_two_connections_of_every_user(planned: Planned) -> None:
    plan = planned("duration: 60s\nload: {users: {us-east: 4, default: 1}}")
    assert price(plan).sessions == 3 * 2 * plan.probes.pool + 2 * (4 + 1 + 1)


def test_the_operator_has_a_session_on_every_node(priced: Callable[..., Price]) -> None:
    runbook = "failover: {runbook: {failback: none}}"
    assert priced(stack=runbook).sessions == priced().sessions + 3


def test_a_region_without_users_has_a_prober_alone(priced: Callable[..., Price]) -> None:
    assert priced().load_processes == 6
    assert priced("{users: {us-east: 2, default: 0}}").load_processes == 4


def test_workers_of_a_region_have_one_that_leads_them(priced: Callable[..., Price]) -> None:
    assert priced("{users: {default: 6}, workers: {us-east: 3}}").load_processes == 6 - 1 + 4


@pytest.mark.parametrize("figure", ["cpu_cores", "memory_bytes", "room_bytes", "users_hz"])
def test_more_users_cost_more(priced: Callable[..., Price], figure: str) -> None:
    assert getattr(priced("{users: {default: 20}}"), figure) > getattr(priced(), figure)


def test_users_are_as_fast_as_their_round_trips_let_them(priced: Callable[..., Price]) -> None:
    writes = "workload: {register: {write_share: 100%}}"
    assert priced(f"{{users: {{us-east: 3, default: 0}}, pace: 20/s, {writes}}}").users_hz == pytest.approx(60)
    assert priced(f"{{users: {{ap-south: 3, default: 0}}, pace: 20/s, {writes}}}").users_hz == pytest.approx(15)


def test_a_commit_that_waits_makes_writes_fewer(priced: Callable[..., Price]) -> None:
    assert priced(stack="replication: {quorum: {any: 2}}").users_hz < priced().users_hz


@pytest.mark.parametrize(
    ("setting", "bytes_"), [("64MB", 64 * 1024**2), ("8192kB", 8 * 1024**2), ("2048", 16 * 1024**2)]
)
def test_buffers_are_paid_for_on_every_node(priced: Callable[..., Price], setting: str, bytes_: int) -> None:
    changed = priced(stack=f'postgres: {{settings: {{shared_buffers: "{setting}"}}}}')
    assert changed.memory_bytes - priced().memory_bytes == 3 * (bytes_ - 32 * 1024**2)


def test_every_proxy_belongs_to_one_pair_of_regions(planned: Planned) -> None:
    plan = planned("duration: 60s", "failover: {runbook: {failback: none}}")
    assert sum(link.proxies for link in links(plan)) == price(plan).proxies == len(plan.dials) + 6
    assert [link.rtt_ns // 1_000_000 for link in links(plan)] == [0, 0, 0, 80, 200, 130]
