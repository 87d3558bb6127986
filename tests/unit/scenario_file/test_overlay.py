"""``--set PATH=VALUE``: a merge patch of the file, checked like the file and with its own positions."""

import pytest

from chaoskit.model.scenario import Async, Fence, NoFailover, Quorum, Runbook, Sync
from chaoskit.scenario_file import ScenarioErrors, parse

FILE = """\
chaoskit: 1
name: s
question: q
duration: 60s
stack:
  regions: [a, b, c]
  replication: {quorum: {any: 2, of: [a, b, c]}}
  failover: {runbook: {fence: required, decide: 2s}}
timeline:
  cut: {at: 5s, fault: partition, link: a <-> rest, for: 3s}
objectives:
  outage.max: {max: 9s}
"""


def under(*sets: str):
    return parse(FILE, "s.chaos.yaml", sets)


def wrong(*sets: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as raised:
        under(*sets)
    return str(raised.value).splitlines()


def test_maps_merge_and_the_rest_is_replaced():
    scenario = under("timeline.cut.for=7s", "load.users={a: 9, default: 1}", "stack.failover.runbook.fence=denied")
    assert scenario.timeline[0].for_ns == 7_000_000_000
    assert scenario.load.users == {"a": 9, "b": 1, "c": 1}
    assert isinstance(scenario.stack.failover, Runbook)
    assert (scenario.stack.failover.fence, scenario.stack.failover.decide_ns) == (Fence.DENIED, 2_000_000_000)


def test_a_choice_of_another_word_replaces_the_whole_choice_and_of_the_same_one_merges():
    assert under("stack.replication=async").stack.replication == Async()
    assert under("stack.replication.sync.commit=remote_apply").stack.replication == Sync(commit="remote_apply")
    assert under("stack.replication={sync: {}}").stack.replication == Sync()
    assert under("stack.replication.quorum.any=1").stack.replication == Quorum(any=1, of=("a", "b", "c"))
    assert under("stack.failover=none").stack.failover == NoFailover()


def test_null_deletes_and_later_ones_win():
    assert under("stack.failover=null").stack.failover == NoFailover()
    assert under("timeline.cut=", "duration=9s").timeline == ()
    assert under("seed=1", "seed=2").seed == 2
    assert under("seed=~").seed is None


def test_a_key_with_dots_is_found_in_the_file_and_quoted_where_it_is_new():
    assert under("objectives.outage.max.max=3s").objectives[0].maximum == 3.0
    added = under('objectives."latency.p99"={max: 1s}').objectives[1]
    assert (added.measure, added.maximum, added.position) == (
        "latency.p99", 1.0, '--set objectives."latency.p99"={max: 1s}'
    )  # fmt: skip
    assert wrong("objectives.latency.p99.max=1s")[0].startswith("--set objectives.latency.p99.max=1s: error: ")


def test_the_file_itself_is_what_it_was():
    assert under() == parse(FILE, "s.chaos.yaml")
    assert under("name=t").source == "s.chaos.yaml"


@pytest.mark.parametrize(
    ("argument", "expected", "column"),
    [
        ("stack.replicaton=async", "unknown key `replicaton` (did you mean `replication`?)", 7),
        ("stak.replication=async", "unknown key `stak` (did you mean `stack`?)", 1),
        ("stack.replication=asinc", "unknown word `asinc` (did you mean `async`?)", 19),
        ("timeline.cut.for=5", "`5` has no unit: a duration is written 5ms, 5s or 5m", 18),
        ("timeline.cut.link=a <-> d", "unknown region `d` (one of a, b, c)", 25),
        ("name.first=5", "expected a name, found a map", 6),
        ("seed=[", "not valid YAML: expected the node content, but found '<stream end>'", 7),
        ("seed=&a 1", "anchors (`&a`) are not allowed (repeat the value)", 6),
        ("seed", "expected PATH=VALUE (e.g. stack.replication=async; a key with a dot in it is \"quoted\")", 1),
        ("=5", "expected PATH=VALUE (e.g. stack.replication=async; a key with a dot in it is \"quoted\")", 1),
        ("a..b=5", "expected PATH=VALUE (e.g. stack.replication=async; a key with a dot in it is \"quoted\")", 1),
        ('"a"b=5', "expected PATH=VALUE (e.g. stack.replication=async; a key with a dot in it is \"quoted\")", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_on_the_command_line_has_its_position_there(argument, expected, column):
    head, shown, caret = wrong(argument)
    assert head.startswith(f"--set {argument}: error: {expected.split(' (')[0]}")
    assert shown == f"  {argument}"
    assert caret == f"  {' ' * (column - 1)}^"


def test_mistakes_of_the_command_line_and_of_the_file_are_told_together():
    with pytest.raises(ScenarioErrors) as raised:
        parse(FILE.replace("decide", "decde"), "s.chaos.yaml", ["seed=x", "trials=0"])
    assert [(problem.line, problem.file) for problem in raised.value.problems] == [
        (0, "--set seed=x"),
        (0, "--set trials=0"),
        (8, "s.chaos.yaml"),
    ]


def test_a_step_that_collides_through_the_command_line_says_so_there():
    (head, *_) = wrong("timeline.lost={at: 1s, fault: region_loss, target: all, for: 1s}")
    assert head.endswith("error: after `lost` no region is left")
    assert head.startswith("--set timeline.lost=")
