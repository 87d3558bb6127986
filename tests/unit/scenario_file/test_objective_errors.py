"""Wrong objectives get exact messages at exact positions."""

import pytest

STEP = "timeline:\n  a: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}\n"


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("lost_writes: {max: 0}", []),
        ("lost_writes: {max: 0s}", ["10:22 `0s` is not a count: a whole number without a unit"]),
        ("rto: {max: 15}", ["10:14 `15` has no unit: a duration is written 15ms, 15s or 15m"]),
        ("rpo_bytes: {max: 5}", ["10:20 `5` is not a size such as 5MB or 1GiB (units B kB KiB MB MiB GB GiB TB TiB)"]),
        ("rto: {}", ["10:8 the objective `rto` needs a `min` or a `max`"]),
        ("rto: {max: }", ["10:9 expected a duration such as 80ms, found nothing"]),
        ("rto: 5s", ["10:8 expected a map of keys, found `5s`"]),
        ("rto: {min: 3s, max: 2s}", ["10:14 `min` is above `max`"]),
        ("rto: {max: 1s, region: us-wst}", ["10:26 unknown region `us-wst` (did you mean `us-east`?)"]),
        ("rto: {max: 1s, step: b}", ["10:24 unknown step `b` (only a)"]),
        ("rto: {max: 1s, step: [b]}", ["10:24 unknown step a list (only a)"]),
        ("rto: {max: 1s, operation: probe_write, connection: new}", [
            "10:29 `probe_write` is not supported yet (one of write, read)",
            "10:54 unknown word `new` (one of fresh, established)",
        ]),
        ("long_fork: {max: 1}", ["10:3 the measure `long_fork` is not supported yet"]),
        ("forks: {measure: conflicts, max: 1}", ["10:20 the measure `conflicts` is not supported yet"]),
        ("lost_write: {max: 1}", ["10:3 the objective `lost_write` needs a `measure` (did you mean `lost_writes`?)"]),
        ("mine: {measure: lost_write, max: 1}", ["10:19 unknown measure `lost_write` (did you mean `lost_writes`?)"]),
        ("My own: {measure: rto, max: 1s}", [
            "10:3 `My own` is not a name: a-z first, then a-z, 0-9 and -, at most 40 characters"
        ]),
    ],
)  # fmt: skip
def test_wrong_objectives_are_named(errors_in, objective, expected):
    assert errors_in(f"{STEP}objectives:\n  {objective}") == expected


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("divergence: {max: 1, region: us-east}", [
            "10:24 `divergence` by `region` is not supported yet (it is one figure for the run)"
        ]),
        ("rto: {max: 1s, phase: after}", [
            "10:18 `rto` by `phase` is not supported yet (one of region, operation, connection, step)"
        ]),
        ("staleness.p99: {max: 1s, operation: read}", [
            "10:28 `staleness.p99` by `operation` is not supported yet (one of region, step, phase, between)"
        ]),
        ("availability: {min: 9%, phase: aftr}", ["10:34 unknown word `aftr` (did you mean `after`?)"]),
        ("availability: {min: 9%, phase: after, step: a}", []),
        ("availability: {min: 9%, step: a}", [
            "10:27 `availability` by `step` says nothing without a `phase` (add `phase: during`, or before, after)"
        ]),
        ("availability: {min: 9%, step: a, phase: always}", [
            "10:27 `availability` by `step` says nothing without a `phase` (add `phase: during`, or before, after)"
        ]),
        ("downtime: {max: 1s, step: a}", []),
        ("downtime: {max: 1s, phase: after, between: [1s, 2s]}", [
            "10:37 exactly one of `phase` and `between` says when"
        ]),
        ("downtime: {max: 1s, between: 1s}", ["10:32 expected two instants such as [5s, 20s], found `1s`"]),
        ("downtime: {max: 1s, between: [1s]}", ["10:32 expected two instants such as [5s, 20s], found a list"]),
        ("downtime: {max: 1s, between: [5s..6s, 9s]}", [
            "10:33 `5s..6s` is drawn for each trial (a time such as 5s, or a step's event)"
        ]),
        ("downtime: {max: 1s, between: [5s, 5s]}", ["10:37 `between` ends no later than it begins"]),
        ("downtime: {max: 1s, between: [b.end, 1x]}", [
            "10:33 unknown step `b` (only a)",
            "10:40 `1x` is not a duration such as 80ms or 1m30s (units d h m s ms us ns, largest first)",
        ]),
        ("downtime: {max: 1s, between: [a.start - 2s, end]}", []),
    ],
)  # fmt: skip
def test_a_measure_is_narrowed_only_by_what_means_something_for_it(errors_in, objective, expected):
    assert errors_in(f"{STEP}objectives:\n  {objective}") == expected


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("latency.p99: {max: 1.5x before, phase: after}", []),
        ("latency.p99: {max: 1.5x before, min: 2x before, phase: during}", []),
        ("rto: {max: 1.5x before}", [
            "10:14 this measure has no phases to be compared with (a value in its own unit)"
        ]),
        ("latency.p99: {max: 1.5x always}", [
            "10:22 `1.5x always` compares `always` with itself (give the objective another `phase`)"
        ]),
        ("latency.p99: {max: 1.5x always, between: [1s, 2s]}", []),
        ("latency.p99: {max: 1.5x befor}", ["10:22 unknown phase `befor` (did you mean `before`?)"]),
        ("latency.p99: {max: 0.0x before}", ["10:22 `0.0x before` must be more than zero"]),
        ("latency.p99: {max: 2x}", ["10:22 `2x` is not a multiple of a phase's value such as `1.5x before`"]),
    ],
)  # fmt: skip
def test_a_bound_may_be_a_multiple_of_another_phase(errors_in, objective, expected):
    assert errors_in(f"{STEP}objectives:\n  {objective}") == expected


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("rto: {max: 1s, expect: missed, because: nobody fails over}", []),
        ("rto: {max: 1s, expect: missed}", ["10:26 `expect: missed` needs a reason (add `because: …`)"]),
        ("rto: {max: 1s, because: we are slow}", ["10:27 `because` explains `expect: missed`, which is not here"]),
        ("rto: {max: 1s, expect: met, because: we are good}", ["10:26 unknown word `met` (only missed)"]),
    ],
)  # fmt: skip
def test_a_goal_that_is_expected_to_be_missed_has_a_reason(errors_in, objective, expected):
    assert errors_in(f"{STEP}objectives:\n  {objective}") == expected


def test_objectives_must_be_a_map_and_may_ask_for_steps_only_where_there_are_some(errors_in):
    assert errors_in("objectives: [rto]") == ["7:13 expected a map of objectives, found a list"]
    assert errors_in("objectives: {rto: {max: 1s, step: a}}") == ["7:35 unknown step `a` (the timeline has no steps)"]
