"""How big a report gets and how fast it opens: ``python tests/bench/bench_report.py``.

Ten minutes of three regions with 100,000 operations are made up, judged by the real analysis and rendered; Chromium,
where there is one, opens the page from its file. Prints the size, the median time until everything is drawn, and the
CPU time of the page, which other work on the machine does not change; beside it the same of Locust's own report of as
many requests over as many minutes.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chaoskit.judging import SCENARIO, judge
from chaoskit.model.history import FINAL_COLUMNS, HISTORY_COLUMNS

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import chromium  # the test tools are no package

MEGABYTE, ROUNDS, OPERATIONS = 1_000_000, 5, 100_000
S, T0_S, LONG_S, STRUCK_S, ROUTED_S, HEALED_S = 1_000_000_000, 5.0, 600.0, 240.0, 247.0, 280.0
TRIP_MS = {"us-east": 0.5, "eu-west": 80.0, "ap-south": 200.0}
TEXT = """\
chaoskit: 1
name: ten-minutes
question: How big is the report of ten minutes?
stack:
  regions: [us-east, eu-west, ap-south]
  failover: runbook
  network: {rtt: {default: 80ms}}
timeline: {cut: {at: 240s, fault: partition, link: us-east <-> rest, for: 40s}}
duration: 600s
objectives: {rto: {max: 20s}, lost_writes: {max: 0}}
"""
EVENTS: list[tuple[float, str, dict[str, Any]]] = [
    (-5.0, "load_started", {}),
    (0.0, "steady", {}),
    (STRUCK_S, "start", {"step": "cut", "detail": {"fault": "partition", "target": "us-east <-> rest"}}),
    (STRUCK_S + 0.2, "proved", {"step": "cut", "detail": {"phase": "onset", "ok": True, "proof": "8 of 8 silent"}}),
    (244.0, "detected", {"node": "us-east/1", "detail": {"failures": 6}}),
    (245.0, "decided", {"node": "us-east/1"}),
    (246.8, "promoted", {"node": "eu-west/1", "detail": {"pg_timeline": 2}}),
    (ROUTED_S, "routed", {"region": "eu-west", "node": "eu-west/1", "detail": {"endpoint": "write"}}),
    (ROUTED_S, "routed", {"region": "ap-south", "node": "eu-west/1", "detail": {"endpoint": "write"}}),
    (HEALED_S, "end", {"step": "cut", "detail": {"by": "timeline"}}),
    (LONG_S, "load_stopped", {}),
]

# Locust patches what it is imported into, so it writes its report in a process of its own.
LOCUST = """
import random, sys
from locust import User
from locust.env import Environment
from locust.html import get_html_report
environment, draw = Environment(user_classes=[User]), random.Random(7)
environment.create_local_runner()
for number in range(100_000):
    environment.stats.log_request("write", ("us-east", "eu-west", "ap-south")[number % 3], draw.lognormvariate(3, 1), 0)
row = {"current_rps": 160.0, "current_fail_per_sec": 0, "response_time_percentile_0.5": 20.0,
       "response_time_percentile_0.95": 60.0, "total_avg_response_time": 30.0, "user_count": 6}
environment.stats.history = [  # it samples itself every five seconds
    {"time": f"2026-01-01T00:{at // 60:02d}:{at % 60:02d}Z", **{key: ["", value] for key, value in row.items()}}
    for at in range(0, 600, 5)
]
open(sys.argv[1], "w", encoding="utf-8").write(get_html_report(environment))
"""


def stream(region: str, kind: str, connection: str, per_s: float, draw: np.random.Generator) -> pd.DataFrame:
    """One stream of operations on a grid; writes of those who were cut off go unanswered until they are re-routed."""
    at_s = np.arange(-T0_S, LONG_S, 1 / per_s)
    writes = kind.endswith("write")
    trip_ms = (TRIP_MS[region] if writes else 0.5) * (3 if connection == "fresh" else 1)
    took_ms = trip_ms + draw.lognormal(1.0, 0.9, len(at_s))
    out = (at_s >= STRUCK_S) & (at_s < ROUTED_S) & writes & (region != "us-east")
    scheduled_ns = ((at_s + T0_S) * S).astype(np.int64)
    returned = pd.array(scheduled_ns + (took_ms * 1e6).astype(np.int64), dtype="Int64")
    returned[out] = pd.NA
    name = f"{region}/{kind}/{connection}"
    return pd.DataFrame({
        "client": name, "session": [f"{name}/{i % 50}" for i in range(len(at_s))], "region": region, "host": "h",
        "node": f"{region}/1", "pg_timeline": 1, "kind": kind, "connection": connection,
        "key": [f"{name}/k{i % 50}" for i in range(len(at_s))], "version": [i // 50 + 1 for i in range(len(at_s))],
        "value": [f"{region}/{connection}/{i}" for i in range(len(at_s))], "lsn": None, "scheduled_ns": scheduled_ns,
        "invoked_ns": scheduled_ns + 100_000, "returned_ns": returned,
        "outcome": np.where(out, "unknown", "ok"), "error": np.where(out, "timeout", None),
    })  # fmt: skip


def streams() -> Iterator[pd.DataFrame]:
    """Probes at 20 and 5 Hz, and users for the rest of the operations."""
    draw = np.random.default_rng(7)
    for region in TRIP_MS:
        for kind in ("probe_write", "probe_read"):
            yield stream(region, kind, "established", 20, draw)
            yield stream(region, kind, "fresh", 5, draw)
        yield stream(region, "write", "established", 5, draw)
        yield stream(region, "read", "established", 2, draw)


def write_run(directory: Path) -> int:
    """Make a run directory without a verdict; returns how many operations there are."""
    history = pd.concat(list(streams()), ignore_index=True)
    history = history.assign(op=np.arange(len(history)))[list(HISTORY_COLUMNS)]
    history.to_parquet(directory / "history.parquet")
    kept = history[history["kind"].str.endswith("write") & (history["outcome"] == "ok")]
    final = kept[["key", "version", "value", "pg_timeline"]].assign(
        audit="final", node="eu-west/1", authoritative=True, committed_ns=None
    )
    final[list(FINAL_COLUMNS)].to_parquet(directory / "final.parquet")
    lines = [json.dumps({"t_ns": round((at_s + T0_S) * S), "event": name, **more}) for at_s, name, more in EVENTS]
    (directory / "events.ndjson").write_text("\n".join(lines), encoding="utf-8")
    samples = [
        {"t_ns": t * S, "lag_bytes": {"eu-west/1": 10_000 + t, "ap-south/1": 20_000}, "cpu_s": {"us-east/1": t / 9}}
        for t in range(int(LONG_S))
    ]
    (directory / "samples.ndjson").write_text("\n".join(map(json.dumps, samples)), encoding="utf-8")
    node = {"audit": "final", "node": "eu-west/1", "answered": True}
    audit = {"quiescent": True, "authoritative": "eu-west/1", "streams_complete": True, "nodes": [node]}
    for name, data in {"audit": audit, "run": {"run": "bench", "seed": 1, "source": "ten-minutes.chaos.yaml"}}.items():
        (directory / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    (directory / SCENARIO).write_text(TEXT, encoding="utf-8")
    return len(history)


def opened_s(browser: chromium.Browser, report: Path) -> tuple[float, float]:
    """Seconds from navigation until everything is loaded, run and painted; and what of it was work of the page."""
    with browser.tab(report) as tab:
        tab.settle()
        loaded_ms = tab.ask("performance.getEntriesByType('navigation')[0].loadEventEnd")
        metrics = {row["name"]: row["value"] for row in tab.call("Performance.getMetrics")["metrics"]}
    return loaded_ms / 1000, metrics["TaskDuration"]


def main() -> None:
    """Make it, render it, open it."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        count = write_run(directory)
        began = time.perf_counter()
        report = judge(directory).report
        judged_s, size = time.perf_counter() - began, report.stat().st_size
        print(f"{count:,} operations over {LONG_S:.0f} s: {size / 1000:,.0f} kB, judged in {judged_s:.1f} s")
        print(f"at most a megabyte: {'yes' if size <= MEGABYTE and count >= OPERATIONS else 'NO'}")
        program = chromium.program()
        if program is None:
            print("no Chromium: not opened")
            return
        peer = directory / "locust.html"
        subprocess.run([sys.executable, "-c", LOCUST, peer], check=True)
        with chromium.browser(program, directory / "profile") as browser:
            for name, page in {"chaoskit": report, "locust": peer}.items():
                times_s = [opened_s(browser, page) for _ in range(ROUNDS)]
                opened, worked = (statistics.median(column) for column in zip(*times_s, strict=True))
                size_kb = page.stat().st_size / 1000
                print(f"{name}: {size_kb:,.0f} kB, opened in {opened:.2f} s, CPU {worked:.2f} s (medians of {ROUNDS})")


if __name__ == "__main__":
    main()
