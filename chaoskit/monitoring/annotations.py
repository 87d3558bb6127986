"""A fault as an annotation of Grafana: a region with start and end. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One fault, from the onset of its first link to the end of its heal, in ns since the run's epoch."""

    step: str
    fault: str
    text: str
    began_ns: int
    ended_ns: int

    def body(self, plan: Plan, *, epoch_wall_ns: int) -> Mapping[str, int | str | list[str]]:
        """What ``POST /api/annotations`` takes: times in ms of the wall clock, and tags to find it by."""
        scenario = plan.scenario
        variant = [] if scenario.variant is None else [f"variant:{scenario.variant}"]
        return {
            "time": (epoch_wall_ns + self.began_ns) // 1_000_000,
            "timeEnd": (epoch_wall_ns + self.ended_ns) // 1_000_000,
            "tags": ["chaoskit", self.fault, f"scenario:{scenario.name}", *variant, f"run:{plan.run}"],
            "text": f"{self.step}: {self.text}",
        }


class Faults:
    """Makes annotations of events."""

    def __init__(self, plan: Plan) -> None:
        self._words = {step.name: step.fault.word for step in plan.steps if step.fault is not None}
        self._struck: dict[str, Event] = {}

    def learn(self, event: Event) -> Annotation | None:
        """Something happened; the fault that it ended, or None."""
        if event.event is Name.START and event.step in self._words:
            self._struck[event.step] = event
        if event.event is not Name.END or event.step not in self._struck:
            return None
        onset = self._struck.pop(event.step)
        return Annotation(
            step=event.step,
            fault=self._words[event.step],
            text=str(onset.detail["text"]),
            began_ns=int(onset.detail["onset_first_ns"]),
            ended_ns=int(event.detail["healed_ns"]),
        )
