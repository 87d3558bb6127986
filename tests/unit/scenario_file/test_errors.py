"""Every wrong file gets exact messages at exact positions."""

import pytest

from chaoskit.errors import Exit, UsageError
from chaoskit.scenario_file import ScenarioErrors, load, parse

NAME_RULE = "a-z first, then a-z, 0-9 and -, at most 40 characters"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1 the file is empty (begin with `chaoskit: 1`)"]),
        ("# only a comment\n", ["1:1 the file is empty (begin with `chaoskit: 1`)"]),
        ("[a]", ["1:1 a scenario file is a map of keys, found a list (begin with `chaoskit: 1`)"]),
        (
            "{}",
            [
                "1:1 missing `chaoskit`",
                "1:1 missing `name`",
                "1:1 missing `question`",
                "1:1 missing `stack`",
                "1:1 missing `duration` (required because the timeline is empty)",
            ],
        ),
        (
            "a:\n\tb: 1",
            ["2:1 not valid YAML: found character '\\t' that cannot start any token (use spaces, not tabs)"],
        ),
        ("a: [1\nb: 2", ["2:2 not valid YAML: expected ',' or ']', but got ':' (while parsing a flow sequence)"]),
        ("a: b: c", ["1:5 not valid YAML: mapping values are not allowed here"]),
        ("a: 1\nb: \x07", ["2:4 not valid YAML: special characters are not allowed"]),
        (
            "a: 1\n---\nb: 2",
            ["2:1 a scenario file holds one document (remove what follows `---`)"],
        ),
    ],
)
def test_what_is_no_scenario_at_all_says_where_reading_ended(errors, text, expected):
    assert errors(text)[-len(expected) :] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("load: &a {}", "7:7 anchors (`&a`) are not allowed (repeat the value)"),
        ("x-a: *a", "7:6 aliases (`*a`) are not allowed (repeat the value)"),
        ("load: !!map {}", "7:7 tags (`tag:yaml.org,2002:map`) are not allowed (remove it)"),
        ("load:\n  <<: {}", "8:3 merge keys (`<<`) are not allowed (repeat the keys)"),
        ("name: t", "7:1 duplicate key `name` (first on line 2)"),
        ("[a]: 1", "7:1 a key is a single word, found a list"),
        ("x-a: " + "{a: " * 30 + "1" + "}" * 30, "7:83 nested deeper than 20 levels"),
        ("x-a: " + "[" * 30 + "]" * 30, "7:26 nested deeper than 20 levels"),
    ],
)
def test_what_strict_yaml_forbids_is_refused(errors_in, text, expected):
    assert errors_in(text) == [expected]


def test_a_directive_of_another_yaml_version_is_refused(errors):
    assert "2:1 YAML directives are not part of the scenario language" in errors("%YAML 1.1\n---\na: 1\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("objektives: {}", ["7:1 unknown key `objektives` (did you mean `objectives`?)"]),
        ("stop_when: {}", ["7:1 `stop_when` is not supported yet"]),
        ("trials: 0", ["7:9 `0` must be more than zero"]),
        ("requires: {runtime: attach}", ["7:21 `attach` is not supported yet (one of local, docker)"]),
        ("requires: {}", ["7:11 missing `runtime`"]),
        ("x-anything: {really: [any, thing]}", []),
        ("seed: -1", ["7:7 `-1` is not a count: a whole number without a unit"]),
        ("seed: '7'", ['7:7 "7" is quoted text, expected a number (remove the quotes)']),
        ("hypothesis: 12", ["7:13 expected text, found the plain value `12` (put it in quotes)"]),
        ("hypothesis:", ["7:1 expected text, found nothing"]),
        ("hypothesis: [a]", ["7:13 expected text, found a list"]),
        ("tags: a", ["7:7 expected a list of names, found `a`"]),
        ("tags: [a, a, B]", ["7:11 `a` is listed twice", "7:14 `B` is not a name: " + NAME_RULE]),
        (
            "steady_state: {for: 9s, within: 5s}",
            ["7:33 `within` is shorter than `for`: steady state could never be confirmed"],
        ),
        ("steady_state: {availability: 101%}", ["7:30 `101%` is not a percentage between 0% and 100%"]),
        ("steady_state: 5s", ["7:15 expected a map of keys, found `5s`"]),
    ],
)
def test_wrong_top_level_keys_are_named(errors_in, text, expected):
    assert errors_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("backup: {}", ["7:3 `backup` is not supported yet"]),
        ("primary: us-west", ["7:12 unknown region `us-west` (did you mean `us-east`?)"]),
        ("primary: us-east/2", ["7:12 there is no `us-east/2` (`us-east` has one node)"]),
        (
            "primary: us-east/a",
            ["7:12 the zone in `us-east/a` is not supported yet (name a region or a node: `us-east/1`)"],
        ),
        ("primary: [us-east]", ["7:12 expected a region or a node, found a list"]),
        (
            "replication: {active_active: {}}",
            ["7:17 `active_active` is not supported yet (one of async, quorum, sync)"],
        ),
        ("replication: {sync: {any: 1}}", ["7:24 unknown key `any` (only commit)"]),
        ("replication: asinc", ["7:16 unknown word `asinc` (did you mean `async`?)"]),
        ("replication: {async: {}}", ["7:24 `async` takes no options"]),
        ("replication: [async]", ["7:16 expected a word, or a map of one word to its options, found a list"]),
        ("replication: {quorum: {any: 0}}", ["7:31 `0` must be more than zero"]),
        (
            "replication: {quorum: {any: 2, of: [us-east, eu-west]}}",
            ["7:31 `any: 2` cannot be met: 1 node(s) besides the primary can confirm"],
        ),
        (
            "replication: {quorum: {of: [us-west, eu-west, eu-west], commit: on}}",
            [
                "7:31 unknown region `us-west` (did you mean `us-east`?)",
                "7:49 `eu-west` is listed twice",
                "7:67 unknown word `on` (one of remote_write, flush, remote_apply)",
            ],
        ),
        ("replication: {quorum: {of: us-east}}", ["7:30 expected a list of regions or nodes, found `us-east`"]),
        ("failover: patroni", ["7:13 `patroni` is not supported yet (one of none, runbook)"]),
        ("failover: {none: {}}", ["7:20 `none` takes no options"]),
        ("failover: []", ["7:13 expected a word, or a map of one word to its options, found a list"]),
        ("failover: {runbook: {failback: rewnd}}", ["7:34 unknown word `rewnd` (did you mean `rewind`?)"]),
        (
            "failover: {runbook: {from: us-east/1}}",
            ["7:30 expected a region, found the node `us-east/1` (`us-east`)"],
        ),
        (
            "failover: {runbook: {failback: none, fence: maybe, candidates: [us-est/1, primary], detect: {each: 1s}}}",
            [
                "7:47 unknown word `maybe` (one of attempt, required, denied)",
                "7:67 unknown region `us-est/1` (did you mean `us-east`?)",
                "7:77 unknown region `primary` (one of us-east, eu-west, ap-south)",
                "7:96 unknown key `each` (one of every, failures, timeout)",
            ],
        ),
        (
            "failover: {runbook: {failback: none, from: ap-south, detect: {timeout: 700ms}}}",
            [
                "7:74 a health check of 700ms is too short: a fresh connection from ap-south to the farthest node "
                "takes 4 round trips (at least 800ms)"
            ],
        ),
        (
            "routing: {via: []}",
            [
                "7:18 expected a word, or a map of one word to its options, found a list",
            ],
        ),
        ("routing: {via: haproxy}", ["7:18 `haproxy` is not supported yet (only direct)"]),
        ("routing: {reads: {nearest: {sticky: 1s}}}", ["7:21 `nearest` is not supported yet (one of local, primary)"]),
        ("routing: {reads: {local: {}}}", ["7:28 `local` takes no options"]),
        (
            "postgres: {version: 12, settings: {port: 1, Work: 1, work_mem: , a: {}, recovery_target_lsn: 0/1}}",
            [
                "7:23 PostgreSQL 12 is too old (15 or newer)",
                "7:38 the setting `port` belongs to chaoskit (remove it)",
                "7:47 `Work` is not the name of a PostgreSQL setting (lower case)",
                "7:56 expected a plain value in PostgreSQL's own units, found nothing",
                "7:71 expected a plain value in PostgreSQL's own units, found a map",
                "7:75 the setting `recovery_target_lsn` belongs to chaoskit (remove it)",
            ],
        ),
        ("postgres: {settings: [a]}", ["7:24 expected a map of settings, found a list"]),
        ('postgres: {settings: {a: "1\\n2"}}', ["7:28 the value of `a` holds a line break"]),
    ],
)
def test_wrong_words_of_the_stack_are_named(errors_in_stack, text, expected):
    assert errors_in_stack(text) == expected


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("{regions: []}", ["4:18 a stack needs at least one region"]),
        ("{regions: us-east}", ["4:18 expected a list of region names, found `us-east`"]),
        ("{regions: [rest, a, a]}", ["4:19 `rest` is a reserved word, not a name", "4:28 `a` is listed twice"]),
        (
            "{regions: {a: {nodes: 0}, b: {zones: {}}, c: {nodes: 9007199254740992}}}",
            [
                "4:30 `0` must be more than zero",
                "4:38 `zones` is not supported yet",
                "4:61 9007199254740992 nodes in one region (at most 100)",
            ],
        ),
        ("{regions: [a, b], network: {rtt: {}}}", ["4:41 no rtt for `a <-> b` (add it, or a `default`)"]),
        ("{regions: [a, b], network: {rtt: 5ms}}", ["4:41 expected a map of links to durations, found `5ms`"]),
        (
            "{regions: [a, b], network: {one_way: {}, rtt: {a <-> c: 1ms, a -> b: 1ms, b <-> a: 5}}}",
            [
                "4:36 `one_way` is not supported yet",
                "4:61 unknown region `c` (one of a, b)",
                "4:69 an rtt is a round trip, its link is written with `<->`",
                "4:82 the rtt of `b <-> a` is given twice",
                "4:91 `5` has no unit: a duration is written 5ms, 5s or 5m",
            ],
        ),
    ],
)
def test_wrong_regions_and_round_trips_are_named(errors, stack, expected):
    assert errors(f"chaoskit: 1\nname: s\nquestion: q\nstack: {stack}\nduration: 9s\n") == expected


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        ("{spawn_rate: 0/s}", ["7:20 `0/s` must be more than zero"]),
        ("{retry: egaer}", ["7:15 unknown word `egaer` (did you mean `eager`?)"]),
        (
            "{workers: {us-east: 0, default: 2}}",
            ["7:27 `0` must be more than zero", "7:30 unknown region `default` (one of us-east, eu-west, ap-south)"],
        ),
        ("{workload: locustfile}", ["7:18 missing `path`"]),
        (
            "{workload: {locustfile: {path: 5, classes: [My Users], tags: a}}}",
            [
                "7:38 expected text, found the plain value `5` (put it in quotes)",
                "7:50 `My Users` is not the name of a Python class",
                "7:68 expected a list of tags, found `a`",
            ],
        ),
        ("{users: 5}", ["7:15 expected a map of regions to users, found `5`"]),
        (
            "{users: {us-est: 5, eu-west: x}}",
            [
                "7:15 no users for `us-east`, `ap-south` (add them, or a `default`)",
                "7:16 unknown region `us-est` (did you mean `us-east`?)",
                "7:36 `x` is not a count: a whole number without a unit",
            ],
        ),
        ("{pace: []}", ["7:14 expected a rate such as 20/s, found a list"]),
        ("{pace: 20}", ["7:14 `20` is not a rate such as 20/s"]),
        ("{pace: 0/s}", ["7:14 `0/s` must be more than zero"]),
        ("{workload: ledger}", ["7:18 `ledger` is not supported yet (one of register, locustfile)"]),
        ("{workload: []}", ["7:18 expected a word, or a map of one word to its options, found a list"]),
        (
            "{workload: {register: {keys: 0, write_share: 0.5, read_from: other_region}}}",
            [
                "7:36 `0` must be more than zero",
                "7:52 `0.5` is not a percentage such as 99.9% (it needs the %)",
                "7:68 `other_region` is not supported yet (only same_region)",
            ],
        ),
        (
            "{probes: {timeout: 1s}}",
            [
                "7:26 a probe timeout of 1s is too short for these round trips (at least 1s400ms (6 x RTT + commit RTT "
                "+ 200ms), or leave it out)"
            ],
        ),
    ],
)
def test_wrong_words_of_the_load_are_named(errors_in, load, expected):
    assert errors_in(f"load: {load}") == expected


def test_every_problem_is_reported_at_once_in_the_order_of_the_file_with_its_line_and_a_caret():
    text = "chaoskit: 2\nname: S\nquestion: q\nstack:\n  regions: [a]\n  primry: a\n"
    with pytest.raises(ScenarioErrors) as raised:
        parse(text, "dir/s.chaos.yaml")
    assert raised.value.exit_code is Exit.USAGE
    assert str(raised.value) == "\n".join(
        [
            "dir/s.chaos.yaml:1:1: error: missing `duration` (required because the timeline is empty)",
            "  chaoskit: 2",
            "  ^",
            "dir/s.chaos.yaml:1:11: error: version 2 of the scenario language is unknown (only 1)",
            "  chaoskit: 2",
            "            ^",
            "dir/s.chaos.yaml:2:7: error: `S` is not a name: a-z first, then a-z, 0-9 and -, at most 40 characters",
            "  name: S",
            "        ^",
            "dir/s.chaos.yaml:6:3: error: unknown key `primry` (did you mean `primary`?)",
            "    primry: a",
            "    ^",
        ]
    )


def test_a_mistake_in_one_section_hides_none_in_another(errors):
    found = errors(
        "chaoskit: 1\nname: s\nquestion: q\nduration: 9\n"
        "stack: {regions: [a, B], failover: {runbook: {fense: attempt, failback: none}}}\n"
        "load: {pace: 1}\ntimeline: {x: {at: 1, fault: disk_stall}}\nobjectives: {y: {max: 1}}\n"
    )
    assert [line.split()[0] for line in found] == ["4:11", "5:22", "5:47", "6:14", "7:20", "7:30", "8:14"]


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path / "none.chaos.yaml")
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path)


def test_bytes_that_are_no_text_have_a_position(tmp_path):
    path = tmp_path / "latin.chaos.yaml"
    path.write_bytes("chaoskit: 1\nquestion: caf\xe9\n".encode("latin-1"))
    with pytest.raises(ScenarioErrors, match=r"latin.chaos.yaml:2:14: error: byte 0xe9 is not UTF-8"):
        load(path)
