"""The pictures of a report in ``docs/images``: ``python tests/tools/pictures.py RUN_DIR`` (its report.html)."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"
# name: what of the page is at the top of the window, the window, and how it is shown
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "report": ("body", {"width": 1120, "height": 1180}),
    "report-lanes": ("#lanes", {"width": 1120, "height": 900}),
    "report-dark": ("#topology", {"width": 1120, "height": 820, "colours": "dark"}),
    "report-finding": ("article.witness", {"width": 1120, "height": 420}),
    "report-latency": ("#latency", {"width": 1120, "height": 560}),
    "report-print": ("body", {"width": 720, "height": 1020, "kind": "print", "colours": "dark"}),
    "report-phone": ("body", {"width": 390, "height": 844}),
}


def main(report: Path) -> None:
    """Take every picture."""
    program = chromium.program()
    if program is None:
        sys.exit("no Chromium on PATH: apt install chromium")
    with tempfile.TemporaryDirectory() as profile, chromium.browser(program, Path(profile)) as browser:
        for name, (top, how) in PICTURES.items():
            with browser.tab(report, **how) as tab:
                tab.settle()
                tab.ask(f"document.querySelector({top!r}).scrollIntoView()")
                (IMAGES / f"{name}.png").write_bytes(tab.picture())


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "report.html")
