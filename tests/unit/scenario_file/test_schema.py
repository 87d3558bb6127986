"""The schema that editors use agrees with what the parser accepts, key by key and value by value."""

import copy
import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from typer.testing import CliRunner

from chaoskit.cli import app
from chaoskit.scenario_file import ScenarioErrors, parse, parse_all, resolved, schema, values
from chaoskit.scenario_file.json_schema.values import VALUES
from chaoskit.scenario_file.measures import EVERY_SCOPE, MEASURES

ROOT = Path(__file__).parents[3]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.chaos.yaml"))
SCHEMA = schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

# Every key that is built, with a value that no other key depends on where that is possible.
EVERY_KEY = """\
chaoskit: 1
name: every-key
question: What is there?
hypothesis: All of it.
tags: [one, two]
seed: 7
trials: 3
requires: {runtime: docker}
stack:
  regions: {a: {nodes: 2}, b: {}, c: {}, d: {}}
  primary: a/1
  replication: {quorum: {any: 1, of: [a, b/1, c], commit: remote_apply}}
  failover:
    runbook:
      detect: {every: 400ms, failures: 5, timeout: 1500ms}
      decide: 0s
      from: b
      fence: denied
      candidates: [c, a/2]
      failback: reclone
  routing: {via: direct, writes: primary, reads: local, health: query}
  network: {rtt: {a <-> b + c: 10ms, b<->c: 1.5ms, default: 0s}}
  postgres: {version: 17, settings: {work_mem: 8MB, jit: off, pg_stat.x: 3}}
load:
  users: {a: 3, default: 0}
  spawn_rate: 5/s
  pace: 2.5/s
  retry: eager
  workers: {a: 3}
  workload: {register: {keys: 9, write_share: 12.5%, read_after: 0s, read_from: same_region}}
  probes: {rate: 10/s, timeout: 40s}
steady_state: {for: 3s, availability: 100%, within: 1m30s}
timeline:
  cut: {at: 0s, fault: partition, link: c -> rest, mode: drop, for: 1s}
  cut-for-good: {at: 2s, fault: partition, link: c <-> d, until: end}
  slower: {at: 1s, fault: latency, link: a + b <-> c, add: 100ms, jitter: 20ms, for: 2s}
  slower-still: {at: 1s, fault: latency, link: rest.clients -> c, factor: 2.5, until: end}
  lost: {at: 9s, fault: region_loss, target: d, data: destroyed, clients: rerouted, until: end}
  dead: {at: lost.start + 2s, fault: crash, target: a/1 + c.nodes, for: 5s}
  stuck: {at: detected, fault: freeze, target: replica, process: walreceiver, until: stuck.promoted + 10s}
  by-packets: {at: 1s, fault: partition, link: c -> d, mode: packets, for: 1s}
  thin: {at: 1s, fault: bandwidth, link: a <-> c, rate: 2MiB/s, for: 1s}
  lossy: {at: 1s, fault: packet_loss, link: a -> c, share: 2.5%, for: 1s}
  unplugged: {at: 1m, fault: disconnect, target: b/1, for: 1s}
  full: {at: 2m, fault: disk_full, target: b.nodes, leave: 5MB, for: 1s}
  starved: {at: 3m, fault: cpu, target: b/1, leave: 5%, for: 1s}
  wrong: {at: 4m, fault: clock_skew, target: b/1, by: -30s, for: 1s}
  back: {at: stuck.end, action: switchover, target: a/2}
duration: 20m
objectives:
  rto: {min: 0s, max: 9s, region: a, operation: write, connection: fresh, step: cut}
  mine: {measure: availability, min: 1%, max: 99.9%, region: a, operation: read, connection: established}
  read-again: {measure: staleness.p99, max: 1s, region: b}
  aftermath: {measure: outage.max, max: 9s, phase: after, step: cut, connection: fresh, expect: missed, because: why}
  compared: {measure: latency.p50, max: 1.5x before, phase: during, step: cut}
  stretch: {measure: stale_reads, max: 9, operation: read, between: [1s, cut.end + 5s]}
  waterfall.detect: {measure: waterfall.detect, max: 5s, region: b, step: lost}
  slow: {measure: latency.p99.9, max: 250ms, region: a, operation: write, connection: established}
  versions: {measure: staleness_versions.max, max: 4, region: a, phase: before}
  users: {measure: client_rto.p99, max: 9s, region: a, operation: write, step: cut}
  users_affected: {max: 5%, operation: read}
  failovers: {max: 1}
  prediction_misses: {max: 0, region: a, step: lost}
  rpo_window: {max: 1s}
  rpo_bytes: {max: 1.5KiB}
  lost_writes: {max: 3}
matrix:
  kind: {one: {x-other: 1}, two: {x-why: [this], load: null}}
  size: {big: {}}
  exclude: [{kind: two, size: big}]
x-notes: {any: [thing]}
"""

# The other words of its choices, which one file cannot hold as well.
OTHER_WORDS = {
    "replication: {quorum: {any: 1, of: [a, b/1, c], commit: remote_apply}}": "replication: {sync: {commit: flush}}",
    "workload: {register: {keys: 9, write_share: 12.5%, read_after: 0s, read_from: same_region}}": (
        f"workload: {{locustfile: {{path: {__file__}, classes: [Buyer], tags: [cart]}}}}"
    ),
}


# What the parser reports only because of another key.
TAKES_TWO_KEYS = re.compile(
    "^(unknown (region|step)|there is no |no rtt for|no users for|`any: [0-9]+` cannot be met"
    "|a health check of .* is too short|`[a-z-]+` (begins|ends|would|waits|strikes) |`[a-z.-]+` (never comes|is known)"
    "|a step (with|that) .* needs|.* is nobody|.* stands on both sides|no region is left|`jitter` is more"
    "|after `[a-z-]+` no region is left"
    "|the runtime `[a-z]+` cannot do"
    "|unknown axis: |unknown name on the axis |nothing is excluded by this|every combination is excluded"
    "|`[^`]*` is not there to be removed"
    "|the region `[a-z]+` is already|a `switchover` needs|`.*` compares |`between` ends|a probe timeout|`within` is)"
)
REMOVED = object()
ODD = [
    *["", "zzzzzz", "5", "0s", "5s", "5 s", "-5s", "101%", "5%", "0/s", "5/s", "5KiB", "a -> b", "rest", "primary"],
    *["end", 0, 1, -1, 2.5, True, None, [], {}, ["a"], ["a", "a"], [[]], {"a": None}, {"zzzzzz": {}}, REMOVED],
]
# Maps whose keys are names of the user, or settings of the server.
NAMED_BY_THE_USER = [
    *[("stack", "regions"), ("stack", "network", "rtt"), ("stack", "postgres", "settings")],
    *[("load", "users"), ("load", "workers"), ("timeline",), ("objectives",)],
    *[("matrix",), ("matrix", "kind"), ("matrix", "size"), ("matrix", "exclude", 0)],
    *[("matrix", "kind", "one"), ("matrix", "kind", "two"), ("matrix", "size", "big")],
]
# Maps of one word to its options.
CHOICES = [("stack", "replication"), ("stack", "failover"), ("load", "workload")]


def loaded(text):
    return YAML(typ="safe", pure=True).load(text)


def refused_by_schema(document):
    return [error.message for error in VALIDATOR.iter_errors(document)]


def refused_by_parser(text):
    try:
        parse_all(text, "s.chaos.yaml")
    except ScenarioErrors as error:
        return [problem.message for problem in error.problems]
    return []


def variants():
    """The file with every key, and the same with the other words."""
    other = EVERY_KEY
    for word, another in OTHER_WORDS.items():
        assert word in other
        other = other.replace(word, another)
    return [EVERY_KEY, other]


def both_refuse(objectives):
    """Whether both refuse these objectives behind a small, sound head; neither alone does."""
    timeline = {"cut": {"at": "1s", "fault": "partition", "link": "a <-> rest", "for": "1s"}}
    head = {"chaoskit": 1, "name": "s", "question": "q", "stack": {"regions": ["a", "b"]}, "timeline": timeline}
    document = {**head, "objectives": objectives}
    refused = bool(refused_by_schema(document))
    assert refused == bool(refused_by_parser(json.dumps(document))), objectives
    return refused


def paths(node, path=()):
    """Every place of a document but its root, what is the user's own, and what means something only when merged."""
    if path[:1] == ("x-notes",) or (path[:1] == ("matrix",) and path[1:2] != ("exclude",) and len(path) > 3):
        return
    if path:
        yield path
    if isinstance(node, dict | list):
        for key, below in node.items() if isinstance(node, dict) else enumerate(node):
            yield from paths(below, (*path, key))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def closed_maps(node):
    """Every part of a schema that knows all its keys."""
    if isinstance(node, dict):
        if node.get("additionalProperties") is False:
            yield node
        for below in node.values():
            yield from closed_maps(below)
    elif isinstance(node, list):
        for below in node:
            yield from closed_maps(below)


def every_error(errors):
    for error in errors:
        yield error
        yield from every_error(error.context)


def keys_of_schema(document, path):
    """The keys that the schema knows at a place where an unknown one stands."""
    errors = every_error(VALIDATOR.iter_errors(document))
    return [e.schema for e in errors if e.validator == "additionalProperties" and tuple(e.absolute_path) == path]


def keys_of_parser(document):
    """The same of the parser, whose hint lists them."""
    with pytest.raises(ScenarioErrors) as raised:
        parse(json.dumps(document), "s.chaos.yaml")  # JSON is YAML
    (hint,) = [problem.hint for problem in raised.value.problems if "unknown key `zzzzzz`" in problem.message]
    return set(re.sub("^(one of|only) ", "", hint).split(", "))


DOCUMENTS = [loaded(text) for text in variants()]
PLACES = [(number, path) for number, document in enumerate(DOCUMENTS) for path in paths(document)]


def test_the_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_every_scenario_is_valid_as_written_and_as_resolved(path):
    text = path.read_text()
    assert refused_by_schema(loaded(text)) == []
    assert refused_by_schema(loaded(resolved(parse(text, str(path))))) == []


def test_the_file_that_scenarios_name_is_what_the_command_prints():
    printed = CliRunner().invoke(app, ["schema"])
    assert (printed.exit_code, printed.stdout) == (0, (ROOT / "docs" / "scenario.schema.json").read_text())
    assert json.loads(printed.stdout) == SCHEMA


@pytest.mark.parametrize("text", variants(), ids=["every key", "other words"])
def test_a_file_with_every_key_is_valid(text):
    assert refused_by_parser(text) == []
    assert refused_by_schema(loaded(text)) == []
    assert refused_by_schema(loaded(resolved(parse(text, "s.chaos.yaml")))) == []


def test_every_map_of_the_schema_has_the_keys_that_the_parser_reads():
    seen = []
    for document, path in [(each, path) for each in DOCUMENTS for path in [(), *paths(each)]]:
        broken = copy.deepcopy(document)
        if isinstance(at(broken, path), dict) and path not in NAMED_BY_THE_USER:
            at(broken, path)["zzzzzz"] = "1"
            found = keys_of_schema(broken, path)
            assert found, path
            if path not in CHOICES:
                # Which scopes a measure has is the next test's claim: the parser reads them all to say so.
                scopes = set(EVERY_SCOPE) if path[0:1] == ("objectives",) else set()
                assert [set(each["properties"]) - scopes for each in found] == [keys_of_parser(broken) - scopes], path
            seen += found
    assert [each for each in closed_maps(SCHEMA) if each not in seen] == []


@pytest.mark.parametrize("measure", MEASURES)
def test_an_objective_of_each_measure_has_its_unit_and_its_scopes(measure):
    bounds = {"s": "1s", "fraction": "1%", "count": 1, "bytes": "1B"}
    bound = bounds.pop(MEASURES[measure].unit)
    assert not both_refuse({measure: {"max": bound}})
    assert not both_refuse({"mine": {"measure": measure, "min": bound, "max": bound}})
    assert both_refuse({"mine": {"max": bound}})
    assert all(both_refuse({measure: {"max": other}}) for other in bounds.values())
    assert all(both_refuse({"mine": {"measure": measure, "max": other}}) for other in bounds.values())
    scopes = {"region": "a", "operation": "read", "connection": "fresh", "step": "cut"}
    for scope, value in {**scopes, "phase": "after", "between": ["1s", "2s"]}.items():
        assert both_refuse({measure: {"max": bound, scope: value}}) == (scope not in MEASURES[measure].scopes)
    phased = MEASURES[measure].phased
    assert both_refuse({measure: {"max": bound, "step": "cut", "phase": "during"}}) == (not phased)
    assert both_refuse({measure: {"max": "2x before", "phase": "after"}}) == (not phased)
    assert both_refuse({measure: {"max": bound, "phase": "after", "between": ["1s", "2s"]}})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("question:", "quesiton:"),
        ("chaoskit: 1", "chaoskit: 2"),
        ("x-notes:", "y-notes:"),
        ("x-other:", "y-other:"),
        ("two: {x-why: [this], load: null}", "two: {name: other}"),
        ("two: {x-why: [this], load: null}", "two: "),
        ("kind: {one: ", "Kind: {one: "),
        ("size: {big: {}}", "size: {}"),
        ("exclude: [{kind: two, size: big}]", "exclude: {kind: two, size: big}"),
        ("exclude: [{kind: two, size: big}]", "exclude: [{kind: two, size: big}, {}]"),
        ("tags: [one, two]", "tags: [one, end]"),
        ("{a: {nodes: 2}", "{a: {nodes: 101}"),
        ("b: {}, c: {}", "b: , c: {}"),
        ("quorum: {any: 1,", "quorum: {all: 1,"),
        ("of: [a, b/1, c]", "of: a"),
        ("decide: 0s", "decide: 1"),
        ("every: 400ms", "every: 0s"),
        ("every: 400ms", "every: 400ms1s"),
        ("failback: reclone", "failback: rewound"),
        ("candidates: [c, a/2]", "candidates: [primary]"),
        ("from: b", "from: b/1"),
        ("retry: eager", "retry: often"),
        ("spawn_rate: 5/s", "spawn_rate: 0/s"),
        ("workers: {a: 3}", "workers: {a: 0}"),
        ("trials: 3", "trials: 0"),
        ("runtime: docker", "runtime: attach"),
        ("via: direct", "via: haproxy"),
        ("a <-> b + c: 10ms", "a -> b + c: 10ms"),
        ("version: 17", "version: 14"),
        ("jit: off", "fsync: off"),
        ("jit: off", "recovery_target_lsn: 0/1"),
        ("jit: off", "Jit: off"),
        ("pace: 2.5/s", "pace: 2.5"),
        ("pace: 2.5/s", "pace: 0.0/s"),
        ("write_share: 12.5%", "write_share: 100.5%"),
        ("workload: {register:", "workload: {ledger:"),
        ("at: 0s, fault: partition", "fault: partition"),
        ("fault: region_loss", "fault: zone_loss"),
        ("action: switchover", "action: heal"),
        ("action: switchover, target: a/2", "action: switchover, target: a"),
        ("action: switchover, target: a/2", "action: switchover, target: a/2, for: 1s"),
        ("at: detected", "at: detectd"),
        ("at: detected", "at: end"),
        ("at: lost.start + 2s", "at: lost.start + 2"),
        ("at: lost.start + 2s", "at: lost.started"),
        ("at: lost.start + 2s", "at: 1s..2"),
        ("until: stuck.promoted + 10s", "until: the dusk"),
        ("target: a/1 + c.nodes", "target: a/1 + c"),
        ("target: a/1 + c.nodes", "target: a/1 +"),
        ("process: walreceiver", "process: backend"),
        ("jitter: 20ms", "jitter: 20"),
        ("fault: partition", "action: promote"),
        ("mode: drop, for: 1s", "mode: drop"),
        ("mode: drop, for: 1s", "mode: drop, for: 1s, until: end"),
        ("mode: drop", "mode: packet"),
        ("rate: 2MiB/s", "rate: 2MiB"),
        ("rate: 2MiB/s", "rate: 0kbit/s"),
        ("rate: 2MiB/s", "rate: 2Mib/s"),
        (", rate: 2MiB/s", ""),
        ("share: 2.5%", "share: 0%"),
        ("share: 2.5%", "share: 100%"),
        ("share: 2.5%", "share: 2.5"),
        ("target: b/1, for", "target: b, for"),
        ("leave: 5MB", "leave: 5"),
        ("leave: 5MB", "leave: 5%"),
        ("leave: 5%", "leave: 0%"),
        ("leave: 5%", "leave: 0.9%"),
        ("leave: 5%", "leave: 00.9%"),
        ("leave: 5%", "leave: 101%"),
        ("by: -30s", "by: 30"),
        ("by: -30s", "by: +0s"),
        ("by: -30s", "by: --30s"),
        ("link: c -> rest", "link: c"),
        ("link: c -> rest", "link: c.client -> rest"),
        ("link: c -> rest", "link: c/1.clients -> rest"),
        ("link: c -> rest", "link: c/x -> rest"),
        ("link: c -> rest", "link: rest -> rest.nodes"),
        ("link: c -> rest", "link: rest + a -> c"),
        ("add: 100ms", "factor: 2, add: 100ms"),
        ("add: 100ms, ", ""),
        ("factor: 2.5", "factor: 1"),
        ("factor: 2.5", "factor: 2.5x"),
        ("target: d, data", "target: d/1, data"),
        ("target: d, data", "target: d.nodes, data"),
        ("data: destroyed", "data: lost"),
        ("clients: rerouted", "clients: gone"),
        ("expect: missed, because: why", "expect: missed"),
        ("expect: missed, because: why", "because: why"),
        ("max: 1.5x before", "max: 1.5x befor"),
        ("max: 1.5x before", "max: 0x before"),
        ("between: [1s, cut.end + 5s]", "between: [1s]"),
        ("between: [1s, cut.end + 5s]", "between: [end, 1s]"),
        ("phase: during, step: cut", "step: cut"),
        ("lost_writes: {max: 3}", "lost_writes: {maximum: 3}"),
        ("lost_writes: {max: 3}", "lost_writes: {}"),
        ("lost_writes: {max: 3}", "lost_writes: {max: 3s}"),
        ("rpo_window: {max: 1s}", "rpo_window: {max: 1s, region: a}"),
        ("lost_writes: {max: 3}", "lost_write: {max: 3}"),
        ("lost_writes: {max: 3}", "Lost: {measure: lost_writes, max: 3}"),
        ("measure: availability", "measure: availabilty"),
        ("rpo_bytes: {max: 1.5KiB}", "rpo_bytes: {max: 1.5kb}"),
    ],
)
def test_what_the_parser_refuses_by_key_word_unit_or_type_the_schema_refuses_too(old, new):
    assert old in EVERY_KEY
    broken = EVERY_KEY.replace(old, new, 1)
    assert refused_by_parser(broken)
    assert refused_by_schema(loaded(broken))


@given(where=st.sampled_from(PLACES), odd=st.sampled_from(ODD))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_a_place_parser_and_schema_agree_unless_it_takes_two_keys_to_tell(where, odd):
    document, path = copy.deepcopy(DOCUMENTS[where[0]]), where[1]
    if odd is REMOVED:
        del at(document, path[:-1])[path[-1]]
    else:
        at(document, path[:-1])[path[-1]] = odd
    refused = refused_by_parser(json.dumps(document))
    if refused_by_schema(document):
        assert refused
    else:
        assert [message for message in refused if not TAKES_TWO_KEYS.search(message)] == []


NUMBERS = st.from_regex(r"(0|[0-9]{1,3})(\.[0-9]{1,2})?", fullmatch=True)
TIMES, SIZES = ["d", "h", "m", "s", "ms", "us", "ns"], ["B", "kB", "KiB", "MB", "TiB", "KB"]
UNITS = [*TIMES, *SIZES, "/s", "KiB/s", "Mbit/s", "%", "x", ""]
QUANTITIES = st.lists(st.tuples(NUMBERS, st.sampled_from(UNITS)).map("".join), min_size=1, max_size=3).map("".join)
TOO_FINE_OR_LONG = re.compile("finer than|longer than|not a whole number of bytes")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("duration", values.duration_ns),
        ("percentage", values.fraction),
        ("size", values.size_bytes),
        ("positive_rate", lambda text: 1 / values.rate_hz(text)),
        ("name", values.name),
        ("positive_bandwidth", lambda text: 1 / values.bytes_per_s(text)),
        ("offset", lambda text: 1 / values.signed_duration_ns(text)),
    ],
)
@given(text=st.one_of(QUANTITIES, st.text("az09-+./%s ", max_size=5), st.sampled_from(sorted(values.RESERVED))))
@settings(deadline=None)
def test_the_patterns_are_the_readers_own(value, read, text):
    try:
        read(text)
    except ZeroDivisionError:
        accepted = False
    except ValueError as error:
        accepted = bool(TOO_FINE_OR_LONG.search(str(error)))  # no pattern can count that far
    else:
        accepted = True
    assert jsonschema.Draft7Validator(VALUES[value]).is_valid(text) == accepted
