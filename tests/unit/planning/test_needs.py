"""Which abilities of a runtime a scenario asks for, and for which step."""

import pytest

from chaoskit.model.runtime import RuntimeName
from chaoskit.planning import as_json, lacks, needs

LINK = "link: us-east <-> rest"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (f"partition, {LINK}", []),
        (f"latency, {LINK}, add: 5ms", []),
        ("crash, target: us-east/1", []),
        (f"partition, {LINK}, mode: packets", [("packets", "s", "partition, mode packets")]),
        (f"packet_loss, {LINK}, share: 5%", [("packets", "s", "packet_loss")]),
        (f"bandwidth, {LINK}, rate: 1MB/s", [("packets", "s", "bandwidth")]),
        ("disconnect, target: us-east/1", [("machines", "s", "disconnect")]),
        ("disk_full, target: us-east/1, leave: 0B", [("machines", "s", "disk_full")]),
        ("cpu, target: us-east/1, leave: 5%", [("machines", "s", "cpu")]),
        ("clock_skew, target: us-east/1, by: 5s", [("machines", "s", "clock_skew")]),
    ],
)
def test_a_need_names_its_ability_and_its_step(planned, fault, expected):
    plan = planned("duration: 60s", "", f"s: {{at: 5s, fault: {fault}, for: 5s}}")
    assert [(str(need.ability), need.step, need.what) for need in needs(plan.scenario)] == expected
    assert [tuple(need.values()) for need in as_json(plan)["needs"]] == expected


def test_needs_are_told_step_by_step(planned):
    pulled = "{at: 5s, fault: disconnect, target: us-east/1, for: 5s}"
    plan = planned("duration: 60s", "", f"one: {pulled}", f"other: {pulled.replace('at: 5s', 'at: 15s')}")
    assert [need.step for need in needs(plan.scenario)] == ["one", "other"]


@pytest.mark.parametrize(
    ("head", "fault", "local", "docker"),
    [
        ("", "crash, target: us-east/1", None, None),
        (
            "",
            "disconnect, target: us-east/1",
            "the runtime local has not what it takes for s (disconnect)",
            None,
        ),
        ("requires: {runtime: docker}\n", "crash, target: us-east/1", "it requires the runtime docker", None),
        ("requires: {runtime: local}\n", "crash, target: us-east/1", None, "it requires the runtime local"),
    ],
)
def test_a_runtime_without_what_it_takes_is_told_from_the_plan_alone(scenario, head, fault, local, docker):
    found = scenario(f"{head}duration: 60s", "", f"s: {{at: 5s, fault: {fault}, for: 5s}}")
    assert [lacks(found, runtime) for runtime in RuntimeName] == [local, docker]
