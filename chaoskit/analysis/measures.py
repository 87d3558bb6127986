"""From an objective's measure and scope to the figures it speaks of (docs/scenario-file.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chaoskit.analysis import failover_measures, loss_measures, probe_measures, read_measures, session_measures
from chaoskit.analysis.facts import Facts, Measured
from chaoskit.analysis.findings.examine import SCOPED
from chaoskit.analysis.window import Window, window_of
from chaoskit.model.scenario import Objective, Phase

Find = Callable[[Objective, str, Facts, Window], Measured]
"""Find the figures of an objective in a window; the second argument is what follows the dot of its measure."""

STREAM = frozenset({"region", "operation", "connection"})
PHASE = frozenset({"phase"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Measures that are found alike. ``scopes``: what they can be limited to; ``phase`` is ``between``, too."""

    find: Find
    scopes: frozenset[str] = frozenset()


_STEP = frozenset({"step"})
FAMILIES: Mapping[str, Family] = {
    "rto": Family(find=probe_measures.rto, scopes=STREAM | _STEP),
    "downtime": Family(find=probe_measures.downtime, scopes=STREAM | _STEP | PHASE),
    "outage": Family(find=probe_measures.outage, scopes=STREAM | _STEP | PHASE),
    "availability": Family(find=probe_measures.availability, scopes=STREAM | PHASE),
    "latency": Family(find=probe_measures.latency, scopes=STREAM | PHASE),
    "staleness": Family(find=read_measures.staleness, scopes=STREAM | PHASE),
    "staleness_versions": Family(find=read_measures.staleness_versions, scopes=STREAM | PHASE),
    "client_rto": Family(find=session_measures.client_rto, scopes=STREAM | _STEP),
    "users_affected": Family(find=session_measures.users_affected, scopes=STREAM | PHASE),
    "rpo_window": Family(find=loss_measures.rpo_window),
    "rpo_bytes": Family(find=loss_measures.rpo_bytes),
    "split_brain": Family(find=loss_measures.split_brain),
    "waterfall": Family(find=failover_measures.waterfall, scopes=frozenset({"region", "step"})),
    "prediction_misses": Family(find=failover_measures.prediction_misses, scopes=frozenset({"region", "step"})),
    "failovers": Family(find=failover_measures.failovers),
    "failback": Family(find=failover_measures.failback),
    "failback_bytes": Family(find=failover_measures.failback_bytes),
    "wan_bytes": Family(find=failover_measures.wan_bytes),
}


def measure(objective: Objective, facts: Facts) -> Measured:
    """Find the figures that ``objective`` bounds."""
    head, _, detail = objective.measure.partition(".")
    family = FAMILIES.get(head) or _finding(objective.measure, facts)
    if family is None:
        return Measured(unknown=facts.evidence.crashed or f"{objective.measure} was not checked")
    if refused := _refused(objective, family):
        article = "an" if refused == "operation" else "a"
        return Measured(unknown=f"{objective.measure} cannot be limited to {article} {refused}")
    window = window_of(objective, facts.course)
    return Measured(unknown=window) if isinstance(window, str) else family.find(objective, detail, facts, window)


def _finding(name: str, facts: Facts) -> Family | None:
    if name not in facts.evidence.findings:
        return None
    return Family(find=loss_measures.finding, scopes=STREAM | PHASE if name in SCOPED else frozenset())


def _refused(objective: Objective, family: Family) -> str:
    """The first scope that means nothing for the measure; empty: there is none. A phase may be that of a step."""
    phased = objective.phase is not Phase.ALWAYS or objective.between is not None
    asked = {
        "region": objective.region is not None,
        "operation": objective.operation is not None,
        "connection": objective.connection is not None,
        "step": objective.step is not None and not phased,
        "phase": phased,
    }
    return next((scope for scope, given in asked.items() if given and scope not in family.scopes), "")


def measure_of_phase(objective: Objective, phase: Phase, facts: Facts) -> Measured:
    """Find the same figures in another phase, which a relative bound multiplies."""
    return measure(replace(objective, phase=phase, between=None), facts)
