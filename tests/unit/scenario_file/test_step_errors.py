"""Wrong steps get exact messages at exact positions."""

import pytest

from chaoskit.scenario_file import ScenarioErrors

STEP = "timeline:\n  a: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}\n"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{at: 5s, fault: partition, link: us-east <-> rest, for: 3s}", []),
        ("5s", ["8:6 expected a map of keys, found `5s`"]),
        ("{fault: disk_stall, target: us-east, for: 1s}", [
            "8:6 missing `at`",
            "8:14 `disk_stall` is not supported yet (one of partition, latency, bandwidth, packet_loss, region_loss, "
            "crash, freeze, disconnect, disk_full, cpu, clock_skew)",
        ]),
        ("{at: 1s, fault: partitoin, for: 1s}", ["8:22 unknown fault `partitoin` (did you mean `partition`?)"]),
        ("{at: 1s, fault: {partition: {}}, for: 1s}", [
            "8:34 the keys of `partition` stand beside `fault`, not below it"
        ]),
        ("{at: 1s, fault: [], for: 1s}", [
            "8:22 expected a word, or a map of one word to its options, found a list"
        ]),
        ("{at: 1s}", ["8:6 missing `fault` (or `action`)"]),
        ("{random: {}, until: end}", ["8:7 `random` is not supported yet (`fault` or `action`)"]),
        ("{at: 1s, fault: crash, action: switchover, target: primary, for: 1s}", [
            "8:29 a step has exactly one of `fault` and `action` (make two steps of it)"
        ]),
        ("{at: 1s, action: promote, target: us-east}", ["8:23 `promote` is not supported yet (only switchover)"]),
        ("{at: 5, fault: partition, link: us-east, for: 0s, ramp: 3s}", [
            "8:11 `5` has no unit: a duration is written 5ms, 5s or 5m",
            "8:38 expected a link such as `us-east <-> rest`, found `us-east`",
            "8:52 `0s` must be more than zero",
            "8:56 `ramp` is not supported yet",
        ]),
        ("{at: 5s, fault: partition, link: us-east <-> rest}", ["8:6 a fault needs exactly one of `for` and `until`"]),
        ("{at: 5s, fault: partition, link: us-east <-> rest, for: 1s, until: 9s}", [
            "8:6 a fault needs exactly one of `for` and `until`"
        ]),
        ("{at: 5s, fault: partition, for: 1s}", ["8:6 missing `link`"]),
        ("{at: 5s, fault: partition, link: us-east -> rest, mode: refuse, for: 1s}", [
            "8:62 `mode: refuse` closes a link both ways (write it with `<->`)"
        ]),
        ("{at: 5s, fault: partition, link: us-east -> rest, mode: packets, for: 1s}", []),
        ("{at: 5s, fault: partition, link: us-east -> rest, mode: packet, for: 1s}", [
            "8:62 unknown word `packet` (did you mean `packets`?)"
        ]),
        ("{at: 5s, fault: bandwith, link: us-east -> rest, rate: 1MB/s, for: 1s}", [
            "8:22 unknown fault `bandwith` (did you mean `bandwidth`?)"
        ]),
        ("{at: 5s, fault: bandwidth, link: us-east -> rest, for: 1s}", ["8:6 missing `rate`"]),
        ("{at: 5s, fault: bandwidth, link: us-east -> rest, rate: 10Mbit/s, share: 5%, for: 1s}", [
            "8:72 unknown key `share` (one of fault, at, for, until, link, rate)"
        ]),
        ("{at: 5s, fault: bandwidth, link: us-east -> rest, rate: 10Mb/s, for: 1s}", [
            "8:62 `10Mb/s` is not a bandwidth such as 2MiB/s or 10Mbit/s (units B/s kB/s KiB/s MB/s MiB/s GB/s GiB/s "
            "TB/s TiB/s bit/s kbit/s Mbit/s Gbit/s)"
        ]),
        ("{at: 5s, fault: bandwidth, link: us-east -> rest, rate: 0B/s, for: 1s}", [
            "8:62 `0B/s` must be more than zero"
        ]),
        ("{at: 5s, fault: packet_loss, link: us-east -> rest, share: 100%, for: 1s}", [
            "8:65 a link that loses every packet is cut (`fault: partition` with `mode: packets`)"
        ]),
        ("{at: 5s, fault: packet_loss, link: us-east -> rest, share: 5, for: 1s}", [
            "8:65 `5` is not a percentage such as 99.9% (it needs the %)"
        ]),
        ("{at: 5s, fault: disconnect, target: us-east, for: 1s}", [
            "8:42 `us-east` is whole regions, and this takes nodes (`us-east.nodes`)"
        ]),
        ("{at: 5s, fault: disk_full, target: us-east/1, leave: 5%, for: 1s}", [
            "8:59 `5%` is not a size such as 5MB or 1GiB (units B kB KiB MB MiB GB GiB TB TiB)"
        ]),
        ("{at: 5s, fault: cpu, target: us-east/1, leave: 0%, for: 1s}", [
            "8:53 a node that gets no CPU at all stands still (`fault: freeze`)"
        ]),
        ("{at: 5s, fault: cpu, target: us-east/1, leave: 0.9%, for: 1s}", [
            "8:53 the kernel limits nobody to less than 1% of a core (`1%` or more, or `fault: freeze`)"
        ]),
        ("{at: 5s, fault: cpu, target: us-east/1, leave: 1%, for: 1s}", []),
        ("{at: 5s, fault: clock_skew, target: us-east/1, by: -0s, for: 1s}", [
            "8:57 a clock that is off by nothing is right (e.g. `+30s` or `-30s`)"
        ]),
        ("{at: 5s, fault: clock_skew, target: us-east/1, by: soon, for: 1s}", [
            "8:57 `soon` is not a duration such as 80ms or 1m30s (units d h m s ms us ns, largest first)"
        ]),
        ("{at: 5s, fault: clock_skew, target: us-east/1, by: -1h30m, for: 1s}", []),
        ("{at: 5s, fault: latency, link: us-east <-> rest, for: 1s}", [
            "8:6 `latency` needs exactly one of `add` and `factor`"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, add: 1s, factor: 2, for: 1s, jitter: 1ms}", [
            "8:6 `latency` needs exactly one of `add` and `factor`"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, factor: 1, for: 1s}", [
            "8:63 a latency `factor` must be more than 1"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, factor: 2x, for: 1s}", [
            "8:63 `2x` is not a factor: a number without a unit, at most 1000"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, factor: '2', for: 1s}", [
            '8:63 "2" is quoted text, expected a number (remove the quotes)'
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, add: 100ms, jitter: 101ms, for: 1s}", [
            "8:75 `jitter` is more than what is added (at most 100ms)"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, add: 100ms, jitter: 100ms, for: 1s}", []),
        ("{at: 5s, fault: latency, link: us-east <-> rest, factor: 1.5, jitter: 41ms, for: 1s}", [
            "8:76 `jitter` is more than what is added (at most 40ms)"
        ]),
        ("{at: 5s, fault: latency, link: us-east -> rest, factor: 1.5, jitter: 21ms, for: 1s}", [
            "8:75 `jitter` is more than what is added (at most 20ms)"
        ]),
        ("{at: 5s, fault: latency, link: any <-> us-east.clients, factor: 1.5, jitter: 21ms, for: 1s}", []),
        ("{at: 5s, fault: region_loss, target: primary, for: 9s, data: lost, clients: kept}", [
            "8:67 unknown word `lost` (one of kept, destroyed)",
            "8:82 unknown word `kept` (one of lost, rerouted)",
        ]),
        ("{at: 5s, fault: freeze, target: us-east/1, process: autovacuum, for: 9s}", [
            "8:58 unknown word `autovacuum` (one of all, postmaster, startup, checkpointer, bgwriter, walwriter, "
            "walsender, walreceiver)"
        ]),
        ("{at: 61s, fault: region_loss, target: us-east, until: end}", [
            "8:3 `a` begins when the run is over (`duration: 1m`)"
        ]),
        ("{at: 51s, fault: partition, link: us-east <-> rest, for: 10s}", [
            "8:3 `a` ends at 1m1s, after the run's `duration` (make `duration` longer, or write `until: end`)"
        ]),
    ],
)  # fmt: skip
def test_wrong_steps_are_named(errors_in, step, expected):
    assert errors_in(f"timeline:\n  a: {step}") == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{at: 1s, action: switchover, target: eu-west/1}", []),
        ("{at: 1s, action: switchover, target: replica}", []),
        ("{at: 1s, action: switchover, target: eu-west/1, for: 5s, until: end}", [
            "9:59 an action is not undone, so it takes no `for` (remove it)",
            "9:70 an action is not undone, so it takes no `until` (remove it)",
        ]),
        ("{at: 1s, action: switchover}", ["9:6 missing `target`"]),
        ("{at: 1s, action: switchover, target: primary}", [
            "9:43 `primary` is not one node (`us-east/1`, or `replica`)"
        ]),
        ("{at: 1s, action: switchover, target: eu-west/1 + ap-south/1}", ["9:43 a `switchover` takes one node"]),
    ],
)  # fmt: skip
def test_a_switchover_takes_one_node_and_no_end(errors_of_steps, step, expected):
    assert errors_of_steps(f"a: {step}") == expected


def test_a_switchover_needs_somebody_to_do_it(errors_in):
    assert errors_in("timeline:\n  a: {at: 1s, action: switchover, target: eu-west/1}") == [
        "8:23 a `switchover` needs `failover: runbook`"
    ]


FAULTS_OF_CONTAINERS = [
    "partition, link: us-east <-> rest, mode: packets",
    "bandwidth, link: us-east <-> rest, rate: 1MB/s",
    "packet_loss, link: us-east <-> rest, share: 5%",
    "disconnect, target: us-east/1",
    "disk_full, target: us-east/1, leave: 0B",
    "cpu, target: us-east/1, leave: 5%",
    "clock_skew, target: us-east/1, by: +5s",
]


@pytest.mark.parametrize("fault", FAULTS_OF_CONTAINERS)
def test_a_fault_of_containers_requires_them_and_refuses_a_runtime_without(errors_in, sound, fault):
    step = f"timeline: {{a: {{at: 1s, fault: {fault}, for: 1s}}}}"
    assert sound(step).requires == "docker"
    assert sound(f"requires: {{runtime: docker}}\n{step}").requires == "docker"
    (told,) = errors_in(f"requires: {{runtime: local}}\n{step}")
    assert told.startswith("7:21 the runtime `local` cannot do `")
    assert told.endswith("of `a` (`runtime: docker` or leave `requires` out)")


def test_what_every_runtime_can_do_requires_none_unless_the_file_says_so(sound):
    assert sound(STEP).requires is None
    assert sound(f"requires: {{runtime: local}}\n{STEP}").requires == "local"


def test_a_timeline_must_be_a_map_of_names(errors_in):
    assert errors_in("timeline: [a]") == ["7:11 expected a map of steps, found a list"]
    assert errors_in(STEP.replace("  a:", "  end:")) == ["8:3 `end` is a reserved word, not a name"]
    assert errors_in(STEP + STEP.splitlines()[1]) == ["9:3 duplicate key `a` (first on line 8)"]


@pytest.mark.parametrize(
    ("step", "what", "column"),
    [
        ("at: 1s, fault: region_loss, target: us-east, until: end", "a step with `until: end`", 59),
        ("at: promoted, fault: crash, target: us-east/1, for: 1s", "a step that waits for an event", 11),
        ("at: 1s, fault: crash, target: us-east/1, until: a.promoted + 1s", "a step that waits for an event", 55),
        ("at: promoted, action: switchover, target: us-east/1", "a step that waits for an event", 11),
    ],
)
def test_what_has_no_known_end_needs_a_duration(sound, step, what, column):
    with pytest.raises(ScenarioErrors, match=f"{what} needs the scenario's `duration`") as raised:
        sound(f"  failover: runbook\ntimeline:\n  a: {{{step}}}")
    assert (raised.value.problems[0].line, raised.value.problems[0].column) == (9, column)


def test_a_chain_of_known_steps_needs_no_duration(sound):
    scenario = sound(
        "timeline:\n"
        "  b: {at: a.end + 5s, fault: crash, target: us-east/1, until: a.start + 20s}\n"
        "  a: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}"
    )
    assert scenario.duration_ns is None
    assert [step.name for step in scenario.timeline] == ["a", "b"]
