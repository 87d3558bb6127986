"""Drawings of the stack before, during and after: regions on a circle, their nodes with roles, where writes go."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from chaoskit.report.figures import instant
from chaoskit.report.reading import Row, number, part, rows, text, texts

BOX_WIDTH, LINE = 132.0, 15.0
REACH_X, REACH_Y = 105.0, 85.0  # from the middle to a box's middle, or more where boxes would touch
GROWTH = 1.05
MARGIN, GAP = 2.0, 16.0  # around the drawing, and between boxes
LONGEST_NAME = 17  # characters that a box has room for
ROLES: Mapping[tuple[str, str], str] = {
    ("primary", "up"): "primary", ("primary", "stopped"): "primary, stopped",
    ("replica", "up"): "replica", ("replica", "stopped"): "replica, stopped",
    ("deposed", "up"): "deposed, still open", ("deposed", "stopped"): "deposed, stopped",
    ("fenced", "up"): "fenced", ("fenced", "stopped"): "fenced, stopped",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMark:
    """One node in its region's box; ``kind`` is a class of the style sheet, ``words`` say the same."""

    name: str
    kind: str
    words: str
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One region, drawn from its upper left corner; ``label`` is its name as far as there is room."""

    name: str
    label: str
    gone: bool
    x: float
    y: float
    width: float
    height: float
    nodes: tuple[NodeMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """From one box to another; ``kind``: link, cut, slow or write."""

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The stack at one instant. ``view`` is its viewBox, ``sentence`` tells what it shows."""

    at: str
    words: str
    sentence: str
    view: str
    lines: tuple[Line, ...]
    boxes: tuple[Box, ...]


def drawings(result: Row) -> tuple[Drawing, ...]:
    """One per stage of the result, all laid out alike."""
    regions = texts(part(result, "topology"), "regions")
    return tuple(_drawing(stage, regions) for stage in rows(result, "stages")) if regions else ()


def _drawing(stage: Row, regions: Sequence[str]) -> Drawing:
    boxes = _placed(regions, stage)
    return Drawing(
        at=instant(number(stage, "at_s")),
        words=text(stage, "words"),
        sentence=_sentence(stage),
        view=_view(list(boxes.values())),
        lines=(*_links(boxes, stage), *_writes(boxes, stage)),
        boxes=tuple(boxes.values()),
    )


def _placed(regions: Sequence[str], stage: Row) -> dict[str, Box]:
    """The boxes on the smallest ellipse that has room for all."""
    stretch = 1.0
    while True:
        places = _places(len(regions), stretch)
        boxes = {region: _box(region, place, stage) for region, place in zip(regions, places, strict=True)}
        if all(_apart(a, b) for a, b in combinations(boxes.values(), 2)):
            return boxes
        stretch *= GROWTH


def _apart(a: Box, b: Box) -> bool:
    beside = a.x + a.width + GAP <= b.x or b.x + b.width + GAP <= a.x
    return beside or a.y + a.height + GAP <= b.y or b.y + b.height + GAP <= a.y


def _places(count: int, stretch: float) -> Iterator[tuple[float, float]]:
    """Centres on an ellipse, the first region at the top; two stand side by side."""
    begin = -math.pi if count == 2 else -math.pi / 2
    for index in range(count):
        angle = begin + 2 * math.pi * index / count
        yield stretch * REACH_X * math.cos(angle), stretch * REACH_Y * math.sin(angle)


def _view(boxes: Sequence[Box]) -> str:
    """What the boxes fill."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    corner = left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
    return " ".join(f"{figure:.1f}" for figure in corner)


def _nodes(region: str, stage: Row) -> list[str]:
    return [node for node in part(stage, "roles") if node.rpartition("/")[0] == region]


def _height(region: str, stage: Row) -> float:
    return LINE * (1.6 + 2 * len(_nodes(region, stage)))


def _box(region: str, place: tuple[float, float], stage: Row) -> Box:
    height, (x, y) = _height(region, stage), place
    gone = region in texts(stage, "gone")
    return Box(
        name=region + (", clients lost" if gone else ""),
        label=region if len(region) <= LONGEST_NAME else region[: LONGEST_NAME - 1] + "…",
        gone=gone,
        x=round(x - BOX_WIDTH / 2, 1),
        y=round(y - height / 2, 1),
        width=BOX_WIDTH,
        height=round(height, 1),
        nodes=tuple(_node(node, stage, LINE * (2.3 + 2 * index)) for index, node in enumerate(_nodes(region, stage))),
    )


def _node(node: str, stage: Row, y: float) -> NodeMark:
    role, state = text(part(stage, "roles"), node), text(part(stage, "states"), node, "up")
    return NodeMark(
        name=f"node {node.rpartition('/')[2]}",
        kind=f"{role} {state}",
        words=_role(role, state),
        y=round(y, 1),
    )


def _role(role: str, state: str) -> str:
    return ROLES.get((role, state), f"{role}, {state}")


def _links(boxes: Mapping[str, Box], stage: Row) -> Iterator[Line]:
    cut = [_ends(link, boxes) for link in texts(stage, "cut")]
    slow = [_ends(link, boxes) for link in texts(stage, "slow")]
    for a, b in combinations(boxes, 2):
        struck = any(_joins(ends, a, b) for ends in cut)
        slowed = any(_joins(ends, a, b) for ends in slow)
        yield _line("cut" if struck else "slow" if slowed else "link", boxes[a], boxes[b], 0.0)


def _ends(link: str, boxes: Mapping[str, Box]) -> tuple[set[str], set[str]]:
    """The regions on either side of ``us-east <-> eu-west + ap-south``, of which a part may be meant."""
    left, _, right = link.partition(" <-> " if " <-> " in link else " -> ")
    sides = [{part.strip().split("/")[0].split(".")[0] for part in side.split("+")} for side in (left, right)]
    return sides[0] & set(boxes), sides[1] & set(boxes)


def _joins(ends: tuple[set[str], set[str]], a: str, b: str) -> bool:
    return (a in ends[0] and b in ends[1]) or (b in ends[0] and a in ends[1])


def _writes(boxes: Mapping[str, Box], stage: Row) -> Iterator[Line]:
    """An arrow from each region that has clients to another that takes their writes."""
    writes = part(stage, "writes")
    for region in writes:
        target = text(writes, region).rpartition("/")[0]
        if region in boxes and target in boxes and region != target and not boxes[region].gone:
            yield _line("write", boxes[region], boxes[target], 7.0)


def _line(kind: str, a: Box, b: Box, aside: float) -> Line:
    """Between the boxes' edges, moved ``aside`` to the left of its direction."""
    ax, ay, bx, by = a.x + a.width / 2, a.y + a.height / 2, b.x + b.width / 2, b.y + b.height / 2
    length = math.hypot(bx - ax, by - ay) or 1.0
    ux, uy = (bx - ax) / length, (by - ay) / length
    from_a, to_b = _edge(a, ux, uy), length - _edge(b, ux, uy) - 3
    dx, dy = uy * aside, -ux * aside
    return Line(
        kind=kind,
        x1=round(ax + ux * from_a + dx, 1),
        y1=round(ay + uy * from_a + dy, 1),
        x2=round(ax + ux * to_b + dx, 1),
        y2=round(ay + uy * to_b + dy, 1),
    )


def _edge(box: Box, ux: float, uy: float) -> float:
    """How far the edge of a box is from its centre in a direction."""
    across = box.width / 2 / abs(ux) if ux else math.inf
    down = box.height / 2 / abs(uy) if uy else math.inf
    return min(across, down)


def _sentence(stage: Row) -> str:
    roles, states, writes = part(stage, "roles"), part(stage, "states"), part(stage, "writes")
    told = [
        f"{node} is {ROLES.get((text(roles, node), text(states, node, 'up')), text(roles, node))}" for node in roles
    ]
    told += [f"writes of {region} go to {text(writes, region)}" for region in writes]
    told += [f"{link} is cut" for link in texts(stage, "cut")] + [f"{link} is slow" for link in texts(stage, "slow")]
    return "; ".join([*told, *(f"{region} has no clients" for region in texts(stage, "gone"))]) + "."
