"""Which instants of a timeline are known before the run: those since t0, and those of known steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

from chaoskit.model.instant import END, START, Instant, since_t0
from chaoskit.model.scenario import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a step is in force, in ns since t0.

    Attributes:
        at_ns: Its onset; None: an event decides.
        end_ns: Its heal; None: an event or the end of the run decides. An action's end is its onset.
        open_ended: It lasts until the end of the run.
    """

    step: Step
    at_ns: int | None
    end_ns: int | None
    open_ended: bool = False

    def holds(self, instant_ns: int) -> bool:
        """Whether it is known to be in force at ``instant_ns``; it no longer is at its end."""
        return self.at_ns is not None and self.at_ns <= instant_ns and (self.end_ns is None or instant_ns < self.end_ns)


MOST_COMBINED = 4  # sixteen ways to look at every pair of steps
Draw = Callable[[str, Instant], int]
"""What a drawn instant comes to, in ns since t0; the word (``cut/at``) tells it apart from all others."""


def drawn(timeline: Sequence[Step], draw: Draw) -> tuple[Step, ...]:
    """Return the timeline with every drawn instant replaced by what it comes to."""
    return tuple(
        replace(
            step,
            at=_settled(step.at, f"{step.name}/at", draw),
            until=None if step.until is None else _settled(step.until, f"{step.name}/until", draw),
        )
        for step in timeline
    )


def _settled(instant: Instant, word: str, draw: Draw) -> Instant:
    return instant if instant.latest_ns is None else since_t0(draw(word, instant))


def latest(timeline: Sequence[Step]) -> tuple[Step, ...]:
    """Return the timeline with everything as late as it can be."""
    return drawn(timeline, lambda _word, instant: instant.latest_ns or instant.offset_ns)


def extremes(timeline: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Yield the timeline with its drawn instants at their earliest and their latest, in every combination.

    Of more than ``MOST_COMBINED`` instants only all at their earliest, and all at their latest.
    """
    words: list[str] = []

    def earliest(word: str, instant: Instant) -> int:
        words.append(word)
        return instant.offset_ns

    yield drawn(timeline, earliest)
    sizes = range(1, len(words) + 1) if len(words) <= MOST_COMBINED else (len(words),)
    for late in (set(some) for size in sizes if size for some in combinations(words, size)):
        yield drawn(timeline, partial(_late_or_early, late))


def _late_or_early(late: Set[str], word: str, instant: Instant) -> int:
    return (instant.latest_ns or 0) if word in late else instant.offset_ns


def windows(timeline: Sequence[Step]) -> tuple[Window, ...]:
    """Return the window of every step, in the timeline's order; what is drawn counts as at its earliest."""
    known: dict[str, Window] = {}
    for _ in range(2 * len(timeline)):  # a chain of references passes each onset and each heal at most once
        known = {step.name: _window(step, known) for step in timeline}
    return tuple(known[step.name] for step in timeline)


def _window(step: Step, known: Mapping[str, Window]) -> Window:
    at_ns = _known_ns(step.at, known)
    if step.fault is None:
        return Window(step=step, at_ns=at_ns, end_ns=at_ns)
    if step.for_ns is not None:
        return Window(step=step, at_ns=at_ns, end_ns=None if at_ns is None else at_ns + step.for_ns)
    if step.until is None:
        return Window(step=step, at_ns=at_ns, end_ns=None, open_ended=True)
    return Window(step=step, at_ns=at_ns, end_ns=_known_ns(step.until, known))


def _known_ns(instant: Instant, known: Mapping[str, Window]) -> int | None:
    """The instant since t0, if no event of the run decides it."""
    after = instant.after
    if after is None:
        return instant.offset_ns
    window = known.get(after.step or "")
    if window is None or after.event not in (START, END):
        return None
    base_ns = window.at_ns if after.event == START else window.end_ns
    return None if base_ns is None else base_ns + instant.offset_ns
