"""A plan: a scenario with every number decided before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.model.fault import Deed, Fault
from chaoskit.model.instant import Instant
from chaoskit.model.scenario import Scenario
from chaoskit.model.topology import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """A directed pair that carries traffic: ``source`` dials ``target`` through a proxy of its own.

    Its upstream stream carries bytes ``source -> target``, its downstream stream ``target -> source``.
    """

    source: Party
    target: Party

    @property
    def name(self) -> str:
        """The proxy's name, unique in the WAN; no ``/``, which would end a REST path segment."""
        return f"{self.source.name}~{self.target.name}".replace("/", ":")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step whose instants are absolute where they are known before the run.

    Attributes:
        for_ns: How long, counted from its onset; None: see ``until``.
        until: When it is healed; with ``for_ns`` None too: at the end of the run. An action has neither.
        jitter_ns: What a latency fault adds more or less, tick by tick; empty: nothing.
    """

    name: str
    deed: Deed
    at: Instant
    for_ns: int | None = None
    until: Instant | None = None
    jitter_ns: tuple[int, ...] = ()

    @property
    def fault(self) -> Fault | None:
        """The deed, if it is a fault."""
        return self.deed if isinstance(self.deed, Fault) else None

    @property
    def at_ns(self) -> int | None:
        """When it begins, since t0; None: an event decides."""
        return self.at.offset_ns if self.at.after is None else None

    @property
    def until_ns(self) -> int | None:
        """When it ends, since t0; None: an event, or the end of the run, decides."""
        if self.for_ns is not None:
            return None if self.at_ns is None else self.at_ns + self.for_ns
        return self.until.offset_ns if self.until is not None and self.until.after is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """The instrument (docs/definitions.md, Availability). One per region and run.

    Attributes:
        rate_hz: Established streams.
        fresh_rate_hz: Fresh streams, a quarter of it.
        timeout_ns: One deadline for all.
        pool: Slots of an established stream, ceil(timeout x rate).
        keys: Keys over which a stream's writes rotate.
    """

    rate_hz: float
    fresh_rate_hz: float
    timeout_ns: int
    pool: int
    keys: int

    @property
    def interval_ns(self) -> int:
        """Distance of two established probes."""
        return round(1e9 / self.rate_hz)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the failover manager's own settings say each part of an outage takes: [lo, hi] in ns per part."""

    parts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a run needs to know.

    Attributes:
        scenario: With every drawn instant replaced by what it came to.
        run: Short id, unique per run; labels whatever the run starts.
        seed: Drawn where the scenario names none.
        duration_ns: Since t0.
        predictions: By step name; steps that cause no failover are absent.
    """

    scenario: Scenario
    run: str
    seed: int
    dials: tuple[Dial, ...]
    steps: tuple[PlannedStep, ...]
    duration_ns: int
    probes: ProbePlan
    max_connections: int
    predictions: Mapping[str, Prediction]
