"""A line that is worth watching: phase, clock, what comes next, and how available each region is."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from chaoskit.cli.voice import people
from chaoskit.engine.progress import Progress, Watch

PLAIN_EVERY_S = 5.0
GOOD, POOR = 0.99, 0.5


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield what shows progress: one live line on a terminal, a plain line per change elsewhere."""
    if people.is_terminal:
        with Live(console=people, refresh_per_second=8, transient=True) as live:
            yield lambda progress: live.update(line(progress))
    else:
        yield _plain()


def line(progress: Progress) -> Text:
    """One line: ``+12.3 s  lose-us-east   eu-west writes 0% reads 100%   next: the audit in 4 s``."""
    text = Text()
    if progress.t_s is not None:
        text.append(f"+{progress.t_s:5.1f} s ", style="bold")
    text.append(progress.phase)
    for region, operations in progress.availability.items():
        text.append(f"   {region}")
        for operation, share in operations.items():
            text.append(f" {operation}s ")
            text.append("--" if share is None else f"{share:.0%}", style=_style(share))
    if progress.operations:
        text.append(f"   {sum(progress.operations.values())} operations", style="dim")
    if progress.upcoming is not None:
        what, in_s = progress.upcoming
        text.append(f"   next: {what} in {in_s:.0f} s", style="dim")
    return text


def _style(share: float | None) -> str:
    if share is None:
        return "dim"
    return "green" if share >= GOOD else "yellow" if share >= POOR else "bold red"


def _plain() -> Watch:
    """A line when the phase changes, and every few seconds of the timeline."""
    last: list[tuple[str, int]] = []

    def watch(progress: Progress) -> None:
        mark = (progress.phase, int((progress.t_s or 0) // PLAIN_EVERY_S))
        if not last or last[0] != mark:
            last[:] = [mark]
            people.print(line(progress).plain, markup=False, soft_wrap=True)

    return watch
