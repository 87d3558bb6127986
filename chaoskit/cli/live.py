"""A view that is worth watching on a terminal, and lines that are worth keeping elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.text import Text

from chaoskit.cli.live_table import share_style, upcoming_text, view
from chaoskit.cli.voice import people, say
from chaoskit.engine.progress import Progress, Watch
from chaoskit.report.figures import printable

PLAIN_EVERY_S = 5.0


@contextmanager
def watching(name: str) -> Iterator[Watch]:
    """Yield what shows the progress of the run ``name``: one live view on a terminal, else a line per change."""
    if people.is_terminal:
        with Live(console=people, auto_refresh=False, transient=True) as live:
            yield lambda progress: live.update(view(name, progress), refresh=True)
    else:
        yield plain()


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
            text.append("--" if share is None else f"{share:.0%}", style=share_style(share))
    if progress.operations:
        text.append(f"   {sum(progress.operations.values())} operations", style="dim")
    if progress.upcoming is not None:
        text.append(f"   next: {upcoming_text(*progress.upcoming)}", style="dim")
    return text


def plain(tell: Callable[[str], None] = say) -> Watch:
    """What happened, as it happens; and a line when the phase changes, and every few seconds of the timeline."""
    last: list[tuple[str, int]] = []
    seen: set[str] = set()

    def watch(progress: Progress) -> None:
        for event in progress.events:
            if event not in seen:
                seen.add(event)
                tell(printable(event))
        mark = (progress.phase, int((progress.t_s or 0) // PLAIN_EVERY_S))
        if not last or last[0] != mark:
            last[:] = [mark]
            tell(line(progress).plain)

    return watch
