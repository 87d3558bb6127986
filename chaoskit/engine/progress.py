"""What a person watching wants to know, four times a second."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chaoskit.model.event import Event, Name
from chaoskit.protocols import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a run. What is not known is empty or None.

    Attributes:
        phase: What it is doing.
        t_s: Seconds since t0; None before it.
        end_s: When the timeline ends, seconds since t0.
        upcoming: What comes next, and in how many seconds; None seconds: an event decides.
        availability: Answered share of the probes of the last moments, by region and operation; None: there were none.
        probed: (answered, finished) probes of the last moments, by stream ``region/operation/connection``.
        tallies: All finished probes so far, by stream.
        operations: Operations of users so far, by region.
        primary: The node that the failover manager holds for the primary.
        standing: Faults that struck and are not healed.
        latency_ms: (p50, p99) of the answered probes of the last moments, by region.
        lag_bytes: WAL that a node has not replayed yet, by node; the primary and nodes that do not answer are absent.
        events: The last things that happened, oldest first, as ``told`` tells them.
    """

    phase: str
    t_s: float | None = None
    end_s: float | None = None
    upcoming: tuple[str, float | None] | None = None
    availability: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    probed: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    operations: Mapping[str, int] = field(default_factory=dict)
    primary: str | None = None
    standing: tuple[str, ...] = ()
    latency_ms: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    lag_bytes: Mapping[str, int] = field(default_factory=dict)
    events: tuple[str, ...] = ()


Watch = Callable[[Progress], None]
EVERY_S = 0.25
WINDOW_NS = 2_000_000_000

# Of no interest while one watches: what the phase says anyway, and what is read for the report alone.
UNTOLD = frozenset(
    {
        Name.LOAD_STARTED,
        Name.STEADY,
        Name.LOAD_STOPPED,
        Name.AUDITED,
        Name.LOG,
        Name.NOT_ANNOTATED,
        Name.END_OF_RUN,
        Name.CANDIDATE,
    }
)
WORDS = {Name.START: "start of", Name.END: "heal of", Name.ACTED: "end of"}


def shares(counts: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, float | None]]:
    """Streams ``region/operation/connection`` -> (ok, finished) as one share per region and operation."""
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for stream, (ok, finished) in counts.items():
        region, operation, _ = stream.split("/")
        had = totals.get((region, operation), (0, 0))
        totals[region, operation] = (had[0] + ok, had[1] + finished)
    found: dict[str, dict[str, float | None]] = {}
    for (region, operation), (ok, finished) in totals.items():
        found.setdefault(region, {})[operation] = ok / finished if finished else None
    return found


def told(event: Event, t0_ns: int) -> str | None:
    """One event in a line, ``+ 9.1 s  promoted eu-west/1``; None: not worth telling."""
    if event.event in UNTOLD:
        return None
    detail = event.detail
    word = WORDS.get(event.event, event.event.value.replace("_", " "))
    refused = "not " if detail.get("ok") is False else ""
    subject = [event.step, event.region, detail.get("endpoint"), event.node or detail.get("node"), detail.get("phase")]
    whom = " ".join(str(part) for part in subject if part) or str(detail.get("what", ""))
    why = f" ({' '.join(str(detail['why']).split())})" if detail.get("why") else ""
    return f"+{(event.t_ns - t0_ns) / 1e9:5.1f} s  {refused}{word} {whom}{why}".rstrip()
