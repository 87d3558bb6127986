"""What a step touches, told before it strikes."""

from collections.abc import Callable

import pytest

from chaoskit.model.plan import Plan
from chaoskit.planning.blast import Blast, blasts

Planned = Callable[..., Plan]
RUNBOOK = "failover: {runbook: {failback: none}}"


@pytest.fixture
def blast(planned: Planned) -> Callable[[str], Blast]:
    """The blast of one step, written as a file writes it."""

    def of(step: str, stack: str = RUNBOOK) -> Blast:
        (found,) = blasts(planned("duration: 60s", stack, f"s: {{at: 5s, {step}}}"))
        return found

    return of


def test_a_lost_region_stops_its_nodes_and_takes_its_clients(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: region_loss, target: us-east, until: end")
    assert (found.stopped, found.destroyed, found.lost_clients) == (("us-east/1",), (), ("us-east",))
    assert not found.depends


def test_a_lost_region_cuts_every_path_that_begins_or_ends_there_and_no_other(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: region_loss, target: us-east, until: end")
    assert all("us-east" in {dial.source.region, dial.target.region} for dial in found.dials)
    assert {"eu-west.clients~us-east:1", "us-east.clients~us-east:1", "us-east.clients~eu-west:1"} <= {
        dial.name for dial in found.dials
    }
    assert "ap-south.clients~eu-west:1" not in {dial.name for dial in found.dials}


def test_destroyed_data_and_rerouted_clients_are_told(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: region_loss, target: eu-west, data: destroyed, clients: rerouted, until: end")
    assert (found.destroyed, found.lost_clients) == (("eu-west/1",), ())


@pytest.mark.parametrize("link", ["us-east -> eu-west", "eu-west -> us-east", "us-east <-> eu-west"])
def test_a_cut_link_touches_both_ends_and_no_third_region(blast: Callable[[str], Blast], link: str) -> None:
    found = blast(f"fault: partition, link: {link}, for: 5s")
    assert {party.region for dial in found.dials for party in (dial.source, dial.target)} == {"us-east", "eu-west"}
    assert set(found.client_regions) == {"us-east", "eu-west"}
    assert set(found.nodes) == {"us-east/1", "eu-west/1"}
    assert found.stopped == ()


def test_a_narrowed_link_touches_only_what_it_names(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: latency, link: us-east.nodes <-> eu-west.nodes, add: 10ms, for: 5s")
    assert {dial.name for dial in found.dials} == {"us-east:1~eu-west:1", "eu-west:1~us-east:1"}
    assert found.client_regions == ()


def test_a_crashed_node_touches_no_path(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: crash, target: us-east/1, for: 5s")
    assert (found.stopped, found.nodes, found.dials) == (("us-east/1",), ("us-east/1",), ())


def test_roles_are_those_of_the_start_and_said_to_depend(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: freeze, target: primary, for: 5s")
    assert (found.stopped, found.depends) == (("us-east/1",), True)


def test_a_switchover_leads_the_writes_of_every_region_elsewhere(blast: Callable[[str], Blast]) -> None:
    found = blast("action: switchover, target: eu-west/1")
    assert set(found.client_regions) == {"us-east", "eu-west", "ap-south"}
    assert {dial.target.name for dial in found.dials} == {"us-east/1", "eu-west/1"}


def test_one_drawn_region_is_the_same_for_the_same_seed(planned: Planned) -> None:
    step = "s: {at: 5s, fault: region_loss, target: any, until: end}"
    one, other = (blasts(planned("duration: 60s", RUNBOOK, step))[0] for _ in range(2))
    assert one == other
    assert len(one.stopped) == 1


def test_a_pulled_cable_touches_every_path_of_the_node_and_stops_nothing(blast: Callable[[str], Blast]) -> None:
    found = blast("fault: disconnect, target: us-east/1, for: 5s")
    assert found.stopped == found.strained == ()
    assert all("us-east/1" in {dial.source.name, dial.target.name} for dial in found.dials)
    assert set(found.client_regions) == {"us-east", "eu-west", "ap-south"}


@pytest.mark.parametrize("fault", ["disk_full, leave: 1MB", "cpu, leave: 5%", "clock_skew, by: -5s"])
def test_a_strained_machine_is_told_and_no_path_is(blast: Callable[[str], Blast], fault: str) -> None:
    found = blast(f"fault: {fault}, target: primary, for: 5s")
    assert (found.strained, found.nodes, found.dials, found.depends) == (("us-east/1",), ("us-east/1",), (), True)


@pytest.mark.parametrize("fault", ["bandwidth, rate: 1MB/s", "packet_loss, share: 5%", "partition, mode: packets"])
def test_impaired_packets_touch_what_a_cut_would(blast: Callable[[str], Blast], fault: str) -> None:
    link = "link: us-east -> eu-west, for: 5s"
    assert blast(f"fault: {fault}, {link}") == blast(f"fault: partition, {link}")
