"""The headline tells what was found where that is what matters."""

from collections.abc import Callable

import numpy as np

from chaoskit.analysis.anomalies import anomalies
from chaoskit.analysis.evidence import Evidence, Finding

Build = Callable[..., Finding]


def evidence(split_brain_s: float | None = None, **findings: Finding) -> Evidence:
    return Evidence(absent=np.zeros(0, dtype=bool), findings=findings, split_brain_s=split_brain_s)


def test_a_broken_session_guarantee_is_told_though_nobody_asked(finding: Build) -> None:
    assert anomalies(evidence(read_your_writes=finding("some", 394)), []) == (
        "394 reads missed a write of their own session"
    )


def test_stale_reads_are_told_only_where_an_objective_asks(finding: Build) -> None:
    found = evidence(stale_reads=finding("some", 1))
    assert anomalies(found, ["rto"]) == ""
    assert anomalies(found, ["stale_reads"]) == "1 read was stale"


def test_a_split_brain_comes_first_with_its_length(finding: Build) -> None:
    found = evidence(11.65, split_brain=finding("some", 4), monotonic_reads=finding("some", 2))
    assert anomalies(found, []) == (
        "two nodes took writes at the same time for 11.6 s and 2 reads went back behind an earlier one"
    )


def test_more_than_three_kinds_are_counted(finding: Build) -> None:
    names = ("read_your_writes", "monotonic_reads", "monotonic_writes", "phantom", "duplicated")
    told = anomalies(evidence(**{name: finding("some", 2) for name in names}), ["phantom"])
    assert told.startswith("2 values were written by nobody, ")
    assert told.endswith(" and 2 more kinds of findings")


def test_what_is_not_known_is_not_told(finding: Build) -> None:
    assert anomalies(evidence(read_your_writes=finding("unknown", reason="no authority")), ["read_your_writes"]) == ""
