"""Values read back as they were written, and so do whole scenarios."""

from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.model.ability import needs
from chaoskit.model.fault import (
    Bandwidth,
    Clients,
    ClockSkew,
    Cpu,
    Crash,
    Data,
    Disconnect,
    DiskFull,
    Freeze,
    Latency,
    Link,
    Mode,
    NodeFault,
    PacketLoss,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.instant import RUN_EVENTS, Instant, Moment, since_t0
from chaoskit.model.place import Part, Term, places
from chaoskit.model.scenario import (
    Async,
    Commit,
    Failback,
    Fence,
    Load,
    Locustfile,
    NoFailover,
    Objective,
    Phase,
    Probes,
    Quorum,
    Reads,
    Register,
    Relative,
    Retry,
    Runbook,
    RuntimeName,
    Scenario,
    Stack,
    SteadyState,
    Step,
    Sync,
)
from chaoskit.model.schedule import windows
from chaoskit.model.topology import Node, Topology
from chaoskit.scenario_file import ScenarioErrors, parse, resolved, values
from chaoskit.scenario_file.instants import END_OF_RUN

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


@given(st.integers(1, 2**50).map(lambda bits: bits / 8))
def test_a_bandwidth_reads_back_as_it_was_written(rate):
    assert values.bytes_per_s(values.bandwidth_text(rate)) == rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [("2MiB/s", 2 << 20), ("10Mbit/s", 1_250_000), ("9kbit/s", 1125), ("1bit/s", 0.125), ("12kbit/s", 1500)],
)
def test_bandwidths_mean_what_they_say_and_are_written_with_the_least_number(text, rate):
    assert values.bytes_per_s(text) == rate
    assert values.bandwidth_text(rate) == text


@given(st.integers(-values.LONGEST_NS, values.LONGEST_NS))
def test_a_signed_duration_reads_back_as_it_was_written(ns):
    assert values.signed_duration_ns(values.signed_duration_text(ns)) == ns


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
    for read in (
        values.duration_ns,
        values.fraction,
        values.rate_hz,
        values.size_bytes,
        values.count,
        values.factor,
        values.bytes_per_s,
    ):
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
    nodes = tuple(Node(region=region, number=n) for region in regions for n in range(1, draw(st.integers(2, 4))))
    return Topology(nodes=nodes, primary=draw(st.sampled_from(nodes)).name, rtt_ns=rtt_ns)


@st.composite
def stacks(draw):
    topology = draw(topologies())
    members = st.sampled_from([*topology.regions, *(node.name for node in topology.nodes)])
    several = st.lists(members, unique=True, max_size=3).map(tuple)
    others = several.map(lambda some: tuple(dict.fromkeys((*some, *topology.regions))))
    commit = st.sampled_from(Commit)
    runbook = st.builds(
        Runbook,
        every_ns=st.integers(1, SECOND_NS),
        failures=st.integers(1, 9),
        timeout_ns=st.integers(SECOND_NS, 2 * SECOND_NS),
        decide_ns=st.integers(0, SECOND_NS),
        origin=st.sampled_from(topology.regions),
        fence=st.sampled_from(Fence),
        candidates=several,
        failback=st.sampled_from(Failback),
    )
    setting = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9)
    quorum = st.builds(Quorum, any=st.integers(1, 2), of=others, commit=commit)
    return Stack(
        topology=topology,
        replication=draw(st.one_of(st.builds(Async), st.builds(Sync, commit=commit), quorum)),
        failover=draw(st.one_of(st.builds(NoFailover), runbook)),
        reads=draw(st.sampled_from(Reads)),
        postgres_version=draw(st.integers(15, 18)),
        settings=draw(st.dictionaries(st.sampled_from(["work_mem", "jit", "ext.opt"]), setting)),
    )


parts = st.sampled_from([None, Part.NODES, Part.CLIENTS])


@st.composite
def links(draw, topology):
    """Regions on both sides, perhaps a part of them, or `rest`; a node against another region; or roles."""
    regions = topology.regions
    cut = draw(st.integers(1, len(regions) - 1))
    left, right = ([Term(word=word, part=draw(parts)) for word in side] for side in (regions[:cut], regions[cut:]))
    rest = [Term(word="rest", part=draw(parts))]
    node = [Term(word=topology.nodes[0].name)]
    sides = [
        (left, right),
        (left, rest),
        (rest, right),
        (node, right),
        (list(places("primary")), list(places("replicas"))),
    ]
    chosen = draw(st.sampled_from(sides))
    return Link(left=tuple(chosen[0]), right=tuple(chosen[1]), both_ways=draw(st.booleans()))


@st.composite
def faults(draw, topology):
    """Anything but the loss of a region, which may leave none."""
    link = draw(links(topology))
    modes = list(Mode) if link.both_ways else [Mode.STALL, Mode.DROP, Mode.PACKETS]
    # Roles, so that it is never certain that two of them meet.
    nodes = st.sampled_from([places("primary"), places("replica"), places("any.nodes", "replica")])
    jitter = st.integers(0, SECOND_NS // 100)
    return draw(
        st.one_of(
            st.builds(Partition, link=st.just(link), mode=st.sampled_from(modes)),
            st.builds(Latency, link=st.just(link), add_ns=st.integers(SECOND_NS // 100, SECOND_NS), jitter_ns=jitter),
            st.builds(Latency, link=st.just(link), factor=st.floats(1.001, 1000)),
            st.builds(Bandwidth, link=st.just(link), bytes_per_s=st.integers(1, 10**12).map(lambda bits: bits / 8)),
            st.builds(PacketLoss, link=st.just(link), share=st.integers(1, 99_999).map(lambda n: n / 100_000)),
            st.builds(Crash, target=nodes),
            st.builds(Disconnect, target=nodes),
            st.builds(DiskFull, target=nodes, leave_bytes=st.integers(0, 2**40)),
            st.builds(Cpu, target=nodes, leave=st.integers(1_000, 100_000).map(lambda n: n / 100_000)),
            st.builds(ClockSkew, target=nodes, by_ns=st.integers(-values.LONGEST_NS, values.LONGEST_NS).filter(bool)),
            st.builds(Freeze, target=nodes, process=st.sampled_from(["all", "walreceiver", "checkpointer"])),
        )
    )


def instants(earlier, runbook):
    """A time, a range of times, what comes after an earlier step that ends, or an event where somebody fails over."""
    found = [st.builds(Instant, offset_ns=st.integers(0, SECOND_NS))]
    ranges = st.integers(SECOND_NS + 1, 2 * SECOND_NS)
    found.append(st.builds(Instant, offset_ns=st.integers(0, SECOND_NS), latest_ns=ranges))
    if earlier:
        moments = st.builds(Moment, event=st.sampled_from(["start", "end"]), step=st.sampled_from(earlier))
        found.append(st.builds(Instant, offset_ns=st.integers(0, SECOND_NS), after=moments))
    if runbook:
        moments = st.builds(Moment, event=st.sampled_from(RUN_EVENTS), step=st.sampled_from([None, *earlier]))
        found.append(st.builds(Instant, offset_ns=st.integers(0, SECOND_NS), after=moments))
    return st.one_of(found)


@st.composite
def timelines(draw, stack):
    runbook = isinstance(stack.failover, Runbook)
    steps, ending = [], []
    for name in draw(st.lists(names, max_size=3, unique=True)):
        at = draw(instants(ending, runbook))
        end = draw(st.sampled_from(["for", "until", "end of the run", *(["action"] if runbook else [])]))
        if end == "action":
            target = (Term(word=draw(st.sampled_from(stack.topology.nodes)).name),)
            steps.append(Step(name=name, at=at, deed=Switchover(target=target)))
            continue
        for_ns = draw(st.integers(1, SECOND_NS)) if end == "for" else None
        until = Instant(offset_ns=4 * SECOND_NS + draw(st.integers(0, SECOND_NS))) if end == "until" else None
        if until is not None:  # before which its onset must lie, if it is known
            at = Instant(offset_ns=draw(st.integers(0, SECOND_NS)))
        deed = draw(faults(stack.topology))
        if not runbook and isinstance(deed, NodeFault):  # the primary stays, so two would surely meet
            deed = replace(deed, target=places("replica"))
        steps.append(Step(name=name, at=at, for_ns=for_ns, until=until, deed=deed))
        ending += [name] if end != "end of the run" else []
    if "lost" not in [step.name for step in steps] and draw(st.booleans()):
        deed = RegionLoss(
            target=(Term(word=draw(st.sampled_from(stack.topology.regions))),),
            data=draw(st.sampled_from(Data)),
            clients=draw(st.sampled_from(Clients)),
        )
        steps.append(Step(name="lost", at=since_t0(draw(st.integers(0, SECOND_NS))), deed=deed))
    ordered = sorted(windows(steps), key=lambda window: (window.at_ns is None, window.at_ns or 0))
    return tuple(window.step for window in ordered)


@st.composite
def objectives(draw, stack, timeline):
    regions, step_names = stack.topology.regions, [step.name for step in timeline]
    region = st.one_of(st.none(), st.sampled_from(regions))
    step = st.sampled_from([None, *step_names])
    because = draw(st.one_of(st.just(""), texts))
    missed = st.just(bool(because))
    between = st.just((since_t0(0), draw(st.sampled_from([since_t0(5), END_OF_RUN]))))
    return draw(st.one_of(
        st.builds(
            Objective, name=names, measure=st.just("rto"), unit=st.just("s"), maximum=st.just(90.0), region=region,
            expected_text=st.sampled_from(["max 90s", "max 1m30s"]), step=step, missed=missed, because=st.just(because),
        ),
        st.builds(
            Objective, name=names, measure=st.just("availability"), unit=st.just("fraction"), minimum=st.just(0.999),
            expected_text=st.just("min 99.9%"), operation=st.sampled_from([None, "read", "write"]), region=region,
            phase=st.sampled_from(Phase),
        ),
        st.builds(
            Objective, name=names, measure=st.just("latency.p99"), unit=st.just("s"), region=region,
            maximum=st.just(Relative(factor=1.5, phase=Phase.BEFORE)), expected_text=st.just("max 1.5x before"),
            phase=st.just(Phase.AFTER), step=step,
        ),
        st.builds(
            Objective, name=names, measure=st.just("ghosts"), unit=st.just("count"), minimum=st.just(1.0),
            maximum=st.just(2.0), expected_text=st.just("min 1, max 2"), between=between, region=region,
        ),
        st.builds(
            Objective, name=names, measure=st.just("rpo_bytes"), unit=st.just("bytes"), maximum=st.just(1e6),
            expected_text=st.just("max 1MB"),
        ),
    ))  # fmt: skip


@st.composite
def workloads(draw):
    if draw(st.booleans()):
        words = st.lists(names, unique=True, max_size=2).map(tuple)
        return Locustfile(path=__file__, classes=("Buyer",), tags=draw(words))
    return Register(
        keys=draw(st.integers(1, 999)),
        write_share=draw(fractions),
        read_after_ns=draw(st.one_of(st.none(), durations)),
    )


@st.composite
def scenarios(draw):
    stack = draw(stacks())
    regions = stack.topology.regions
    timeline = draw(timelines(stack))
    steady_ns = draw(st.integers(1, SECOND_NS))
    wanted = st.lists(objectives(stack, timeline), max_size=3, unique_by=lambda objective: objective.name)
    return Scenario(
        name=draw(names),
        question=draw(texts),
        hypothesis=draw(st.one_of(st.just(""), texts)),
        tags=tuple(draw(st.lists(names, unique=True, max_size=3))),
        seed=draw(st.one_of(st.none(), st.integers(0, 2**53))),
        trials=draw(st.integers(1, 9)),
        requires=RuntimeName.DOCKER if needs(timeline) else draw(st.sampled_from([None, *RuntimeName])),
        stack=stack,
        load=Load(
            users={region: draw(st.integers(0, 99)) for region in regions},
            spawn_rate_hz=draw(st.one_of(st.none(), rates)),
            pace_hz=draw(rates),
            retry=draw(st.sampled_from(Retry)),
            workers=draw(st.dictionaries(st.sampled_from(regions), st.integers(1, 9))),
            workload=draw(workloads()),
            # Long enough for any latency drawn here.
            probes=Probes(rate_hz=draw(rates), timeout_ns=draw(st.sampled_from([None, values.LONGEST_NS]))),
        ),
        timeline=timeline,
        objectives=tuple(draw(wanted)),
        steady_state=SteadyState(for_ns=steady_ns, availability=draw(fractions), within_ns=2 * steady_ns),
        duration_ns=draw(st.integers(20 * SECOND_NS, values.LONGEST_NS)),
        source="f",
    )


@given(scenarios())
@settings(deadline=None)
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
