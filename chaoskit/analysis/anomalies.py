"""What was read or kept that is wrong, in the words of the headline."""

from collections.abc import Mapping, Sequence

from chaoskit.analysis.evidence import Evidence
from chaoskit.analysis.words import listed, plural, seconds_text
from chaoskit.model.verdict import FindingResult

MOST = 3
"""More kinds than these are counted, not told."""

# Told wherever they are found, for no pattern promises them away.
ALARMING: Mapping[str, tuple[str, str]] = {
    "read_your_writes": ("read missed a write of its own session", "reads missed a write of their own session"),
    "monotonic_reads": ("read went back behind an earlier one", "reads went back behind an earlier one"),
    "monotonic_writes": ("write landed behind an earlier one", "writes landed behind an earlier one"),
    "writes_follow_reads": (
        "write landed behind what its session had read",
        "writes landed behind what their session had read",
    ),
    "failed_visible": ("refused write is there all the same", "refused writes are there all the same"),
    "duplicated": ("value is stored more than once", "values are stored more than once"),
    "phantom": ("value was written by nobody", "values were written by nobody"),
}
# Told where an objective asks for them: on some patterns they are what was to be expected.
ASKED: Mapping[str, tuple[str, str]] = {
    "observed_lost": ("read returned a write that is gone", "reads returned a write that is gone"),
    "stale_reads": ("read was stale", "reads were stale"),
    "ghosts": ("write without an answer is there", "writes without an answer are there"),
    "late_ghosts": (
        "write without an answer was committed after the heal",
        "writes without an answer were committed after the heal",
    ),
    "divergence": ("row differs between nodes", "rows differ between nodes"),
}


def anomalies(evidence: Evidence, asked: Sequence[str]) -> str:
    """Say what was found, as a sentence without its end; empty where there is nothing to tell.

    Args:
        evidence: What the checkers say.
        asked: The measures of the objectives: these come first.
    """
    wanted = [name for name in dict.fromkeys(asked) if name in ALARMING or name in ASKED]
    names = [*wanted, *(name for name in ALARMING if name not in wanted)]
    found = [_clause(name, evidence) for name in names if _some(name, evidence)]
    if evidence.split_brain_s is not None and _some("split_brain", evidence):
        found.insert(0, f"two nodes took writes at the same time for {seconds_text(evidence.split_brain_s, None)}")
    told = found[:MOST]
    if len(found) > MOST:
        told.append(plural(len(found) - MOST, "more kind of finding", "more kinds of findings"))
    return listed(told)


def _some(name: str, evidence: Evidence) -> bool:
    finding = evidence.findings.get(name)
    return finding is not None and finding.result is FindingResult.SOME


def _clause(name: str, evidence: Evidence) -> str:
    one, many = ALARMING.get(name) or ASKED[name]
    return plural(evidence.findings[name].count, one, many)
