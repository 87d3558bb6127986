"""The page in a real browser: it draws without an error, answers the cursor, zooms as one, and fits a phone."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pytest

from chaoskit.report.html import render

pytestmark = pytest.mark.browser
Json = Mapping[str, Any]
Browse = Callable[..., str]
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--virtual-time-budget=4000",
)  # fmt: skip


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """Open a page, and return its DOM after its scripts ran, preceded by what they wrote to the console."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no Chromium on PATH: apt install chromium")

    def open_page(html: str, *arguments: str) -> str:
        page = tmp_path / "report.html"
        page.write_text(html, encoding="utf-8")
        command = [chromium, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *arguments, "--dump-dom", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=90)
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return "\n".join([*console, done.stdout])

    return open_page


@pytest.fixture
def html(result: Json, lanes: Json, events: Sequence[Json]) -> str:
    return render(result, lanes, events)


def driven(html: str, script: str) -> str:
    """The page with a script of the test's own at its end, which its policy would refuse."""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    wrapped = f"<script>{HELPERS}\n{script}\nsay('done');</script></body>"
    return free.replace("</body>", wrapped)


HELPERS = """
const say = (words) => document.body.append(Object.assign(document.createElement("samp"), {textContent: words}));
const over = [...document.querySelectorAll(".u-over")];
const at = (place, share) => { const b = place.getBoundingClientRect();
  return {clientX: b.left + b.width * share, clientY: b.top + b.height / 2, bubbles: true, button: 0}; };
const send = (place, type, share) => place.dispatchEvent(new MouseEvent(type, at(place, share)));
"""


def said(dom: str) -> list[str]:
    return re.findall(r"<samp>(.*?)</samp>", dom)


def test_it_draws_every_lane_without_a_word_on_the_console(browse: Browse, html: str) -> None:
    dom = browse(html)
    assert "CONSOLE" not in dom
    assert dom.count("<canvas") == 7  # six lanes and the faults above them


@pytest.mark.parametrize("colours", ["0", "1"])
def test_it_draws_in_dark_and_in_light(browse: Browse, html: str, colours: str) -> None:
    assert "CONSOLE" not in browse(html, f"--blink-settings=preferredColorScheme={colours}")


def test_one_cursor_reads_every_stream_of_every_lane(browse: Browse, html: str) -> None:
    script = """
    send(over[1], "mouseenter", .5); send(over[1], "mousemove", .42);
    setTimeout(() => {
      for (const cell of document.querySelectorAll("[data-connection]")) say(cell.textContent);
      say(document.getElementById("cursor-time").textContent); }, 100);
    """
    words = said(browse(driven(html, script)))
    readings, time = words[1:-1], words[-1]
    assert len(readings) == 12
    assert readings[:4] == ["no probe"] * 4  # the lost region's
    assert all(re.fullmatch(r"(failed|[\d.]+ ms) at -?\d+\.\d{3} s", reading) for reading in readings[4:])
    assert re.fullmatch(r"1[34]\.\d\d s after t0", time)
    assert sum(reading.startswith("failed") for reading in readings) == 4  # writes of the two surviving regions


def test_a_zoom_in_one_lane_is_a_zoom_in_all(browse: Browse, html: str) -> None:
    script = """
    send(over[1], "mouseenter", .3); send(over[1], "mousemove", .3); send(over[1], "mousedown", .3);
    send(over[1], "mousemove", .5);
    document.dispatchEvent(new MouseEvent("mouseup", at(over[1], .5)));
    setTimeout(() => { send(over[5], "mouseenter", .01); send(over[5], "mousemove", .0);
      setTimeout(() => { say(document.getElementById("cursor-time").textContent); }, 50); }, 50);
    """
    time = said(browse(driven(html, script)))[-1]
    assert 8.0 < float(time.split()[0]) < 9.0  # 30 % of the way from -5 s to 40 s


def test_the_buttons_zoom_to_the_faults_and_back(browse: Browse, html: str) -> None:
    script = """
    const left = (then) => { send(over[3], "mouseenter", .5); send(over[3], "mousemove", .6);
      setTimeout(() => { send(over[3], "mousemove", 0);
      setTimeout(() => { say(document.getElementById("cursor-time").textContent); then(); }, 50); }, 50); };
    document.querySelector("[data-zoom=fault]").click();
    const back = () => { document.querySelector("[data-zoom=all]").click(); setTimeout(() => left(() => {}), 50); };
    setTimeout(() => left(back), 50);
    """
    near, whole = (float(words.split()[0]) for words in said(browse(driven(html, script)))[-2:])
    assert 4.0 < near < 10.0
    assert whole < -4.5


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_nothing_sticks_out(browse: Browse, html: str, width: int) -> None:
    # In a frame, because a headless window is never narrower than 500 px.
    frame = f'<iframe width="{width}" height="900" srcdoc="{escape(driven(html, ""))}"></iframe>'
    script = """
    onload = () => { const inside = document.querySelector("iframe").contentWindow;
      const page = inside.document.documentElement;
      say([inside.innerWidth, page.scrollWidth, page.clientWidth].join(" ")); };
    """
    words = said(browse(f"<body>{frame}<script>{HELPERS}{script}</script></body>"))[-1]
    window, inner, outer = map(int, words.split())
    assert window == width
    assert inner <= outer


def test_hostile_names_run_nothing(browse: Browse, result: dict[str, Any], lanes: Json) -> None:
    result["objectives"][0]["name"] = "<img src=x onerror=document.title='taken'>"
    result["faults"][0]["step"] = "</script><script>document.title='taken'</script>"
    dom = browse(render(result, lanes, []))
    assert "<title>taken" not in dom
    assert "CONSOLE" not in dom


def test_a_page_without_probes_draws_nothing_and_complains_of_nothing(browse: Browse) -> None:
    dom = browse(render({}, {}, []))
    assert "CONSOLE" not in dom
    assert "No probes were recorded." in dom
