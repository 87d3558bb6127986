"""Who was what, and where writes went, at the instants that a reader asks about."""

from collections.abc import Callable
from typing import Any

from chaoskit.analysis.span import Span
from chaoskit.analysis.stages import MOST_STAGES, stages
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan

S = 1_000_000_000
SPAN = Span(t0_ns=0, end_ns=40 * S)


def event(at_s: float, name: Name, node: str | None = None, region: str | None = None, **detail: Any) -> Event:
    step = "lose" if name in (Name.START, Name.END) else None
    return Event(t_ns=round(at_s * S), event=name, step=step, node=node, region=region, detail=detail)


LOST = event(10, Name.START, fault="region_loss", nodes=["us-east/1"], excluded_regions=["us-east"])
TAKEN_OVER = [
    event(16, Name.PROMOTED, node="eu-west/1"),
    event(16.1, Name.ROUTED, node="eu-west/1", region="eu-west", endpoint="write"),
]


def test_a_healthy_run_has_one_stage(plan: Callable[..., Plan]) -> None:
    (only,) = stages(plan().scenario, [], SPAN)
    assert only["roles"] == {"us-east/1": "primary", "eu-west/1": "replica", "ap-south/1": "replica"}
    assert set(only["writes"].values()) == {"us-east/1"}


def test_a_lost_primary_is_deposed_and_its_region_has_no_clients(plan: Callable[..., Plan]) -> None:
    before, struck, end = stages(plan().scenario, [LOST, *TAKEN_OVER], SPAN)
    assert (before["words"], struck["words"], end["words"]) == ("at t0", "when lose struck", "at the end of the load")
    assert (struck["roles"]["us-east/1"], struck["states"]["us-east/1"]) == ("primary", "stopped")
    assert (end["roles"]["us-east/1"], end["roles"]["eu-west/1"]) == ("deposed", "primary")
    assert (end["gone"], end["writes"]["eu-west"], end["writes"]["ap-south"]) == (["us-east"], "eu-west/1", "us-east/1")


def test_a_zombie_is_deposed_and_runs(plan: Callable[..., Plan]) -> None:
    last = stages(plan().scenario, [LOST, *TAKEN_OVER, event(20, Name.END)], SPAN)[-1]
    assert (last["roles"]["us-east/1"], last["states"]["us-east/1"]) == ("deposed", "up")


def test_a_node_that_was_held_down_is_a_replica_again_after_its_failback(plan: Callable[..., Plan]) -> None:
    back = [event(20, Name.END), event(20.1, Name.HELD, node="us-east/1")]
    held = stages(plan().scenario, [LOST, *TAKEN_OVER, *back], SPAN)[-1]
    assert held["states"]["us-east/1"] == "stopped"
    done = stages(plan().scenario, [LOST, *TAKEN_OVER, *back, event(25, Name.FAILED_BACK, node="us-east/1")], SPAN)[-1]
    assert (done["roles"]["us-east/1"], done["states"]["us-east/1"]) == ("replica", "up")


def test_a_fence_that_failed_fenced_nobody(plan: Callable[..., Plan]) -> None:
    refused = event(15, Name.FENCED, node="us-east/1", ok=False)
    assert stages(plan().scenario, [LOST, refused], SPAN)[-1]["roles"]["us-east/1"] == "primary"


def test_links_are_cut_until_they_are_healed(plan: Callable[..., Plan]) -> None:
    cut = event(10, Name.START, fault="partition", resolved="us-east <-> eu-west")
    shown = stages(plan().scenario, [cut, event(20, Name.END)], SPAN)
    assert [stage["cut"] for stage in shown] == [[], ["us-east <-> eu-west"], []]


def test_of_many_stages_the_first_and_the_last_are_kept(plan: Callable[..., Plan]) -> None:
    flapping = [
        event(at_s, name, fault="partition", resolved="a <-> b")
        for at_s in range(1, 30, 2)
        for at_s, name in ((at_s, Name.START), (at_s + 1, Name.END))
    ]
    shown = stages(plan().scenario, flapping, SPAN)
    assert len(shown) == MOST_STAGES
    assert (shown[0]["words"], shown[-1]["words"]) == ("at t0", "at the end of the load")
