"""``matrix``: every combination of its overlays is a scenario, checked like a file of its own."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaoskit.errors import UsageError
from chaoskit.model.scenario import Async, Quorum, Register, Scenario, Sync
from chaoskit.planning import as_json, plan
from chaoskit.scenario_file import ScenarioErrors, load, load_all, parse, parse_all, resolved
from chaoskit.scenario_file.matrix import variants
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlList, YamlMap, YamlNode, read_tree

FILE = """\
chaoskit: 1
name: loss
question: q
stack:
  regions: [a, b, c]
  network: {rtt: {default: 80ms}}
  replication: {quorum: {any: 2}}
timeline:
  cut: {at: 5s, fault: partition, link: a <-> rest, for: 3s}
"""
MATRIX = """\
matrix:
  replication:
    async: {stack: {replication: async}}
    any1: {stack: {replication: {quorum: {any: 1}}}}
    strict: {stack: {replication: sync}}
  distance:
    near: {stack: {network: {rtt: {default: 10ms}}}}
    far: {}
"""


def all_of(text: str, *sets: str) -> tuple[Scenario, ...]:
    return parse_all(text, "s.chaos.yaml", sets)


def names(text: str, *sets: str) -> list[str | None]:
    return [scenario.variant for scenario in all_of(text, *sets)]


def wrong(matrix: str, file: str = FILE, sets: tuple[str, ...] = ()) -> list[str]:
    """Problems as ``line:column message (hint)``; the first line of the matrix is line 1."""
    with pytest.raises(ScenarioErrors) as raised:
        parse_all(file + matrix, "s.chaos.yaml", sets)
    before = file.count("\n")
    return [
        f"{p.line and p.line - before}:{p.column} {p.message}" + (f" ({p.hint})" if p.hint else "")
        for p in raised.value.problems
    ]


def test_every_combination_is_a_scenario_in_the_order_of_the_file() -> None:
    assert names(FILE + MATRIX) == [
        *["async-near", "async-far", "any1-near", "any1-far", "strict-near", "strict-far"],
    ]
    assert [one.title for one in all_of(FILE + MATRIX)][:2] == ["loss[async-near]", "loss[async-far]"]
    assert {one.name for one in all_of(FILE + MATRIX)} == {"loss"}


def test_a_file_without_a_matrix_holds_one_scenario_without_a_variant() -> None:
    (only,) = all_of(FILE)
    assert (only.variant, only.title) == (None, "loss")


def test_each_variant_is_what_its_overlays_make_of_the_file() -> None:
    found = {one.variant: one for one in all_of(FILE + MATRIX)}
    replication = {name: found[f"{name}-far"].stack.replication for name in ("async", "any1", "strict")}
    assert replication == {"async": Async(), "any1": Quorum(any=1, of=("a", "b", "c")), "strict": Sync()}
    rtt = [found[f"any1-{name}"].stack.topology.rtt("a", "b") for name in ("near", "far")]
    assert rtt == [10_000_000, 80_000_000]


def test_where_two_axes_change_the_same_the_later_one_holds() -> None:
    text = FILE + "matrix: {x: {one: {seed: 1, trials: 2}}, y: {two: {seed: 2}}}\n"
    assert [(one.seed, one.trials) for one in all_of(text)] == [(2, 2)]


def test_what_the_command_line_sets_holds_in_every_variant_after_the_overlays() -> None:
    under = all_of(FILE + MATRIX, "stack.network.rtt.default=20ms", "load.workload.register.keys=7")
    assert {one.stack.topology.rtt("a", "b") for one in under} == {20_000_000}
    assert {one.load.workload for one in under} == {Register(keys=7)}
    assert len(under) == 6


def test_what_is_excluded_is_left_out() -> None:
    left = names(FILE + MATRIX + "  exclude: [{replication: async, distance: far}, {replication: strict}]\n")
    assert left == ["async-near", "any1-near", "any1-far"]


def test_the_scenario_outside_the_matrix_need_not_be_one() -> None:
    text = FILE.replace("  regions: [a, b, c]\n", "")
    assert names(text + "matrix: {size: {three: {stack: {regions: [a, b, c]}}}}\n") == ["three"]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("matrix: 5", "1:9 expected a map of axes, found `5`"),
        ("matrix: {}", "1:9 `matrix` has no axis"),
        ("matrix: {exclude: []}", "1:9 `matrix` has no axis"),
        ("matrix: {x: {}}", "1:13 the axis `x` is a map of names to overlays, found nothing"),
        ("matrix: {x: [one]}", "1:13 the axis `x` is a map of names to overlays, found a list"),
        ("matrix: {X: {one: {}}}", "1:10 `X` is not a name: "),
        ("matrix: {x: {all: {}}}", "1:14 `all` is a reserved word, not a name"),
        ("matrix: {x: {one: }}", "1:14 the overlay `one` is a map of what it changes, found nothing"),
        ("matrix: {x: {one: {name: t}}}", "1:20 an overlay cannot change `name`"),
        ("matrix: {x: {one: {chaoskit: 2}}}", "1:20 an overlay cannot change `chaoskit`"),
        ("matrix: {x: {one: {matrix: {}}}}", "1:20 an overlay cannot change `matrix`"),
        ("matrix: {x: {one: {}}, exclude: {x: one}}", "1:33 expected a list of what is left out, found a map"),
        ("matrix: {x: {one: {}}, exclude: [one]}", "1:34 expected a map of axes to names, found `one` (only x)"),
        ("matrix: {x: {one: {}}, exclude: [{}]}", "1:34 expected a map of axes to names, found an empty one (only x)"),
        ("matrix: {xy: {one: {}}, exclude: [{xz: one}]}", "1:36 unknown axis: `xz` (only xy)"),
        ("matrix: {x: {one: {}}, exclude: [{x: onne}]}", "1:38 unknown name on the axis `x`: `onne`"),
        ("matrix: {x: {one: {}}, exclude: [{x: [one]}]}", "1:38 expected a name on the axis `x`, found a list"),
        ("matrix: {x: {one: {}}, exclude: [{x: one}]}", "1:24 every combination is excluded"),
        ("matrix: {x: {a: {}, b: {}}, exclude: [{x: a}, {x: a}]}", "1:47 nothing is excluded by this"),
        ("matrix: {x: {a: {spede: null}}}", "1:18 `spede` is not there to be removed (remove it, or name what the"),
        ("matrix: {x: {a: {stack: {failover: null}}}}", "1:26 `failover` is not there to be removed"),
        (
            "matrix: {x: {a: {}, a-b: {}}, y: {c: {}, b-c: {}}}",
            "1:21 two variants would be called `a-b-c`: `a` + `b-c` and `a-b` + `c` (rename one of these)",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_matrix_is_told_where_it_stands(matrix: str, expected: str) -> None:
    (told,) = wrong(matrix)
    assert told.startswith(expected)


@pytest.mark.parametrize(
    "matrix",
    [
        "matrix: {x: {a: {timeline: null, duration: 5s}}}",
        "matrix: {x: {a: {}, b: {tags: [t]}}, y: {c: {}, d: {tags: null}}}",  # in one variant it is there
        "matrix: {x: {a: {stack: {replication: {quorum: null, sync: {}}}}}}",  # another word, as a whole
    ],
)
def test_what_is_removed_need_not_be_there_in_every_variant(matrix: str) -> None:
    assert all_of(FILE + matrix)


def test_two_names_that_meet_only_where_it_is_excluded_are_no_mistake() -> None:
    text = "matrix: {x: {a: {}, a-b: {}}, y: {c: {}, b-c: {}}, exclude: [{x: a-b, y: c}]}\n"
    assert names(FILE + text) == ["a-c", "a-b-c", "a-b-b-c"]


def test_so_many_combinations_that_nobody_meant_them_are_refused_before_they_are_made() -> None:
    axes = {f"x{number}": {f"a{name}": {} for name in range(10)} for number in range(12)}
    (told,) = wrong(f"matrix: {json.dumps(axes)}\n")
    assert told == "1:10 1000000000000 combinations are too many (at most 256, excluded ones counted)"


def test_a_mistake_in_an_overlay_is_told_there_and_says_which_variant_has_it() -> None:
    typo = MATRIX.replace("any: 1", "any: 9")
    assert wrong(typo.partition("  distance")[0]) == [
        "4:48 in the variant `any1`: `any: 9` cannot be met: 2 node(s) besides the primary can confirm"
    ]
    assert wrong(typo) == [
        "4:48 in 2 variants, such as `any1-near`: `any: 9` cannot be met: 2 node(s) besides the primary can confirm"
    ]


def test_a_mistake_that_all_variants_share_is_told_once_and_without_them() -> None:
    broken = FILE.replace("link: a <-> rest", "link: d <-> rest")
    assert wrong(MATRIX, file=broken) == ["0:41 unknown region `d` (one of a, b, c)"]
    assert wrong(MATRIX, sets=("seed=x",)) == ["0:6 `x` is not a count: a whole number without a unit"]


def test_a_mistake_that_an_overlay_makes_of_something_sound_is_told_where_that_stands() -> None:
    (told,) = wrong("matrix: {length: {short: {duration: 7s}, long: {}}}\n")
    assert told.startswith("0:3 in the variant `short`: `cut` ends at 8s, after the run's `duration`")


def test_mistakes_of_the_matrix_and_of_its_variants_are_told_together() -> None:
    assert wrong("matrix: {x: {one: {name: t, seed: -1}, two: {trials: 0}}}\n") == [
        "1:20 an overlay cannot change `name` (it is the same in all variants: remove it)",
        "1:35 in the variant `one`: `-1` is not a count: a whole number without a unit",
        "1:54 in the variant `two`: `0` must be more than zero",
    ]


def test_the_matrix_is_not_changed_from_the_command_line() -> None:
    for file in (FILE, FILE + MATRIX):
        with pytest.raises(ScenarioErrors, match="`matrix` cannot be changed from outside the file"):
            all_of(file, "matrix={x: {one: {}}}")


def test_one_variant_is_read_by_its_name_and_nothing_else_of_the_file_is_in_its_way() -> None:
    text = FILE + MATRIX.replace("any: 1", "any: 9")
    assert parse(text, "s.chaos.yaml", variant="async-far").variant == "async-far"
    with pytest.raises(ScenarioErrors, match="`any: 9`"):
        parse(text, "s.chaos.yaml", variant="any1-far")


def test_a_file_with_several_variants_is_not_read_as_one_unless_it_is_said_which(tmp_path: Path) -> None:
    path = tmp_path / "s.chaos.yaml"
    path.write_text(FILE + MATRIX)
    assert len(load_all(path)) == 6
    with pytest.raises(UsageError, match=r"holds 6 variants\n.*async-near, async-far.*\n.*variant=\"async-near\""):
        load(path)
    with pytest.raises(UsageError, match=r"has no variant any1-nea\n.*did you mean `any1-near`"):
        load(path, variant="any1-nea")
    path.write_text(FILE)
    with pytest.raises(UsageError, match=r"has no variant any1\n.*no `matrix`"):
        load(path, variant="any1")


def test_a_matrix_of_one_combination_needs_no_choice() -> None:
    assert parse(FILE + "matrix: {x: {only: {}}}\n", "s.chaos.yaml").title == "loss[only]"


@pytest.mark.parametrize("variant", names(FILE + MATRIX))
def test_the_resolved_file_is_the_variant_alone_and_plans_the_same(variant: str) -> None:
    scenario = parse(FILE + MATRIX, "s.chaos.yaml", variant=variant)
    text = resolved(scenario)
    assert "matrix" not in text
    again = parse(text, "s.chaos.yaml")
    plans = [as_json(plan(one, seed=7, run="000000")) for one in (scenario, again)]
    assert [one.pop("variant") for one in plans] == [variant, None]
    assert plans[0] == plans[1]


# What RFC 7396 says, on plain values.


def merge_patch(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def plain(node: YamlNode) -> Any:
    match node:
        case YamlMap():
            return {key.text: plain(value) for key, value in node.entries}
        case YamlList():
            return [plain(item) for item in node.items]
        case _:
            return node.text


NAMES = st.sampled_from(["p", "q", "r"])
LEAVES = st.one_of(st.none(), st.sampled_from(["one", "two"]), st.just(["one"]))
OVERLAYS = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=3),
    lambda below: st.dictionaries(NAMES, st.one_of(LEAVES, below), max_size=3),
    max_leaves=8,
)
AXES = st.dictionaries(
    st.sampled_from(["x", "y", "z"]),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), OVERLAYS, min_size=1, max_size=3),
    min_size=1,
    max_size=3,
)


@st.composite
def matrices(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, str]]]:
    axes = draw(AXES)
    entry = st.fixed_dictionaries({}, optional={axis: st.sampled_from([*names]) for axis, names in axes.items()})
    return axes, draw(st.lists(entry.filter(bool), max_size=2))


@given(base=OVERLAYS, matrix=matrices())
@settings(deadline=None)
def test_every_combination_that_is_not_excluded_appears_once_as_the_merge_of_its_overlays(
    base: dict[str, Any], matrix: tuple[dict[str, Any], list[dict[str, str]]]
) -> None:
    axes, exclude = matrix
    text = json.dumps({"x-base": merge_patch({}, base), "matrix": {**wrapped(axes), "exclude": exclude}})
    report = Report("s.chaos.yaml", text)
    root = read_tree(report, text)
    assert root is not None
    found = [(one.name, plain(one.tree)) for one in variants(report, root)]
    expected = []
    for chosen in product(*axes.values()):
        named = dict(zip(axes, chosen, strict=True))
        if any(entry.items() <= named.items() for entry in exclude):
            continue
        tree = merge_patch({}, base)
        for axis, name in named.items():
            tree = merge_patch(tree, axes[axis][name])
        expected.append(("-".join(chosen), {"x-base": tree}))
    assert found == expected


def wrapped(axes: dict[str, Any]) -> dict[str, Any]:
    """The overlays, put where they cannot touch what the language means."""
    return {axis: {name: {"x-base": overlay} for name, overlay in names.items()} for axis, names in axes.items()}
