"""The live view: where the run is, what stands, how each region fares, and what happened last."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chaoskit.engine.progress import Progress
from chaoskit.report.figures import printable, size, span

GOOD, POOR = 0.99, 0.5
LAST_EVENTS = 5
NOTHING = "--"


def view(name: str, progress: Progress) -> RenderableType:
    """Everything that is known, in as many lines as that takes; nothing is wider than the terminal."""
    parts: list[RenderableType] = [_head(name, progress)]
    regions = progress.availability or progress.operations
    if regions:
        parts.append(_regions(progress))
    if progress.events:
        events = "\n".join(printable(event) for event in progress.events[-LAST_EVENTS:])
        parts += [Text(events, style="dim", no_wrap=True, overflow="ellipsis")]
    return Group(*parts)


def share_style(share: float | None) -> str:
    """The colour of an availability."""
    if share is None:
        return "dim"
    return "green" if share >= GOOD else "yellow" if share >= POOR else "bold red"


def upcoming_text(what: str, in_s: float | None) -> str:
    """``the audit in 4 s``."""
    return what if in_s is None else f"{what} in {in_s:.0f} s"


def _head(name: str, progress: Progress) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(name, style="bold")
    if progress.t_s is not None:
        end = f" of {progress.end_s:g} s" if progress.end_s is not None else " s"
        text.append(f"   +{progress.t_s:.1f}{end}", style="bold")
    if progress.primary is not None:
        text.append(f"   primary {progress.primary}")
    text.append(f"\n{progress.phase}", style="bold red" if progress.standing else "")
    if progress.upcoming is not None:
        text.append(f"   next: {upcoming_text(*progress.upcoming)}", style="dim")
    return text


def _regions(progress: Progress) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column("region", no_wrap=True, overflow="ellipsis")
    for heading in ("writes", "reads", "p50", "p99", "users did", "replica lag"):
        table.add_column(heading, justify="right", no_wrap=True)
    for region in progress.availability or progress.operations:
        shares = progress.availability.get(region, {})
        p50, p99 = progress.latency_ms.get(region, (None, None))
        table.add_row(
            region,
            _share(shares.get("write")),
            _share(shares.get("read")),
            _latency(p50),
            _latency(p99),
            f"{progress.operations.get(region, 0):,}",
            _lag(region, progress.lag_bytes),
        )
    return table


def _share(share: float | None) -> Text:
    return Text(NOTHING if share is None else f"{share:.0%}", style=share_style(share))


def _latency(latency_ms: float | None) -> str:
    return NOTHING if latency_ms is None else span(latency_ms / 1000)


def _lag(region: str, lag_bytes: Mapping[str, int]) -> str:
    """The worst of the region's replicas."""
    lags = [lag for node, lag in lag_bytes.items() if node.partition("/")[0] == region]
    return size(max(lags)) if lags else NOTHING
