"""What the pattern cost, as rows: bytes between regions, CPU of nodes."""

from dataclasses import dataclass

from chaoskit.report.figures import percent, size
from chaoskit.report.reading import Row, number, part, rows, text


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedTable:
    """Bytes from each region (row) to each other (column); ``total`` of all."""

    regions: tuple[str, ...]
    cells: tuple[tuple[str, tuple[str, ...]], ...]
    total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuRow:
    """The share of one core that a node used, by phase."""

    node: str
    before: str
    during: str
    after: str


def crossed(result: Row) -> CrossedTable | None:
    """Who sent how much to whom; None: it was not measured."""
    price = part(result, "price")
    if price.get("wan") is None:
        return None
    sent = {(text(row, "from_region"), text(row, "to_region")): number(row, "bytes") for row in rows(price, "wan")}
    regions = tuple(dict.fromkeys(region for pair in sent for region in pair))
    return CrossedTable(
        regions=regions,
        cells=tuple((a, tuple("" if a == b else size(sent.get((a, b))) for b in regions)) for a in regions),
        total=size(sum(count or 0 for count in sent.values())),
    )


def cpu_rows(result: Row) -> tuple[CpuRow, ...]:
    """Every node whose processes were counted."""
    found = rows(part(result, "price"), "cpu")
    shares = {(text(row, "node"), text(row, "phase")): _share(row) for row in found}
    nodes = dict.fromkeys(text(row, "node") for row in found)
    return tuple(
        CpuRow(node=node, **{phase: percent(shares.get((node, phase))) for phase in ("before", "during", "after")})
        for node in nodes
    )


def _share(row: Row) -> float | None:
    used_s, observed_s = number(row, "used_s"), number(row, "observed_s")
    return used_s / observed_s if used_s is not None and observed_s else None
