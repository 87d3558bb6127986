"""The words that page and terminal share: verdicts, places, and what each finding means."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.model.scenario import titled
from chaoskit.model.verdict import FindingResult, Verdict
from chaoskit.report.reading import Row, number, part, text, texts

MARKS: Mapping[Verdict, str] = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.INCONCLUSIVE: "?"}
FINDING_MARKS: Mapping[FindingResult, str] = {
    FindingResult.NONE: "none",
    FindingResult.SOME: "found",
    FindingResult.UNKNOWN: "unknown",
}

# What each finding counts (docs/definitions.md), in the order in which they are shown.
FINDINGS: Mapping[str, str] = {
    "lost_writes": "writes that were acknowledged and are gone",
    "observed_lost": "reads that returned a write that is gone",
    "phantom": "reads or rows with a value that nobody wrote",
    "failed_visible": "writes that were answered with an error and are there all the same",
    "duplicated": "values that are stored more than once",
    "read_your_writes": "reads that missed a write of their own session",
    "monotonic_reads": "reads that went back behind an earlier read of their session",
    "monotonic_writes": "writes that landed behind an earlier write of their session",
    "writes_follow_reads": "writes that landed behind something their session had read",
    "stale_reads": "reads that missed a write or read that had already returned elsewhere",
    "divergence": "rows that one node holds and another lacks after everything is quiet",
    "divergence_before_failback": "rows of a deposed primary that the survivors lack: its rebuild erases them",
    "split_brain": "two nodes that acknowledged writes at the same time",
    "ghosts": "writes without an answer that are there (legal: their clients must ask)",
    "late_ghosts": "writes without an answer that were committed after a heal released them",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The run in one breath."""

    verdict: Verdict
    mark: str
    word: str
    sentence: str
    reason: str  # why nothing can be told; empty where the sentence or the objectives say it


def headline(result: Row) -> Headline:
    """The verdict, and the sentence that a person who was not there reads first."""
    verdict = verdict_of(result)
    word = verdict.value.upper()
    reason = text(result, "reason")
    sentence = text(result, "summary") or reason or "The result has no summary."
    for prefix in (f"{word}.", f"{word}:"):
        sentence = sentence.removeprefix(prefix).strip()  # the badge says it
    if reason and reason.rstrip(".") == " ".join(texts(part(result, "instrument"), "doubts")).rstrip("."):
        sentence = sentence.replace(f": {reason.rstrip('.')}.", ".", 1)  # the doubts are listed beside it
        reason = ""
    return Headline(
        verdict=verdict,
        mark=MARKS[verdict],
        word=word,
        sentence=sentence,
        reason=reason if verdict is Verdict.INCONCLUSIVE and reason not in sentence else "",
    )


def verdict_of(row: Row) -> Verdict:
    """The row's verdict; what is missing or not a verdict is inconclusive, never a pass."""
    try:
        return Verdict(text(row, "verdict"))
    except ValueError:
        return Verdict.INCONCLUSIVE


def where(row: Row) -> str:
    """``eu-west write established``: the stream that a row is about."""
    return " ".join(text(row, key) for key in ("region", "operation", "connection") if row.get(key)) or "whole run"


def scenario(result: Row) -> str:
    """The scenario of a result, with its variant: ``region-loss[any1]``."""
    return titled(text(result, "scenario", "history"), text(result, "variant"))


def title(result: Row) -> str:
    """The scenario with its variant, and the trial."""
    trial = number(result, "trial")
    return scenario(result) + (f" · trial {trial:.0f}" if trial and trial > 1 else "")


def setting(result: Row) -> str:
    """One line: which regions, what replicates how, who fails over."""
    topology = part(result, "topology")
    regions = topology.get("regions") or ()
    if not regions:
        return "A history from another tool: nothing is known of the stack."
    failover = text(topology, "failover", "none")
    return (
        f"{len(regions)} regions ({', '.join(str(region) for region in regions)}), "
        f"primary {text(topology, 'primary')}, {text(topology, 'replication')} replication, "
        f"{'no failover' if failover == 'none' else f'failover by {failover}'}, "
        f"reads at the {'primary' if topology.get('reads') == 'primary' else 'own region'}"
    )


def repeat_commands(result: Row) -> tuple[tuple[str, str], ...]:
    """What to type to run it again, judge the recorded data again, and draw this page again."""
    run_dir = text(result, "run_dir", ".")
    again = []
    if result.get("seed") is not None:
        # The resolved file: what --set changed is in it, and a locustfile is found from wherever it lies.
        resolved = shlex.quote(f"{run_dir}/scenario.resolved.yaml")
        seed = number(result, "seed")
        again.append(("Run it again", f"chaoskit run {resolved} --seed {seed:.0f} --trials 1"))
    quoted = shlex.quote(run_dir)
    again.append(("Judge the recorded history again", f"chaoskit analyze {quoted}"))
    again.append(("Draw this page again", f"chaoskit report {quoted}"))
    return tuple(again)
