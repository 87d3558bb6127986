"""Wrong steps and objectives get exact messages at exact positions."""

import pytest

from chaoskit.scenario_file import ScenarioErrors

STEP = "timeline:\n  a: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}\n"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{at: 5s, fault: partition, link: us-east <-> rest, for: 3s}", []),
        ("5s", ["8:6 expected a map of keys, found `5s`"]),
        ("{fault: freeze, target: us-east, for: 1s}", [
            "8:6 missing `at`",
            "8:14 `freeze` is not supported yet (one of partition, latency, region_loss)",
        ]),
        ("{at: 1s, fault: partitoin, for: 1s}", ["8:22 unknown fault `partitoin` (did you mean `partition`?)"]),
        ("{at: 1s, fault: {partition: {}}, for: 1s}", [
            "8:34 the keys of `partition` stand beside `fault`, not below it"
        ]),
        ("{at: 1s, fault: [], for: 1s}", [
            "8:22 expected a word, or a map of one word to its options, found a list"
        ]),
        ("{at: 1s}", ["8:6 missing `fault`"]),
        ("{action: promote, target: us-east}", ["8:7 `action` is not supported yet (only `fault`)"]),
        ("{random: {}, until: end}", ["8:7 `random` is not supported yet (only `fault`)"]),
        ("{at: 5, fault: partition, link: us-east, for: 0s, ramp: 3s}", [
            "8:11 `5` has no unit: a duration is written 5ms, 5s or 5m",
            "8:38 expected a link such as `us-east <-> rest`, found `us-east`",
            "8:52 `0s` must be more than zero",
            "8:56 `ramp` is not supported yet",
        ]),
        ("{at: promoted, fault: partition, link: us-east <-> rest, for: 1s}", [
            "8:11 the instant `promoted` is not supported yet (a duration such as 5s)"
        ]),
        ("{at: b.end + 3s, fault: partition, link: us-east <-> rest, for: 1s}", [
            "8:11 the instant `b.end + 3s` is not supported yet (a duration such as 5s)"
        ]),
        ("{at: promotd, fault: partition, link: us-east <-> rest, for: 1s}", [
            "8:11 unknown instant `promotd` (did you mean `promoted`?)"
        ]),
        ("{at: 5s..9s, fault: partition, link: us-east <-> rest, for: 1s}", [
            "8:11 a drawn instant `5s..9s` is not supported yet (a duration such as 5s)"
        ]),
        ("{at: 5s, fault: partition, link: us-east <-> rest}", ["8:6 a fault needs exactly one of `for` and `until`"]),
        ("{at: 5s, fault: partition, link: us-east <-> rest, until: 9s}", [
            "8:64 `until` with a duration is not supported yet (use `for`, or `until: end`)"
        ]),
        ("{at: 5s, fault: partition, link: us-east <-> rest, until: dusk}", ["8:64 expected `end`, found `dusk`"]),
        ("{at: 5s, fault: partition, for: 1s}", ["8:6 missing `link`"]),
        ("{at: 5s, fault: partition, link: us-east -> rest, mode: refuse, for: 1s}", [
            "8:62 `mode: refuse` closes a link both ways (write it with `<->`)"
        ]),
        ("{at: 5s, fault: partition, link: us-east <-> rest, mode: packets, for: 1s}", [
            "8:63 `packets` is not supported yet (one of stall, drop, refuse)"
        ]),
        ("{at: 5s, fault: partition, link: us-east + eu-wst <-> primary, for: 1s}", [
            "8:49 unknown region `eu-wst` (did you mean `eu-west`?)",
            "8:60 the place `primary` is not supported yet (name a region)",
        ]),
        ('{at: 5s, fault: partition, link: "us-east.nodes <-> replica.clients", for: 1s}', [
            "8:40 the place `us-east.nodes` is not supported yet (name a region)",
            "8:58 the place `replica.clients` is not supported yet (name a region)",
        ]),
        ("{at: 5s, fault: partition, link: us-east <-> us-east, for: 1s}", [
            "8:39 `us-east` stands on both sides of the link"
        ]),
        ("{at: 5s, fault: partition, link: rest <-> rest, for: 1s}", [
            "8:39 `rest` stands on one side of a link only"
        ]),
        ("{at: 5s, fault: partition, link: us-east + rest + us-east -> , for: 1s}", [
            "8:39 `rest` is not joined with other places",
            "8:39 a link needs a place on each side",
            "8:56 `us-east` is listed twice",
        ]),
        ("{at: 5s, fault: partition, link: us-east + eu-west + ap-south -> rest, for: 1s}", [
            "8:39 no region is left for `rest`"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, for: 1s}", [
            "8:6 `latency` needs exactly one of `add` and `factor`"
        ]),
        ("{at: 5s, fault: latency, link: us-east <-> rest, add: 1s, factor: 2, for: 1s, jitter: 1ms}", [
            "8:6 `latency` needs exactly one of `add` and `factor`",
            "8:84 `jitter` is not supported yet",
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
        ("{at: 5s, fault: region_loss, target: us-east, for: 9s}", [
            "8:57 `for` of a `region_loss` is not supported yet: a region that comes back into service "
            "(write `until: end`)"
        ]),
        ("{at: 5s, fault: region_loss, target: primary, until: end, data: destroyed}", [
            "8:43 the place `primary` is not supported yet (name a region)",
            "8:64 `data` is not supported yet",
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


def test_a_timeline_must_be_a_map_of_names(errors_in):
    assert errors_in("timeline: [a]") == ["7:11 expected a map of steps, found a list"]
    assert errors_in(STEP.replace("  a:", "  end:")) == ["8:3 `end` is a reserved word, not a name"]
    assert errors_in(STEP + STEP.splitlines()[1]) == ["9:3 duplicate key `a` (first on line 8)"]


def test_a_region_is_lost_once_and_never_all_of_them(errors_in):
    def loss(name: str, region: str) -> str:
        return f"  {name}: {{at: 1s, fault: region_loss, target: {region}, until: end}}\n"

    twice = "timeline:\n" + loss("a", "us-east") + loss("b", "us-east")
    assert errors_in(twice) == ["9:3 the region `us-east` is already lost before `b`"]
    everything = "timeline:\n" + loss("a", "us-east") + loss("b", "eu-west") + loss("c", "ap-south")
    assert errors_in(everything) == ["10:3 after `c` no region is left"]


def test_until_end_needs_a_duration(sound):
    step = "timeline:\n  a: {at: 1s, fault: region_loss, target: us-east, until: end}"
    with pytest.raises(ScenarioErrors, match="a step with `until: end` needs the scenario's `duration`") as raised:
        sound(step)
    assert (raised.value.problems[0].line, raised.value.problems[0].column) == (8, 59)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("lost_writes: {max: 0}", []),
        ("lost_writes: {max: 0s}", ["10:22 `0s` is not a count: a whole number without a unit"]),
        ("rto: {max: 15}", ["10:14 `15` has no unit: a duration is written 15ms, 15s or 15m"]),
        ("rpo_bytes: {max: 5}", ["10:20 `5` is not a size such as 5MB or 1GiB (units B kB KiB MB MiB GB GiB TB TiB)"]),
        ("rto: {}", ["10:8 the objective `rto` needs a `min` or a `max`"]),
        ("rto: 5s", ["10:8 expected a map of keys, found `5s`"]),
        ("rto: {min: 3s, max: 2s}", ["10:14 `min` is above `max`"]),
        ("rto: {max: 1.5x before}", ["10:14 a bound relative to a phase (`1.5x before`) is not supported yet"]),
        ("rto: {max: 1s, expect: missed, phase: after}", [
            "10:18 `expect` is not supported yet", "10:34 `phase` is not supported yet"
        ]),
        ("rto: {max: 1s, region: us-wst}", ["10:26 unknown region `us-wst` (did you mean `us-east`?)"]),
        ("rto: {max: 1s, step: b}", ["10:24 unknown step `b` (only a)"]),
        ("rto: {max: 1s, step: [b]}", ["10:24 unknown step a list (only a)"]),
        ("rto: {max: 1s, operation: probe_write, connection: new}", [
            "10:29 `probe_write` is not supported yet (one of write, read)",
            "10:54 unknown word `new` (one of fresh, established)",
        ]),
        ("divergence: {max: 1, region: us-east}", [
            "10:24 `divergence` by `region` is not supported yet (it is one figure for the run)"
        ]),
        ("staleness.p99: {max: 1s, step: a}", ["10:28 `staleness.p99` by `step` is not supported yet (only region)"]),
        ("long_fork: {max: 1}", ["10:3 the measure `long_fork` is not supported yet"]),
        ("forks: {measure: client_rto.p99, max: 1s}", ["10:20 the measure `client_rto.p99` is not supported yet"]),
        ("lost_write: {max: 1}", ["10:3 the objective `lost_write` needs a `measure` (did you mean `lost_writes`?)"]),
        ("mine: {measure: lost_write, max: 1}", ["10:19 unknown measure `lost_write` (did you mean `lost_writes`?)"]),
        ("My own: {measure: rto, max: 1s}", [
            "10:3 `My own` is not a name: a-z first, then a-z, 0-9 and -, at most 40 characters"
        ]),
    ],
)  # fmt: skip
def test_wrong_objectives_are_named(errors_in, objective, expected):
    assert errors_in(f"{STEP}objectives:\n  {objective}") == expected


def test_objectives_must_be_a_map_and_may_ask_for_steps_only_where_there_are_some(errors_in):
    assert errors_in("objectives: [rto]") == ["7:13 expected a map of objectives, found a list"]
    assert errors_in("objectives: {rto: {max: 1s, step: a}}") == ["7:35 unknown step `a` (the timeline has no steps)"]


DEPOSED = (
    "the runbook in eu-west would depose us-east, and a primary that comes back into service is not supported yet"
    " (stay within 3s180ms, or use `failover: none`)"
)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("{at: 5s, fault: partition, link: us-east <-> rest, for: 9s}", [f"9:62 {DEPOSED}"]),
        ("{at: 5s, fault: partition, link: us-east -> eu-west, for: 9s}", [f"9:64 {DEPOSED}"]),
        ("{at: 5s, fault: partition, link: us-east <-> rest, for: 3180ms}", []),
        (
            "{at: 5s, fault: partition, link: us-east <-> rest, mode: drop, for: 3s}",
            [f"9:74 {DEPOSED.replace('3s180ms', '2s500ms')}"],
        ),
        ("{at: 5s, fault: partition, link: us-east <-> ap-south, for: 9s}", []),
        ("{at: 5s, fault: partition, link: us-east <-> rest, until: end}", []),
    ],
)
def test_a_cut_may_not_depose_the_primary_and_let_it_come_back(errors_of_step, step, expected):
    assert errors_of_step(step) == expected
