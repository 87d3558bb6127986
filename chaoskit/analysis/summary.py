"""The verdict in one or two sentences, the answer first, for someone who was not there."""

from collections.abc import Mapping, Sequence

from chaoskit.analysis.anomalies import anomalies
from chaoskit.analysis.cause import FAILBACK, HEAL, ONSET
from chaoskit.analysis.facts import Facts
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.objectives import Judgement
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.rto import Recovery
from chaoskit.analysis.words import figure, listed, plural, seconds_text
from chaoskit.model.fault import (
    Bandwidth,
    ClockSkew,
    Cpu,
    Crash,
    Disconnect,
    DiskFull,
    Freeze,
    Latency,
    PacketLoss,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.verdict import FindingResult, Verdict

OPERATIONS = ("write", "read")
TOLD_FAULTS = 2
"""More faults than these are counted, not told; those that stopped nobody are left out where others did."""

LATER: Mapping[str, str] = {HEAL: "once it was healed", FAILBACK: "during its failback"}
STRUCK: Mapping[str, str] = {
    RegionLoss.word: "After {target} was lost",
    Partition.word: "After {target} was cut",
    Latency.word: "After {target} became slower",
    Bandwidth.word: "After {target} became narrow",
    PacketLoss.word: "After {target} began to lose packets",
    Crash.word: "After {target} crashed",
    Freeze.word: "After {target} froze",
    Disconnect.word: "After the cable of {target} was pulled",
    DiskFull.word: "After the disk of {target} was full",
    Cpu.word: "After {target} was starved of CPU",
    ClockSkew.word: "After the clock of {target} was set wrong",
    Switchover.word: "After the planned change of primary to {target}",
}


def summarize(
    verdict: Verdict, reason: str, faults: Sequence[FaultRecord], facts: Facts, judged: Sequence[Judgement]
) -> str:
    """Say what the run showed: who could not write for how long, what was lost, or why nobody can tell."""
    seen = f"{_course(faults, facts)}; {_loss(facts.rpo)}."
    if wrong := anomalies(facts.evidence, [j.objective.measure for j in judged]):
        seen += f" {wrong[:1].upper()}{wrong[1:]}."
    if verdict is Verdict.INCONCLUSIVE:
        return f"INCONCLUSIVE. We cannot tell: {reason.rstrip('.')}. What was seen: {_lower(seen)}"
    if verdict is Verdict.FAIL:
        missed = [f"{j.objective.name} ({j.reason})" for j in judged if j.verdict is Verdict.FAIL]
        return f"FAIL. {seen} Missed: {'; '.join(missed)}."
    return f"PASS. {seen}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _course(faults: Sequence[FaultRecord], facts: Facts) -> str:
    if not faults:
        return _quiet(facts)
    worth = [fault for fault in faults if any(_stopped(fault, operation, facts) for operation in OPERATIONS)] or faults
    told = [_told(fault, facts) for fault in worth[:TOLD_FAULTS]]
    rest = len(worth) - TOLD_FAULTS
    if rest > 0:
        told.append(plural(rest, "more fault struck", "more faults struck"))
    return "; ".join([*told[:1], *(_lower(clause) for clause in told[1:])])


def _quiet(facts: Facts) -> str:
    """Nothing was broken: how well it went, or what was found."""
    if facts.downtimes:
        lowest = min(row.availability for row in facts.downtimes)
        return f"Nothing was broken, and in every region at least {figure(lowest, 'fraction')}% of the probes succeeded"
    found = [
        f"{finding.count:,} {name}"
        for name, finding in facts.evidence.findings.items()
        if finding.result is FindingResult.SOME and name != "lost_writes"
    ]
    return f"The history shows {listed(found)}" if found else "The history shows nothing wrong"


def _told(fault: FaultRecord, facts: Facts) -> str:
    when = STRUCK.get(fault.fault, "After {target} was struck").format(target=fault.struck)
    writes, reads = (_stopped(fault, operation, facts) for operation in OPERATIONS)
    if writes:
        return f"{when}, {listed(writes)}"
    told = f"{when}, {_went_on(fault, facts)}"
    if reads:
        told += f", but {listed(reads)}"
    for cause, later in LATER.items():
        if writes := _stopped(fault, "write", facts, cause):
            told += f"; {later}, {listed(writes)}"
    return told


def _went_on(fault: FaultRecord, facts: Facts) -> str:
    """Who went on writing after an onset that stopped nobody, as far as that can be told."""
    mine = [row for row in facts.recoveries if (row.step, row.cause, row.operation) == (fault.step, ONSET, "write")]
    unknown = list(dict.fromkeys(row.region for row in mine if row.overtaken or row.unseen))
    if unknown and {row.region for row in mine if not row.excluded} <= {*unknown}:
        return "nobody can tell whether any region went on writing"
    who = f"every {'other ' if unknown else ''}region{' that kept its clients' if facts.absent.spans else ''}"
    return f"{who} went on writing" + (f", and nobody can tell whether {listed(unknown)} did" if unknown else "")


def _stopped(fault: FaultRecord, operation: str, facts: Facts, cause: str = ONSET) -> list[str]:
    """One clause per region whose clients could not ``operation``, and were not lost before they could again."""
    clauses: list[str] = []
    worst: dict[str, Recovery] = {}
    for row in facts.recoveries:
        mine = (row.step, row.cause, row.operation) == (fault.step, cause, operation)
        if mine and row.hit and (row.hi_ns is not None or row.censored):
            held = worst.get(row.region)
            worst[row.region] = row if held is None else max(held, row, key=_length)
    for row in sorted(worst.values(), key=lambda row: row.censored):
        clauses.append(_clause(row, operation, first=not clauses))
    return clauses


def _length(row: Recovery) -> tuple[bool, int, int]:
    return row.censored, row.hi_ns or 0, row.lo_ns or 0


def _clause(row: Recovery, operation: str, *, first: bool) -> str:
    region, lo_s = row.region, (row.lo_ns or 0) / 1e9
    if row.censored:
        return f"{region} could still not {operation} when the run ended, {seconds_text(lo_s, None)} later"
    lasted = seconds_text(lo_s, (row.hi_ns or 0) / 1e9)
    return f"{region} could not {operation} for {lasted}" if first else f"{region} for {lasted}"


def _loss(rpo: Rpo) -> str:
    if rpo.lost_writes is None:
        return f"what was lost is not known ({rpo.unknown.rstrip('.')})"
    if rpo.lost_writes == 0:
        return "no acknowledged write is gone" if rpo.acknowledged else "no write was acknowledged"
    gone = "is gone" if rpo.lost_writes == 1 else "are gone"
    return f"{rpo.lost_writes:,} of {plural(rpo.acknowledged, 'acknowledged write', 'acknowledged writes')} {gone}"
