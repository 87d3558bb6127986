"""The geometry of the drawings: nothing on top of another, nothing outside, the order of time kept."""

from itertools import combinations, pairwise
from typing import Any

import pytest

from chaoskit.report.distributions import HEIGHT, WIDTH, step_shapes
from chaoskit.report.price import cpu_rows, crossed
from chaoskit.report.spacetime import LEFT, spacetimes
from chaoskit.report.story import story
from chaoskit.report.topology import Box, drawings


def stage(count: int) -> dict[str, Any]:
    regions = [f"region-{n}" for n in range(count)]
    return {
        "topology": {"regions": regions},
        "stages": [{
            "at_s": 0.0, "words": "at t0", "roles": {f"{r}/{n}": "replica" for r in regions for n in (1, 2)},
            "states": {}, "writes": dict.fromkeys(regions, "region-0/1"), "cut": [], "slow": [], "gone": [],
        }],
    }  # fmt: skip


def apart(a: Box, b: Box) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@pytest.mark.parametrize("count", range(1, 11))
def test_no_region_covers_another_and_all_are_in_view(count: int) -> None:
    (drawing,) = drawings(stage(count))
    x, y, width, height = map(float, drawing.view.split())
    assert all(apart(a, b) for a, b in combinations(drawing.boxes, 2))
    assert all(x <= b.x and b.x + b.width <= x + width for b in drawing.boxes)
    assert all(y <= b.y and b.y + b.height <= y + height for b in drawing.boxes)
    assert sum(line.kind == "write" for line in drawing.lines) == count - 1


@pytest.mark.parametrize(("link", "cut"), [
    ("region-0 <-> region-1 + region-2", {(0, 1), (0, 2)}),
    ("region-0.clients -> region-1/1", {(0, 1)}),
    ("region-2 <-> region-1", {(1, 2)}),
])  # fmt: skip
def test_a_cut_link_is_drawn_between_the_regions_that_it_names(link: str, cut: set[tuple[int, int]]) -> None:
    result = stage(3)
    result["stages"][0]["cut"] = [link]
    lines = [line.kind for line in drawings(result)[0].lines if line.kind in {"cut", "link"}]
    pairs = list(combinations(range(3), 2))
    assert {pair for pair, kind in zip(pairs, lines, strict=True) if kind == "cut"} == cut


def test_what_a_drawing_shows_is_told_in_words(result: dict[str, Any]) -> None:
    told = drawings(result)[-1].sentence
    assert "us-east/1 is deposed, stopped; eu-west/1 is primary" in told
    assert "us-east <-> eu-west + ap-south is cut; us-east has no clients." in told


def test_bars_keep_the_order_of_time_and_the_unanswered_reach_the_end(
    result: dict[str, Any], lanes: dict[str, Any]
) -> None:
    drawing = spacetimes(result, lanes)["lost_writes"]
    assert all(a.x < b.x for a, b in pairwise(drawing.bars))
    assert all(bar.x >= LEFT and bar.x + bar.width <= 981 for bar in drawing.bars)
    assert drawing.bars[2].kind == "near write unknown"
    assert drawing.bars[2].x + drawing.bars[2].width == pytest.approx(980)
    assert [name for _, name, _ in drawing.lanes] == ["us-east/u3", "eu-west/u1"]
    (band,) = drawing.bands  # it struck at 10 s, after the third operation was sent
    assert drawing.bars[2].x < band.x < drawing.bars[3].x


def test_a_shape_fills_its_height_and_stays_inside(lanes: dict[str, Any]) -> None:
    (step,) = step_shapes(lanes)
    numbers = step.shapes[0].path.replace("M", " ").replace("V", " ").replace("H", " ").replace("Z", "").split()
    assert "V0.0" in step.shapes[0].path
    assert max(map(float, numbers)) <= max(WIDTH, HEIGHT)
    assert (step.low, step.high) == ("1 ms", "10 ms")


def test_a_failure_before_the_fault_struck_is_explained(result: dict[str, Any], events: list[Any]) -> None:
    rows = story(result, events)
    assert [row.at_s for row in rows] == sorted(row.at_s or 0.0 for row in rows)
    outage = next(row for row in rows if row.kind == "outage")
    assert outage.sentence.endswith("still under way when it struck)")
    assert outage.link == "#t=8.45-11.45"
    assert next(row for row in rows if row.kind == "recovery").sentence == "clients of eu-west write again"


def test_what_was_tried_in_vain_again_and_again_is_told_once(result: dict[str, Any]) -> None:
    tried = {"t_ns": 1, "event": "unreached", "detail": {"what": "fence us-east/1", "why": "no answer"}}
    (told,) = story({**result, "outages": []}, [tried] * 30)
    assert told.sentence == "could not fence us-east/1, and tries again: no answer (30 times)"


def test_the_price_is_a_table_of_pairs_and_shares(result: dict[str, Any]) -> None:
    table = crossed(result)
    assert table is not None
    assert table.cells[0] == ("us-east", ("", "1.4 MiB", "1.4 MiB"))
    assert cpu_rows(result)[0].during == "12.50%"
    assert crossed({"price": {"wan": None}}) is None
