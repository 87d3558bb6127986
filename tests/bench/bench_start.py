"""How long one waits before anything happens: ``python tests/bench/bench_start.py``.

Prints medians: the command line's help beside an interpreter that does nothing and one that imports pandas; and a local
stack of three regions, from nothing until all replicas stream, and its end.
"""

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chaoskit.clock import MonotonicClock
from chaoskit.engine.journal import Journal
from chaoskit.planning import plan as plan_of
from chaoskit.processes import Launcher
from chaoskit.scenario_file import parse
from chaoskit.wiring.local import LocalKit, kit

ROUNDS = 7
SCENARIO = """
chaoskit: 1
name: bench
question: How long until it stands?
stack: {regions: [us-east, eu-west, ap-south], network: {rtt: {default: 80ms}}}
duration: 60s
"""
COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "python -c 'import pandas'": ("-c", "import pandas"),
    "chaoskit --help": ("-m", "chaoskit", "--help"),
    "chaoskit validate": ("-m", "chaoskit", "validate", "scenarios/baseline.chaos.yaml"),
}


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def command(words: tuple[str, ...]) -> None:
    subprocess.run([sys.executable, *words], check=True, capture_output=True, cwd=Path(__file__).parents[2])


def stack(found: LocalKit, room: Path) -> tuple[float, float]:
    """Bring a stack up and take it down: how long each took."""
    plan = plan_of(parse(SCENARIO, "bench.chaos.yaml"), seed=1, run=secrets.token_hex(3))
    logs = room / plan.run / "logs"
    logs.mkdir(parents=True)
    journal = Journal(room / plan.run / "journal.ndjson", run=plan.run, index=room / "index")
    launcher = Launcher(run=plan.run, logs=logs, started=journal.process)
    up = found.runtime(journal, launcher, MonotonicClock(), logs).up(plan)
    took = seconds(up.__enter__), seconds(lambda: up.__exit__(None, None, None))
    journal.close()
    return took


def main() -> None:
    print(f"medians of {ROUNDS} in s, after one that warms up")
    for name, words in COMMANDS.items():
        command(words)
        print(f"  {statistics.median(seconds(lambda w=words: command(w)) for _ in range(ROUNDS)):6.3f}  {name}")
    found = kit(os.environ, print)
    with tempfile.TemporaryDirectory(prefix="chaoskit-bench-") as room:
        stack(found, Path(room))
        ups, downs = zip(*(stack(found, Path(room)) for _ in range(ROUNDS)), strict=True)
    print(f"  {statistics.median(ups):6.3f}  a local stack of three regions, from nothing until all stream")
    print(f"  {statistics.median(downs):6.3f}  its end")


if __name__ == "__main__":
    main()
