"""Values read back as they were written, and so do whole scenarios."""

from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoskit.model.fault import Latency, Link, Mode, Partition, RegionLoss
from chaoskit.model.scenario import (
    Async,
    Commit,
    Fence,
    Load,
    NoFailover,
    Objective,
    Probes,
    Quorum,
    Reads,
    Register,
    Runbook,
    Scenario,
    Stack,
    SteadyState,
    Step,
)
from chaoskit.model.topology import Node, Topology
from chaoskit.scenario_file import ScenarioErrors, parse, resolved, values

SECOND_NS = 1_000_000_000
names = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True).filter(lambda text: text not in values.RESERVED)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"), include_characters="\n"), min_size=1
).filter(str.strip)
durations = st.integers(0, values.LONGEST_NS)
fractions = st.integers(0, 100_000).map(lambda n: n / 100_000)
rates = st.integers(1, 10**6).map(lambda n: n / 1000)


@given(durations)
def test_a_duration_reads_back_as_it_was_written(ns):
    assert values.duration_ns(values.duration_text(ns)) == ns


@given(st.floats(0, 1, allow_subnormal=False))
def test_a_percentage_reads_back_as_it_was_written(share):
    try:
        assert values.fraction(values.percent_text(share)) == share
    except ValueError:  # more digits than anyone writes
        assert len(values.percent_text(share)) > 40


@given(rates)
def test_a_rate_reads_back_as_it_was_written(hz):
    assert values.rate_hz(values.rate_text(hz)) == hz


@given(st.integers(0, 2**60))
def test_a_size_reads_back_as_it_was_written(size):
    assert values.size_bytes(values.size_text(size)) == size


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("80ms", 80_000_000),
        ("1m30s", 90 * SECOND_NS),
        ("0s", 0),
        ("0.5s", SECOND_NS // 2),
        ("1d", 86400 * SECOND_NS),
        ("1us1ns", 1001),
    ],
)
def test_durations_mean_what_they_say(text, ns):
    assert values.duration_ns(text) == ns


@pytest.mark.parametrize("text", ["", "5", "5 s", "s", "-5s", "30s1m", "1s1s", "0.1ns", "31d", "1M", "1e3s", "٣s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        values.duration_ns(text)


@pytest.mark.parametrize("text", ["5", "5X", "MB", "-5MB", "0.5B", "1,5MB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match=r"size|bytes"):
        values.size_bytes(text)


@given(st.text(max_size=30))
def test_readers_return_or_refuse_and_never_crash(text):
    for read in (values.duration_ns, values.fraction, values.rate_hz, values.size_bytes, values.count, values.factor):
        with suppress(ValueError):
            assert read(text) >= 0


@given(st.text(max_size=200))
def test_any_text_is_either_a_scenario_or_a_list_of_problems_with_positions(text):
    with pytest.raises(ScenarioErrors) as raised:
        parse(text, "f")
    assert raised.value.problems
    for problem in raised.value.problems:
        assert problem.line >= 1
        assert problem.column >= 1


@st.composite
def topologies(draw):
    regions = draw(st.lists(names, min_size=3, max_size=4, unique=True))
    rtt_ns = {}
    for a, b in combinations(regions, 2):
        rtt_ns[a, b] = rtt_ns[b, a] = draw(st.integers(0, SECOND_NS // 4))
    nodes = tuple(Node(region=region) for region in regions)
    return Topology(nodes=nodes, primary=draw(st.sampled_from(nodes)).name, rtt_ns=rtt_ns)


@st.composite
def stacks(draw):
    topology = draw(topologies())
    quorum = st.builds(Quorum, any=st.just(1), of=st.just(topology.regions), commit=st.sampled_from(Commit))
    runbook = st.builds(
        Runbook,
        every_ns=st.integers(1, SECOND_NS),
        failures=st.integers(1, 9),
        timeout_ns=st.integers(SECOND_NS, 2 * SECOND_NS),
        decide_ns=st.integers(0, SECOND_NS),
        origin=st.sampled_from(topology.regions),
        fence=st.sampled_from(Fence),
    )
    setting = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9)
    return Stack(
        topology=topology,
        replication=draw(st.one_of(st.builds(Async), quorum)),
        failover=draw(st.one_of(st.builds(NoFailover), runbook)),
        reads=draw(st.sampled_from(Reads)),
        postgres_version=draw(st.integers(15, 18)),
        settings=draw(st.dictionaries(st.sampled_from(["work_mem", "jit", "ext.opt"]), setting)),
    )


@st.composite
def faults(draw, regions):
    cut = draw(st.integers(1, len(regions) - 1))
    link = Link(left=tuple(regions[:cut]), right=tuple(regions[cut:]), both_ways=draw(st.booleans()))
    modes = list(Mode) if link.both_ways else [Mode.STALL, Mode.DROP]
    return draw(
        st.one_of(
            st.builds(Partition, link=st.just(link), mode=st.sampled_from(modes)),
            st.builds(Latency, link=st.just(link), add_ns=st.integers(1, SECOND_NS)),
            st.builds(Latency, link=st.just(link), factor=st.floats(1.001, 1000)),
        )
    )


@st.composite
def scenarios(draw):
    stack = draw(stacks())
    regions = stack.topology.regions
    step_names = draw(st.lists(names, max_size=3, unique=True))
    ends = st.one_of(st.none(), st.integers(1, SECOND_NS))
    steps = [
        Step(name=name, at_ns=draw(st.integers(0, SECOND_NS)), for_ns=draw(ends), fault=draw(faults(regions)))
        for name in step_names
    ]
    if isinstance(stack.failover, Runbook):  # a primary that is cut off and comes back is refused
        steps = [replace(step, for_ns=None) if isinstance(step.fault, Partition) else step for step in steps]
    if "lost" not in step_names and draw(st.booleans()):
        fault = RegionLoss(region=draw(st.sampled_from(regions)))
        steps.append(Step(name="lost", at_ns=draw(st.integers(0, SECOND_NS)), for_ns=None, fault=fault))
    region = st.one_of(st.none(), st.sampled_from(regions))
    objectives = st.one_of(
        st.builds(
            Objective, name=names, measure=st.just("rto"), unit=st.just("s"), maximum=st.just(90.0), region=region,
            expected_text=st.sampled_from(["max 90s", "max 1m30s"]), step=st.sampled_from([None, *step_names]),
        ),
        st.builds(
            Objective, name=names, measure=st.just("availability"), unit=st.just("fraction"), minimum=st.just(0.999),
            expected_text=st.just("min 99.9%"), operation=st.sampled_from([None, "read", "write"]), region=region,
        ),
        st.builds(
            Objective, name=names, measure=st.just("ghosts"), unit=st.just("count"), minimum=st.just(1.0),
            maximum=st.just(2.0), expected_text=st.just("min 1, max 2"),
        ),
        st.builds(
            Objective, name=names, measure=st.just("rpo_bytes"), unit=st.just("bytes"), maximum=st.just(1e6),
            expected_text=st.just("max 1MB"),
        ),
    )  # fmt: skip
    steady_ns = draw(st.integers(1, SECOND_NS))
    return Scenario(
        name=draw(names),
        question=draw(texts),
        hypothesis=draw(st.one_of(st.just(""), texts)),
        tags=tuple(draw(st.lists(names, unique=True, max_size=3))),
        seed=draw(st.one_of(st.none(), st.integers(0, 2**53))),
        stack=stack,
        load=Load(
            users={region: draw(st.integers(0, 99)) for region in regions},
            pace_hz=draw(rates),
            workload=Register(
                keys=draw(st.integers(1, 999)),
                write_share=draw(fractions),
                read_after_ns=draw(st.one_of(st.none(), durations)),
            ),
            # Long enough for any latency drawn here.
            probes=Probes(rate_hz=draw(rates), timeout_ns=draw(st.sampled_from([None, values.LONGEST_NS]))),
        ),
        timeline=tuple(sorted(steps, key=lambda step: step.at_ns)),
        objectives=tuple(draw(st.lists(objectives, max_size=3, unique_by=lambda objective: objective.name))),
        steady_state=SteadyState(for_ns=steady_ns, availability=draw(fractions), within_ns=2 * steady_ns),
        duration_ns=draw(st.integers(3 * SECOND_NS, values.LONGEST_NS)),
        source="f",
    )


@given(scenarios())
def test_a_resolved_scenario_parses_back_to_the_same_scenario(scenario):
    again = parse(resolved(scenario), "f")
    assert without_positions(again) == scenario
    assert resolved(again) == resolved(scenario)


def without_positions(scenario: Scenario) -> Scenario:
    return replace(
        scenario,
        timeline=tuple(replace(step, line=0, column=0) for step in scenario.timeline),
        objectives=tuple(replace(objective, position="") for objective in scenario.objectives),
    )
