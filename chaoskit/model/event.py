"""What happened beside the load: faults, heals, failover steps. One line each in ``events.ndjson``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Name(StrEnum):
    """Every event there is. ``detail`` of each is documented here; all ``*_ns`` are since the run's epoch."""

    LOAD_STARTED = "load_started"
    STEADY = "steady"  # t0: the instant from which the timeline counts. detail: availability {stream: float}
    NO_STEADY_STATE = "no_steady_state"  # detail: why
    # A fault struck, or an action began. t_ns is the onset of its first link. detail: fault (word), target (as the file
    # says it), resolved (its roles as they were then), text (one sentence), onset_first_ns, onset_last_ns, nodes [str]
    # (that it stopped, or made unreachable), excluded_regions [str] (their clients were lost)
    START = "start"
    # Whether an onset or heal took effect. detail: phase "onset"|"heal", ok true|false|null, proof (one sentence)
    PROVED = "proved"
    # A fault was healed; t_ns is when the heal began. detail: heal_first_ns, healed_ns, by timeline|audit|interrupt
    END = "end"
    DETECTED = "detected"  # the failover manager holds the primary for dead. detail: node, failures, first_failure_ns
    DECIDED = "decided"  # detail: node (the old primary)
    FENCED = "fenced"  # detail: node, ok, why
    CANDIDATE = "candidate"  # detail: node (chosen), positions {node: lsn}, unreachable [node]
    PROMOTION_MAY_LOSE = "promotion_may_lose"  # detail: reachable, needed
    PROMOTED = "promoted"  # detail: node, fork_lsn, pg_timeline
    REPOINTED = "repointed"  # a replica follows the new primary. detail: node, primary
    ROUTED = "routed"  # a region's endpoint was re-pointed. detail: region, endpoint "write"|"read", node
    UNREACHED = "unreached"  # the manager could not do something and will retry. detail: what, node or region, why
    SKIPPED = "skipped"  # a step that could not be done. detail: why
    ACTED = "acted"  # an action is over. detail: ok, why
    DEMOTED = "demoted"  # an old primary takes no writes any more. detail: node, how "fenced"|"stopped"|"switchover"
    HELD = "held"  # the manager keeps a deposed primary down. detail: node
    # A deposed primary is rebuilt as a replica, and its position and content are those of the primary. detail: node,
    # how "rewind"|"reclone"|"follow", source, bytes (of diverged WAL, if known), took_ns
    FAILED_BACK = "failed_back"
    NOT_FAILED_BACK = "not_failed_back"  # detail: node, how, why
    RESTARTED = "restarted"  # a node was started from its disk by a heal. detail: node
    CLIENTS_BACK = "clients_back"  # a lost region's clients returned as new sessions. detail: region
    LOAD_STOPPED = "load_stopped"
    AUDITED = "audited"  # detail: audit, node, answered, why
    # A line of a server's log worth seeing, at the instant that it carries; written when the run is over, so it stands
    # behind later events in the file. detail: line, times (how often it came)
    LOG = "log"
    BROKEN = "broken"  # a part of the harness failed, so the run proves less. detail: what, why
    NOT_ANNOTATED = "not_annotated"  # a fault that Grafana was not told of; the run proves no less. detail: why
    INTERRUPTED = "interrupted"
    END_OF_RUN = "end_of_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of ``events.ndjson``. ``t_ns`` is CLOCK_MONOTONIC since the run's epoch."""

    t_ns: int
    event: Name
    step: str | None = None
    region: str | None = None
    node: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The line as a JSON object; absent fields are left out."""
        row: dict[str, Any] = {"t_ns": self.t_ns, "event": self.event.value}
        row |= {k: v for k in ("step", "region", "node") if (v := getattr(self, k)) is not None}
        if self.detail:
            row["detail"] = dict(self.detail)
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Event":
        """The inverse of ``as_json``."""
        return cls(
            t_ns=int(row["t_ns"]),
            event=Name(row["event"]),
            step=row.get("step"),
            region=row.get("region"),
            node=row.get("node"),
            detail=row.get("detail", {}),
        )
