"""The page in a real browser: it draws without an error, answers cursor, keys and addresses, and fits a phone."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import chromium
import pytest

from chaoskit.report.html import render

pytestmark = pytest.mark.browser
Json = Mapping[str, Any]
Show = Callable[..., AbstractContextManager[chromium.Tab]]
LAST = "#cursor-time"
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">\u202egnp.exe"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    program = chromium.program()
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no Chromium on PATH: apt install chromium")
    with chromium.browser(program, tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def show(browser: chromium.Browser, tmp_path: Path) -> Show:
    def open_page(html: str, **how: Any) -> AbstractContextManager[chromium.Tab]:
        page = tmp_path / "report.html"
        page.write_text(html, encoding="utf-8")
        return browser.tab(page, **how)

    return open_page


@pytest.fixture
def html(result: Json, lanes: Json, events: Sequence[Json]) -> str:
    return render(result, lanes, events)


def place(tab: chromium.Tab, lane: int, share: float) -> tuple[float, float]:
    """A point of a lane's plot, that many of its width from the left, in the window."""
    box = tab.ask(f"""(() => {{
      const over = document.querySelectorAll('.u-over')[{lane}];
      over.scrollIntoView({{block: 'center'}});
      const b = over.getBoundingClientRect();
      return [b.left, b.top, b.width, b.height]; }})()""")
    return box[0] + box[2] * share, box[1] + box[3] / 2


def hover(tab: chromium.Tab, lane: int, share: float) -> None:
    tab.mouse("Moved", *place(tab, lane, share))
    tab.settle()


def drag(tab: chromium.Tab, lane: int, begin: float, end: float) -> None:
    x, y = place(tab, lane, begin)
    to_x, _ = place(tab, lane, end)
    tab.mouse("Moved", x, y)
    tab.mouse("Pressed", x, y, button="left", buttons=1, clickCount=1)
    tab.mouse("Moved", to_x, y, button="left", buttons=1)
    tab.mouse("Released", to_x, y, button="left", clickCount=1)
    tab.settle()


def cursor_s(tab: chromium.Tab) -> float:
    return float(tab.ask("document.getElementById('cursor-time').textContent").split()[0])


def left_s(tab: chromium.Tab, lane: int) -> float:
    """The instant at the left edge of a lane."""
    hover(tab, lane, 0.5)
    hover(tab, lane, 0.0005)
    return cursor_s(tab)


def test_it_opens_from_a_file_and_asks_for_nothing_else(show: Show, html: str) -> None:
    with show(html) as tab:
        tab.settle()
        assert tab.ask("document.querySelectorAll('canvas').length") == 8  # six lanes, the faults above, the lag below
        assert [address for address in tab.requests() if not address.endswith("/report.html")] == []
        assert tab.heard() == []


@pytest.mark.parametrize("colours", ["dark", "light"])
def test_it_draws_in_dark_and_in_light(show: Show, html: str, colours: str) -> None:
    with show(html, colours=colours) as tab:
        tab.settle()
        assert tab.heard() == []
        background = tab.ask("getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, re.findall(r"\d+", background))) < 100) == (colours == "dark")


def test_one_cursor_reads_every_stream_of_every_lane_though_they_share_no_instant(show: Show, html: str) -> None:
    with show(html) as tab:
        hover(tab, 1, 0.42)
        readings = tab.ask("[...document.querySelectorAll('[data-connection]')].map(cell => cell.textContent)")
        lag = tab.ask("document.getElementById('lag-readout').textContent")
        at_s = cursor_s(tab)
    assert 13 < at_s < 15
    assert len(readings) == 12
    assert readings[:4] == ["no probe"] * 4  # the lost region's
    assert all(re.fullmatch(r"(failed|[\d.]+ ms) at -?\d+\.\d{3} s", reading) for reading in readings[4:])
    assert sum(reading.startswith("failed") for reading in readings) == 4  # writes of the two surviving regions
    assert "eu-west/1 nobody could tell" in lag


def test_a_zoom_in_one_lane_is_a_zoom_in_all_and_in_the_address(show: Show, html: str) -> None:
    with show(html) as tab:
        drag(tab, 1, 0.3, 0.5)
        assert 8.0 < left_s(tab, 5) < 9.0  # 30 % of the way from -5 s to 40 s
        begin, end = re.fullmatch(r"#t=([\d.]+)-([\d.]+)", tab.ask("location.hash")).groups()  # type: ignore[union-attr]
    assert (8 < float(begin) < 9, 17 < float(end) < 18) == (True, True)


def test_the_buttons_zoom_to_the_faults_and_back(show: Show, html: str) -> None:
    with show(html) as tab:
        tab.ask("document.querySelector('[data-zoom=fault]').click()")
        assert 4.0 < left_s(tab, 3) < 10.0
        tab.ask("document.querySelector('[data-zoom=all]').click()")
        assert left_s(tab, 3) < -4.5
        assert tab.ask("location.hash") == ""


def test_keys_move_the_cursor_from_event_to_event_and_zoom(show: Show, html: str) -> None:
    with show(html) as tab:
        tab.ask("document.getElementById('charts').focus()")
        seen = []
        for _ in range(3):
            tab.key("n")
            tab.settle()
            seen.append(cursor_s(tab))
        tab.key("p")
        tab.settle()
        seen.append(cursor_s(tab))
        assert seen == [10.0, 13.9, 14.9, 13.9]  # the fault, detected, decided, and back
        tab.key("+")
        tab.settle()
        assert tab.ask("location.hash").startswith("#t=4.")
        tab.key("Escape")
        tab.settle()
        assert tab.ask("location.hash") == ""
        assert tab.heard() == []


def test_an_address_with_a_time_shows_that_time(show: Show, html: str) -> None:
    with show(html, fragment="#t=12.0-31.5") as tab:
        tab.settle()
        assert tab.ask("Math.abs(document.getElementById('lanes').getBoundingClientRect().top)") < 20
        assert left_s(tab, 4) == pytest.approx(12.0, abs=0.05)


def test_an_address_with_a_finding_lands_on_its_evidence(show: Show, html: str) -> None:
    with show(html, fragment="#finding=lost_writes") as tab:
        tab.settle()
        top = tab.ask("document.getElementById('finding=lost_writes').getBoundingClientRect().top")
        assert 0 <= top < 450
        assert tab.ask("document.activeElement.id") == "finding=lost_writes"
        assert "First witness of lost_writes" in tab.ask("document.querySelector('article:target').textContent")
        tab.ask("document.querySelector('article:target a').click()")
        tab.settle()
        assert left_s(tab, 0) == pytest.approx(9.41, abs=0.05)  # half a second before its first operation


PIXELS = """((lane, from_s, to_s, from_y, to_y) => {
  const chart = document.querySelectorAll('.chart')[lane], canvas = chart.querySelector('canvas');
  const over = chart.querySelector('.u-over').getBoundingClientRect(), box = canvas.getBoundingClientRect();
  const x = (s) => over.left - box.left + over.width * (s - DATA.begin_s) / (DATA.end_s - DATA.begin_s);
  const left = Math.round(x(from_s)), width = Math.round(x(to_s)) - left;
  const y_of = (share) => Math.round(over.top - box.top + share * over.height);
  const y = y_of(from_y), height = y_of(to_y) - y;
  const rgba = canvas.getContext('2d').getImageData(left, y, width, height).data, rows = [];
  for (let r = 0; r < height; r++) rows.push([...Array(width).keys()].map((c) => {
    const [red, green, blue, alpha] = rgba.slice(4 * (r * width + c), 4 * (r * width + c) + 4);
    return alpha < 128 ? '.' : red > 180 && green < 100 ? 'O' : blue > 140 && red < 90 ? 'E' : '.'; }).join(''));
  return rows; })""".replace("DATA", "JSON.parse(document.getElementById('lanes-data').textContent)")


def test_the_edges_of_an_outage_are_vertical_and_where_it_began(show: Show, html: str) -> None:
    with show(html) as tab:
        tab.settle()
        rows = tab.ask(f"{PIXELS}(3, 8, 12, -0.4, 0)")  # eu-west writes: the strip above the plot, around 9.95 s
        begins = {row.index("O") for row in rows if "O" in row}
        width = len(rows[0])
    assert len(begins) == 1
    assert begins.pop() / width * 4 == pytest.approx(1.95, abs=0.06)


def test_a_failed_probe_draws_no_latency(show: Show, html: str) -> None:
    with show(html) as tab:
        tab.settle()
        while_out = "".join(tab.ask(f"{PIXELS}(3, 10.2, 17.2, 0, 1)"))
        before = "".join(tab.ask(f"{PIXELS}(3, 2, 9, 0, 1)"))
    assert "E" in before
    assert "E" not in while_out


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_nothing_sticks_out(show: Show, html: str, width: int) -> None:
    with show(html, width=width) as tab:
        tab.settle()
        assert tab.ask("document.documentElement.scrollWidth") <= width


def test_paper_is_light_whatever_the_screen_is(show: Show, html: str) -> None:
    with show(html, width=720, kind="print", colours="dark") as tab:
        tab.settle()
        assert tab.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        inks = "[...document.querySelectorAll('h1, .key span, .readout span, td, .stages text, figcaption b')]"
        colours = set(tab.ask(f"{inks}.map(place => getComputedStyle(place).color)"))
        assert all(min(map(int, re.findall(r"\d+", colour))) < 130 for colour in colours)
        assert tab.ask("document.documentElement.scrollWidth") <= 720
        assert tab.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
        rows = tab.ask(f"{PIXELS}(3, 2, 9, 0, 1)")
        assert "E" in "".join(rows)  # drawn again in the colours of paper


def test_hostile_words_are_shown_and_run_nothing(
    show: Show, result: dict[str, Any], lanes: dict[str, Any], events: list[Any]
) -> None:
    long = HOSTILE + "x" * 10_000
    result["scenario"] = result["objectives"][0]["name"] = result["faults"][0]["step"] = long
    result["faults"][0]["text"] = result["findings"]["lost_writes"]["witness"]["sentence"] = long
    lanes["evidence"]["lost_writes"][0]["session"] = lanes["lag"]["bytes"][long] = long
    lanes["lag"]["bytes"][long] = [1] * len(lanes["lag"]["t"])
    lanes["lanes"][0]["connection"] = long
    events.append({"t_ns": 20_000_000_000, "event": "log", "node": "us-east/1", "detail": {"line": long}})
    with show(render(result, lanes, events), width=390) as tab:
        tab.settle()
        assert tab.heard() == []
        assert [address for address in tab.requests() if not address.endswith("/report.html")] == []
        title, text = tab.ask("[document.title, document.body.innerText]")
        assert tab.ask("document.images.length + document.querySelectorAll('[onerror]').length") == 0
        assert tab.ask("document.documentElement.scrollWidth") <= 390
        titles = tab.ask("[...document.querySelectorAll('svg title')].map(title => title.textContent).join(' ')")
    for shown in (title, text, titles):
        assert "</script><script>document.title='taken'</script>" in shown
        assert "\u202e" not in shown
        assert "x" * 2001 not in shown


def test_verdict_tables_and_evidence_need_no_script(show: Show, html: str) -> None:
    with show(html, script="off", fragment="#finding=lost_writes") as tab:
        nodes = tab.call("DOMSnapshot.captureSnapshot", computedStyles=["display"])["strings"]
    words = " ".join(nodes)
    for expected in ("FAIL", "7.60-7.68 s", "server log", "First witness of lost_writes", "The charts need JavaScript"):
        assert expected in words


def test_a_page_without_probes_draws_nothing_and_complains_of_nothing(show: Show) -> None:
    with show(render({}, {}, [])) as tab:
        tab.settle()
        assert tab.heard() == []
        assert "No probes were recorded." in tab.ask("document.body.innerText")
