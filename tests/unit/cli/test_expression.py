"""``-k`` chooses by name, and never runs anything as code."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoskit.cli.expression import wanted
from chaoskit.errors import UsageError

NAMES = ("baseline", "region-loss-async", "region-loss-quorum", "partition-stall")


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("region-loss", ["region-loss-async", "region-loss-quorum"]),
        ("LOSS and not quorum", ["region-loss-async"]),
        ("baseline or stall", ["baseline", "partition-stall"]),
        ("not (loss or stall)", ["baseline"]),
        ("not not baseline", ["baseline"]),
        ("baseline or loss and async", ["baseline", "region-loss-async"]),
        ("(baseline or loss) and async", ["region-loss-async"]),
        ("android", []),
    ],
)
def test_words_fit_inside_a_name_and_are_joined_as_in_pytest(expression: str, kept: list[str]) -> None:
    assert [name for name in NAMES if wanted(expression)(name)] == kept


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("baseline stall", "`stall` follows without `and` or `or`"),
        ("and loss", "a word is missing before `and`"),
        ("loss or", "a word is missing at its end"),
        ("not", "a word is missing at its end"),
        ("(loss", "a `)` is missing"),
        ("loss)", "`)` follows without `and` or `or`"),
        ("()", "a word is missing before `)`"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(expression: str, why: str) -> None:
    with pytest.raises(UsageError) as error:
        wanted(expression)
    assert error.value.why == why
    assert expression in error.value.what


def in_python(expression: str) -> bool | None:
    """What the same words mean in Python, where ``a`` is true and ``b`` is not; None: they are no such expression."""
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        return None
    if any(isinstance(node, ast.Call | ast.Tuple) for node in ast.walk(tree)):
        return None  # `a (b)` and `()`
    return bool(eval(compile(tree, "", "eval"), {"__builtins__": {}}, {"a": True, "b": False}))


@given(st.lists(st.sampled_from(["a", "b", "and", "or", "not", "(", ")"]), min_size=1, max_size=9))
def test_every_expression_means_what_python_means_by_it_or_is_refused(words: list[str]) -> None:
    expression = " ".join(words)
    try:
        found = wanted(expression)("a")
    except UsageError:
        assert in_python(expression) is None
    else:
        assert found == in_python(expression)
