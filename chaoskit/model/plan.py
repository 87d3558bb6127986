"""A plan: a scenario with every number decided before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.model.fault import Fault
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
    """A step with its absolute times since t0. ``until_ns`` None: until the end of the run."""

    name: str
    fault: Fault
    at_ns: int
    until_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """The instrument (DESIGN §6). One per region and run.

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
