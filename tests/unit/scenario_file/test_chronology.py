"""Instants: since t0, since events, and the order that they impose."""

import pytest

from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.scenario_file import parse, resolved

S = 1_000_000_000
CUT = "cut: {at: 5s, fault: partition, link: us-east <-> rest, for: 3s}"


def crash(name: str, at: str, end: str = "for: 1s", node: str = "us-east/1") -> str:
    return f"{name}: {{at: {at}, fault: crash, target: {node}, {end}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8s", since_t0(8 * S)),
        ("8s..9500ms", Instant(offset_ns=8 * S, latest_ns=9 * S + S // 2)),
        ("8s .. 9s", Instant(offset_ns=8 * S, latest_ns=9 * S)),
        ("promoted", Instant(offset_ns=0, after=Moment(event="promoted"))),
        ("promoted + 10s", Instant(offset_ns=10 * S, after=Moment(event="promoted"))),
        ("cut.end+5s", Instant(offset_ns=5 * S, after=Moment(event="end", step="cut"))),
        ("cut.end - 1s", Instant(offset_ns=-1 * S, after=Moment(event="end", step="cut"))),
        ("cut.failed_back + 0s", Instant(offset_ns=0, after=Moment(event="failed_back", step="cut"))),
    ],
)
def test_an_instant_is_a_time_or_an_event_and_what_lies_between(text, expected):
    stack = "stack: {regions: [us-east, b], failover: runbook}\n"
    steps = f"timeline:\n  {CUT}\n  {crash('x', text)}\n  {crash('y', '0s', f'until: {text}', 'b/1')}\n"
    scenario = parse(f"chaoskit: 1\nname: s\nquestion: q\nduration: 60s\n{stack}{steps}", "s")
    found = {step.name: step for step in scenario.timeline}
    assert (found["x"].at, found["y"].until) == (expected, expected)
    again = {step.name: step for step in parse(resolved(scenario), "s").timeline}
    assert (again["x"].at, again["y"].until) == (expected, expected)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("promotd", ["unknown instant `promotd` (did you mean `promoted`?)"]),
        ("cut.healed", [
            "unknown instant `cut.healed` (a time such as 5s, or one of detected, decided, fenced, promoted, demoted, "
            "routed, failed_back)"
        ]),
        ("cut", ["unknown instant `cut` (`cut.start` or `cut.end`)"]),
        ("end", ["`end` of which step? (`cut.end`)"]),
        ("end - 5s", ["`end` of which step? (`cut.end`)"]),
        ("cutt.end + 3s", ["unknown step `cutt` (did you mean `cut`?)"]),
        ("cut.end + 3", ["`3` has no unit: a duration is written 3ms, 3s or 3m"]),
        ("cut.end 3s", [
            "unknown instant `cut.end 3s` (a time such as 5s, or one of detected, decided, fenced, promoted, demoted, "
            "routed, failed_back)"
        ]),
        ("9s..5s", ["`9s..5s` ends no later than it begins (the earlier time first: 5s..8s)"]),
        ("5s..5s", ["`5s..5s` ends no later than it begins (the earlier time first: 5s..8s)"]),
        ("5s..cut.end", ["`cut.end` is not a duration such as 80ms or 1m30s (units d h m s ms us ns, largest first)"]),
        ("5..8", [
            "`5` has no unit: a duration is written 5ms, 5s or 5m",
            "`8` has no unit: a duration is written 8ms, 8s or 8m"
        ]),
        ("5s + 3s", ["`5s + 3s` is not a duration such as 80ms or 1m30s (units d h m s ms us ns, largest first)"]),
        ("[5s]", ["expected a duration such as 80ms, found a list"]),
    ],
)  # fmt: skip
def test_wrong_instants_are_named(errors_of_steps, at, expected):
    found = errors_of_steps(CUT, crash("x", at))
    assert [problem.split(" ", 1)[1] for problem in found] == expected


def test_the_position_of_a_wrong_offset_is_its_own(errors_of_steps):
    (problem,) = errors_of_steps(CUT, crash("x", "cut.end + 3x"))
    assert problem.startswith("10:21 `3x` is not a duration")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([crash("a", "1s..4s"), crash("b", "6s")], []),
        ([crash("a", "1s..4s"), crash("b", "a.end + 1s")], []),
        (
            [crash("a", "1s..4s"), crash("b", "4500ms")],
            ["10:3 `b` strikes `us-east/1` while `a` still does (a process takes one fault at a time)"],
        ),
        (
            [crash("a", "1s..59500ms")],
            ["9:3 `a` ends at 1m500ms, after the run's `duration` (make `duration` longer, or write `until: end`)"],
        ),
        ([crash("a", "1s..4s", "until: 4s")], ["9:59 `a` would end no later than 4s, when it begins"]),
        ([crash("a", "5s", "until: 6s..8s"), crash("b", "a.end")], []),
    ],
)
def test_what_is_drawn_must_fit_whatever_is_drawn(errors_of_steps, steps, expected):
    assert errors_of_steps(*steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([crash("a", "a.start + 1s")], ["9:11 `a` waits for itself"]),
        ([crash("a", "a.promoted")], ["9:11 `a` waits for itself"]),
        ([crash("a", "1s", "until: a.end + 1s")], ["9:55 `a` waits for itself"]),
        ([crash("a", "1s", "until: a.promoted + 1s")], []),
        ([crash("a", "1s", "until: a.start + 1s")], []),
        ([crash("a", "1s", "until: a.start")], ["9:55 `a` would end no later than 1s, when it begins"]),
        ([crash("a", "9s", "until: 5s")], ["9:55 `a` would end no later than 9s, when it begins"]),
        ([crash("a", "b.end"), crash("b", "a.end")], ["9:11 `a` waits for `b`, which waits for `a`"]),
        (
            [crash("a", "b.end"), crash("b", "c.start"), crash("c", "a.promoted")],
            ["9:11 `a` waits for `b`, which waits for `c`, which waits for `a`"],
        ),
        ([crash("a", "1s", "until: b.end"), crash("b", "a.start + 1s", node="us-east/1")], None),
        (
            [crash("a", "1s", "until: b.end"), crash("b", "a.end", node="eu-west/1")],
            ["9:55 `a` waits for `b`, which waits for `a`"],
        ),
        (
            [crash("a", "1s", "until: end"), crash("b", "a.end")],
            ["10:11 `a.end` never comes: `a` lasts until the end of the run"],
        ),
        (
            ["a: {at: 1s, action: switchover, target: eu-west/1}", crash("b", "a.end")],
            ["10:11 `a.end` never comes: an action has no end (`a.start`)"],
        ),
        (["a: {at: 1s, action: switchover, target: eu-west/1}", crash("b", "a.start + 5s")], []),
    ],
)
def test_every_instant_can_come(errors_of_steps, steps, expected):
    found = errors_of_steps(*steps)
    if expected is None:
        assert not [problem for problem in found if "waits" in problem]
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("cut.start - 5s", []),
        ("cut.end - 8s", []),
        ("cut.start - 6s", ["10:11 `x` would begin before t0"]),
        ("promoted - 1s", ["10:11 `promoted` is known only when it comes, so nothing can be done before it"]),
        ("cut.promoted - 1s", ["10:11 `cut.promoted` is known only when it comes, so nothing can be done before it"]),
        ("late.start - 1s", ["10:11 `late.start` is known only when it comes, so nothing can be done before it"]),
        ("late.start + 1s", []),
    ],
)
def test_only_what_is_known_in_advance_can_be_preceded(errors_of_steps, at, expected):
    assert errors_of_steps(CUT, crash("x", at), crash("late", "promoted", node="eu-west/1")) == expected


def test_nobody_promotes_without_a_failover_manager(errors_in):
    assert errors_in(f"timeline:\n  {CUT}\n  {crash('x', 'cut.promoted + 1s')}") == [
        "9:11 `promoted` never comes: nobody fails over (a time such as 5s, or a runbook)"
    ]


def test_steps_come_by_their_beginning_and_those_that_wait_last():
    text = "chaoskit: 1\nname: s\nquestion: q\nduration: 60s\nstack: {regions: [us-east, b], failover: runbook}\n"
    steps = [crash("w", "promoted"), crash("z", "cut.end - 1s"), CUT, crash("a", "20s")]
    scenario = parse(text + "timeline:\n" + "".join(f"  {step}\n" for step in steps), "s")
    assert [step.name for step in scenario.timeline] == ["cut", "z", "a", "w"]
