"""Places and links: who may stand where, told before anything starts."""

import pytest

from chaoskit.model.fault import Link
from chaoskit.model.place import places
from chaoskit.scenario_file import parse

HEAD = "chaoskit: 1\nname: s\nquestion: q\nduration: 9s\n"
THREE_NODES = "stack: {regions: {a: {nodes: 2}, b: {}}, failover: %s}\n"
WHERE = len("timeline: {x: {at: 1s, fault: partition, for: 1s, link: ") + 1


@pytest.fixture
def wrong_with(errors):
    """The problems of a link (without quotes) by the column inside it, under a failover."""

    def collect(link: str, failover: str = "runbook") -> list[str]:
        step = f"timeline: {{x: {{at: 1s, fault: partition, for: 1s, link: {link}}}}}\n"
        found = [problem.split(":", 1)[1].split(" ", 1) for problem in errors(HEAD + THREE_NODES % failover + step)]
        return [f"{int(column) - WHERE} {message}" for column, message in found]

    return collect


@pytest.mark.parametrize(
    "link",
    [
        "a <-> b",
        "a/1 -> a/2",
        "a.clients + b.clients -> primary",
        "primary <-> replicas",
        "primary -> b.manager",
        "a.nodes -> rest.clients",
        "rest <-> replica",
        "any <-> surviving",
        "all.manager -> a/1 + a/2",
        "primary <-> a",  # by then another may be primary
        "a/1.nodes<->b",
    ],
)
def test_a_link_joins_regions_nodes_and_roles_and_their_parts(wrong_with, link):
    assert wrong_with(link) == []


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("a + c <-> primry", [
            "4 unknown region `c` (one of a, b)",
            "10 unknown region `primry` (one of a, b)",
        ]),
        ("a/3 <-> b/2", ["0 there is no `a/3` (`a` has 2 nodes)", "8 there is no `b/2` (`b` has one node)"]),
        ("a/x <-> a/01", [
            "0 the zone in `a/x` is not supported yet (name a region or a node: `us-east/1`)",
            "8 there is no `a/01` (`a` has 2 nodes)",
        ]),
        ("a.client <-> b", ["0 `a` has no `client` (did you mean `clients`?)"]),
        ("a. <-> b", ["0 `a` has no `` (one of nodes, clients, manager)"]),
        ("a/1.clients <-> b", ["0 a node has no `clients` of its own (`a.clients`)"]),
        ("a.manager <-> b/1", ["0 `a.manager` is nobody: the operator sits elsewhere (`b.manager`)"]),
        ("a <-> a", ["0 `a` stands on both sides of the link"]),
        ("a <-> b + a", ["0 `a` stands on both sides of the link"]),
        ("a <-> a/2", ["0 `a/2` stands on both sides of the link"]),
        ("all <-> a.clients", ["0 `a.clients` stands on both sides of the link"]),
        ("rest <-> rest", ["0 `rest` stands on one side of a link only"]),
        ("a + b -> rest", ["0 no region is left for `rest`"]),
        ("a + rest + a -> ", [
            "0 a link needs a place on each side",
            "0 `rest` is not joined with other places",
            "11 `a` is listed twice",
        ]),
        ("a + -> b +", ["4 a place is missing beside `+`", "10 a place is missing beside `+`"]),
        (".nodes -> b", ["0 `.nodes` is no place"]),
    ],
)  # fmt: skip
def test_wrong_links_are_named_word_by_word(wrong_with, link, expected):
    assert sorted(wrong_with(link)) == sorted(expected)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("primary <-> a", ["0 `a/1` stands on both sides of the link"]),
        ("primary <-> replicas", []),
        ("replica <-> a", []),
        ("rest.manager -> a", [
            "0 `rest.manager` is nobody: there is no failover manager (remove it, or give the stack a runbook)"
        ]),
    ],
)  # fmt: skip
def test_where_nobody_fails_over_the_primary_stays_and_more_can_be_told(wrong_with, link, expected):
    assert wrong_with(link, "none") == expected


def test_a_stack_of_one_node_has_no_replicas(errors):
    step = "timeline: {x: {at: 1s, fault: crash, for: 1s, target: replica}}\n"
    assert errors(HEAD + "stack: {regions: [a]}\n" + step) == ["6:55 `replica` is nobody: the stack has one node"]


@pytest.mark.parametrize(
    ("fault", "target", "expected"),
    [
        ("crash", "a/2 + b/1", []),
        ("crash", "primary", []),
        ("freeze", "a.nodes", []),
        ("freeze", "surviving.nodes", []),
        ("crash", "a", ["`a` is whole regions, and this takes nodes (`a.nodes`)"]),
        ("crash", "all", ["`all` is whole regions, and this takes nodes (`all.nodes`)"]),
        ("freeze", "a.clients", ["`a.clients` is no node (a node (`us-east/1`) or `primary`, `replicas`, `replica`)"]),
        ("freeze", "rest", ["`rest` has a meaning only in a link (name the place)"]),
        ("region_loss", "a", []),
        ("region_loss", "primary", []),
        ("region_loss", "any", []),
        ("region_loss", "a/1", ["`a/1` is a node, and this takes whole regions (`a`)"]),
        ("region_loss", "a.nodes", ["`a.nodes` is a part of a region, and this takes whole regions (`a`)"]),
        ("region_loss", "[a]", ["expected a place such as `us-east` or `primary`, found a list"]),
    ],
)
def test_a_target_has_the_scope_of_its_fault(errors, fault, target, expected):
    step = f"timeline: {{x: {{at: 1s, fault: {fault}, for: 1s, target: {target}}}}}\n"
    found = errors(HEAD + THREE_NODES % "runbook" + step)
    assert [problem.split(" ", 1)[1] for problem in found] == expected


def test_a_link_keeps_the_words_of_the_file():
    step = "timeline: {x: {at: 1s, fault: partition, for: 1s, link: 'primary+a.clients  ->rest.nodes'}}\n"
    (read,) = parse(HEAD + THREE_NODES % "none" + step, "s").timeline
    assert read.deed.link == Link(left=places("primary", "a.clients"), right=places("rest.nodes"), both_ways=False)


@pytest.mark.parametrize("link", ["primary <-> a", "a.nodes <-> b", "a/1 <-> b"])
def test_round_trips_are_of_whole_regions_by_name(errors, link):
    stack = f"stack: {{regions: [a, b], network: {{rtt: {{{link}: 1ms, default: 0s}}}}}}\n"
    (problem,) = errors(HEAD + stack)
    assert "regions" in problem
