"""Findings of a part of the operations, held against all of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chaoskit.analysis.findings.examine import SCOPED, Examination

Tell = Callable[..., Any]


@pytest.fixture
def examined(story: Tell) -> Examination:
    """Two lost writes and a ghost, in two regions; a read that is stale against a write of the other region."""
    told = story().write("a", 1, 2, region="us", key="x").write("b", 3, 4, region="eu", key="x")
    told = told.write("gone1", 5, 6, region="us").write("gone2", 7, 8, region="eu").write("ghost", 9, None, region="us")
    told = told.read("a", 10, 11, region="us", key="x", session="t")
    examination: Examination = told.holds("a", "b", key="x").holds("ghost").told()
    return examination


def within(examined: Examination, name: str, *rows: int) -> tuple[str, int, int]:
    assert examined.scoped is not None
    found = examined.scoped(name, np.isin(np.arange(6), rows))
    return found.result.value, found.count, found.checked


def test_only_operations_of_the_scope_are_counted_and_checked(examined: Examination) -> None:
    assert within(examined, "lost_writes", 0, 2) == ("some", 1, 2)
    assert within(examined, "lost_writes", 0, 1) == ("none", 0, 2)
    assert within(examined, "ghosts", 4) == ("some", 1, 1)


def test_what_is_outside_the_scope_is_still_known(examined: Examination) -> None:
    assert within(examined, "stale_reads", 5) == ("some", 1, 1)


def test_an_empty_scope_is_unknown_and_never_none(examined: Examination) -> None:
    for name in SCOPED:
        assert within(examined, name)[0] == "unknown"


def test_the_witness_is_of_the_scope(examined: Examination) -> None:
    assert examined.scoped is not None
    witness = examined.scoped("lost_writes", np.isin(np.arange(6), [3])).witness
    assert witness is not None
    assert [row["value"] for row in witness.operations] == ["gone2"]


def test_a_scope_of_everything_finds_what_is_found_without(examined: Examination) -> None:
    for name in SCOPED:
        assert within(examined, name, *range(6))[:2] == (
            examined.findings[name].result.value, examined.findings[name].count,
        )  # fmt: skip
