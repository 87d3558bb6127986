"""Steady state: the run's own proof that it was healthy before anything broke."""

from collections.abc import Callable, Mapping

from chaoskit.model.scenario import SteadyState
from chaoskit.protocols import Clock, LoadDriver

WARM_UP_NS = 3_000_000_000
POLL_S = 0.1


def unsteady(counts: Mapping[str, tuple[int, int]], wanted: float) -> list[str]:
    """The streams that answered less than ``wanted`` of their probes, in words; one without probes is unsteady."""
    return [
        f"{stream}: {ok} of {scheduled}"
        for stream, (ok, scheduled) in sorted(counts.items())
        if scheduled == 0 or ok / scheduled < wanted
    ]


def await_steady(
    settings: SteadyState,
    load: LoadDriver,
    clock: Clock,
    *,
    began_ns: int,
    lag_ns: int,
    stop: Callable[[], bool],
    watch: Callable[[], None],
) -> tuple[int | None, list[str], Mapping[str, tuple[int, int]]]:
    """Wait until every probe stream was available for long enough after the warm-up.

    Args:
        settings: How available, for how long, and within what time.
        load: Counts its probes.
        clock: The run's.
        began_ns: When the load began.
        lag_ns: How long a probe may stay unanswered and its end unknown; the window ends that much in the past.
        stop: Whether to give up.
        watch: Called while waiting.

    Returns:
        (t0, or None when it was not reached in time; the unsteady streams; what was counted).
    """
    deadline_ns = began_ns + settings.within_ns
    while True:
        now_ns = clock.now_ns()
        until_ns = now_ns - lag_ns
        since_ns = until_ns - settings.for_ns
        counts = load.availability(since_ns, until_ns)
        bad = unsteady(counts, settings.availability)
        if counts and not bad and since_ns >= began_ns + WARM_UP_NS:
            return now_ns, [], counts
        if now_ns >= deadline_ns or stop():
            return None, bad or ["the run ended before"], counts
        watch()
        clock.sleep(POLL_S)
