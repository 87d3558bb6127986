"""``chaoskit plan``: everything that can be known before a run, and where it cannot be, that."""

import json

import pytest

from chaoskit import planning, scenario_file
from chaoskit.cli.dry_run import plan_document
from chaoskit.cli.plan_view import plan_view
from chaoskit.model.plan import Plan

TEXT = """\
chaoskit: 1
name: chain
question: What happens when?
stack:
  regions: [us-east, eu-west, ap-south]
  failover: {runbook: {failback: none}}
  network: {rtt: {default: 80ms}}
timeline:
  lose: {at: 5s, fault: region_loss, target: primary, until: end}
  slow: {at: promoted + 10s, fault: latency, link: eu-west <-> rest, add: 40ms, jitter: 10ms, for: 3s}
  crash-it: {at: slow.end, fault: crash, target: ap-south/1, for: 2s}
  lossy: {at: 20s, fault: packet_loss, link: eu-west <-> ap-south, share: 2.5%, for: 2s}
  thin: {at: 20s, fault: bandwidth, link: eu-west -> ap-south, rate: 10Mbit/s, for: 2s}
  full: {at: 30s, fault: disk_full, target: eu-west/1, leave: 5MB, for: 2s}
  starved: {at: 35s, fault: cpu, target: eu-west/1, leave: 5%, for: 2s}
  wrong: {at: 40s, fault: clock_skew, target: eu-west/1, by: -30s, for: 2s}
  pulled: {at: 45s, fault: disconnect, target: eu-west/1, for: 2s}
duration: 60s
"""


@pytest.fixture
def plan() -> Plan:
    return planning.plan(scenario_file.parse(TEXT, "chain.chaos.yaml"), seed=7, run="000000")


def shown(plan: Plan) -> str:
    return "\n".join(" ".join(line.split()) for line in plan_view(plan).plain.splitlines())


def test_nodes_have_their_roles_and_regions_their_distance(plan: Plan) -> None:
    text = shown(plan)
    assert "us-east/1 primary" in text
    assert "ap-south/1 replica" in text
    assert "us-east <-> eu-west 80 ms" in text
    assert "operator in eu-west" in text


def test_steps_that_wait_for_an_event_say_for_which(plan: Plan) -> None:
    text = shown(plan)
    assert "+5 s lose: region_loss primary, data kept, clients lost, to the end of the run" in text
    assert "when promoted + 10 s slow: latency eu-west <-> rest, add 40ms, jitter 10ms, for 3 s" in text
    assert "when slow.end crash-it: crash ap-south/1, for 2 s" in text
    assert "+60 s load stops" in text


def test_what_a_step_does_to_packets_and_machines_is_told_with_its_figures(plan: Plan) -> None:
    text = shown(plan)
    assert "+20 s lossy: packet_loss eu-west <-> ap-south, share 2.5%, for 2 s" in text
    assert "+20 s thin: bandwidth eu-west -> ap-south, rate 10Mbit/s, for 2 s" in text
    assert "+30 s full: disk_full eu-west/1, leave 5MB, for 2 s\nchanges the machine of eu-west/1" in text
    assert "+35 s starved: cpu eu-west/1, leave 5%, for 2 s" in text
    assert "+40 s wrong: clock_skew eu-west/1, by -30s, for 2 s" in text
    assert "+45 s pulled: disconnect eu-west/1, for 2 s\ntouches " in text


def test_what_not_every_runtime_has_is_told_with_the_step_that_needs_it(plan: Plan) -> None:
    text = shown(plan)
    assert "packets for lossy: packet_loss" in text
    assert "machines for pulled: disconnect" in text


def test_what_a_step_touches_is_told_with_the_roles_of_the_start(plan: Plan) -> None:
    text = shown(plan)
    assert "stops us-east/1" in text
    assert "the clients of us-east are lost with it" in text
    assert "as at the start of the run: roles are decided when it strikes" in text


def test_the_predicted_rto_is_the_sum_of_its_parts(plan: Plan) -> None:
    parts = plan.predictions["lose"].parts
    low_s, high_s = (sum(ends) / 1e9 for ends in zip(*parts.values(), strict=True))
    assert "after lose\n" in shown(plan)
    assert f"together {low_s:.1f} to {high_s:.1f} s" in shown(plan)


def test_the_document_is_json_and_says_the_same(plan: Plan) -> None:
    document = json.loads(json.dumps(plan_document(plan), allow_nan=False))
    assert document["nodes"][0] == {"name": "us-east/1", "region": "us-east", "role": "primary"}
    assert [blast["step"] for blast in document["blast"]] == [step["name"] for step in document["steps"]]
    assert document["price"]["sessions"] > 0
    assert sum(link["proxies"] for link in document["links"]) == document["price"]["proxies"]


def test_a_plan_fits_eighty_columns_but_for_what_the_author_wrote(plan: Plan) -> None:
    lines = plan_view(plan).plain.splitlines()[1:]
    assert [line for line in lines if len(line) > 80 and ": " not in line] == []
