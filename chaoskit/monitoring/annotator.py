"""Tells Grafana of every fault that is over, in a thread of its own: whatever Grafana does, the run goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread

from chaoskit.engine.events import Ear
from chaoskit.engine.progress import Progress
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Plan
from chaoskit.monitoring.annotations import Annotation, Faults
from chaoskit.monitoring.grafana import Grafana, Refused
from chaoskit.protocols import Clock, Emit

DRAIN_S = 5.0
"""How long the end of a run waits for annotations that are still on their way."""


class Annotator:
    """Annotates one run.

    Args:
        say: Told once what is wrong, however often it is; events keep every case.
    """

    def __init__(self, grafana: Grafana, plan: Plan, clock: Clock, say: Callable[[str], None]) -> None:
        self._grafana, self._plan, self._clock, self._say = grafana, plan, clock, say
        self._faults = Faults(plan)
        self._queue: SimpleQueue[Annotation | None] = SimpleQueue()
        self._lock = Lock()
        self._open: set[str] = set()  # steps whose annotation is on its way
        self._said = False

    def watch(self, progress: Progress) -> None:
        """Nothing: faults are events."""

    @contextmanager
    def hearing(self, emit: Emit) -> Iterator[Ear]:
        """Annotate until the end of the block, which waits ``DRAIN_S`` at most."""
        thread = Thread(target=self._work, args=(emit,), name="grafana", daemon=True)
        thread.start()
        try:
            yield self._hear
        finally:
            self._queue.put(None)
            thread.join(DRAIN_S)
            for step in sorted(self._open):
                self._miss(step, f"no answer until {DRAIN_S:g} s after the end of the run", emit)

    def _hear(self, event: Event) -> None:
        annotation = self._faults.learn(event)
        if annotation is not None:
            self._open.add(annotation.step)
            self._queue.put(annotation)

    def _work(self, emit: Emit) -> None:
        while (annotation := self._queue.get()) is not None and annotation.step in self._open:
            try:
                self._grafana.post(annotation.body(self._plan, epoch_wall_ns=self._clock.epoch_wall_ns()))
                self._settle(annotation.step)
            except Refused as why:
                self._miss(annotation.step, str(why), emit)

    def _settle(self, step: str) -> bool:
        """It is known what became of the annotation; False: it was before, and whoever is late keeps quiet."""
        with self._lock:
            if step not in self._open:
                return False
            self._open.remove(step)
            return True

    def _miss(self, step: str, why: str, emit: Emit) -> None:
        if not self._settle(step):
            return
        emit(Event(t_ns=self._clock.now_ns(), event=Name.NOT_ANNOTATED, step=step, detail={"why": why}))
        with self._lock:
            first, self._said = not self._said, True
        if first:
            self._say(f"warning: Grafana was not told of {step}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotating:
    """Annotates every run of a command; ``say`` is told once for each run what is wrong."""

    grafana: Grafana
    say: Callable[[str], None]

    def follow(self, plan: Plan, *, trial: int, clock: Clock) -> Annotator:  # noqa: ARG002 - a Monitor's
        """Annotate this run."""
        return Annotator(self.grafana, plan, clock, self.say)
