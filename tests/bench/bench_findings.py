"""How fast the findings are: ``python tests/bench/bench_findings.py [millions of operations] [audited nodes]``.

The history is made as a healthy, asynchronously replicated register would leave it: sessions that read and write, some
reads behind, a few writes lost. Prints operations per second of the comparison of codes (sessions and staleness), of
the coding of texts, and of everything; and the peak of resident memory, with and without what the tables take.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from chaoskit.analysis.findings.case import Case
from chaoskit.analysis.findings.examine import examine, open_case
from chaoskit.analysis.findings.sessions import session_guarantees
from chaoskit.analysis.findings.staleness import staleness
from chaoskit.analysis.record import Audit, NodeAudit

T = TypeVar("T")
REGIONS = ("us-east", "eu-west", "ap-south")
NODES = tuple(f"{region}/1" for region in REGIONS)
USERS, KEYS, SLOT_NS = 60, 1000, 50_000
TEXT = pd.ArrowDtype(pa.large_string())


def register(rows: int, nodes: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A history of ``rows`` operations, half of them writes, and the state of ``nodes``."""
    random = np.random.default_rng(1)
    user, key = random.integers(0, USERS, rows), random.integers(0, KEYS, rows)
    invoked_ns = np.arange(rows) * SLOT_NS
    returned_ns = invoked_ns + random.integers(1, SLOT_NS, rows)
    write = random.random(rows) < 0.5
    version = _versions(key, write)
    wrote = np.flatnonzero(write)
    value = pa.array([f"u{u}/{row}" for u, row in zip(user[wrote], wrote, strict=True)], type=pa.large_string())
    place = np.cumsum(write) - 1
    source = np.where(write, place, _latest(key, write, place, 5 * (random.random(rows) < 0.01)))
    history = pd.DataFrame(
        {
            "op": np.arange(rows),
            "session": pd.Categorical.from_codes(user, [f"user-{number}" for number in range(USERS)]),
            "region": pd.Categorical.from_codes(user % len(REGIONS), REGIONS),
            "host": pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), ["h"]),
            "node": pd.Categorical.from_codes(np.where(write, 0, user % len(REGIONS)), NODES),
            "pg_timeline": pd.Series(np.ones(rows, dtype=np.int64)),
            "kind": pd.Categorical.from_codes(np.where(write, 0, 1), ["write", "read"]),
            "key": pd.Categorical.from_codes(key, [f"k{number}" for number in range(KEYS)]),
            "value": pd.Series(value.take(pa.array(source, mask=source < 0)), dtype=TEXT),
            "invoked_ns": invoked_ns,
            "returned_ns": returned_ns,
            "outcome": pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), ["ok"]),
        }
    )
    kept = np.flatnonzero(random.random(len(wrote)) < 0.999)
    return history, _state(history["key"].cat.codes.to_numpy()[wrote[kept]], version[wrote[kept]], value, kept, nodes)


def _versions(key: np.ndarray, write: np.ndarray) -> np.ndarray:
    """The version that each write gives its key."""
    order = np.argsort(key, kind="stable")
    count = np.cumsum(write[order])
    starts = np.searchsorted(key[order], np.arange(KEYS))
    before = (count - write[order])[np.minimum(starts, len(count) - 1)]
    version = np.empty(len(key), dtype=np.int64)
    version[order] = count - before[key[order]]
    return version


def _latest(key: np.ndarray, write: np.ndarray, place: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """What each operation would read: the last write of its key, ``lag`` operations ago; -1 if there is none."""
    order = np.argsort(key, kind="stable")
    latest = np.maximum.accumulate(np.where(write[order], np.arange(len(key)), -1))
    latest = latest[np.maximum(np.arange(len(key)) - lag, 0)]
    found = np.where((latest >= 0) & (key[order][latest] == key[order]), place[order][latest], -1)
    source = np.empty(len(key), dtype=np.int64)
    source[order] = found
    return source


def _state(
    key: np.ndarray, version: np.ndarray, value: pa.Array, kept: np.ndarray, nodes: tuple[str, ...]
) -> pd.DataFrame:
    many, rows = len(nodes), len(kept)
    return pd.DataFrame(
        {
            "audit": pd.Categorical.from_codes(np.zeros(many * rows, dtype=np.int8), ["final"]),
            "node": pd.Categorical.from_codes(np.repeat(np.arange(many, dtype=np.int8), rows), nodes),
            "authoritative": np.repeat([node == NODES[0] for node in nodes], rows),
            "key": pd.Categorical.from_codes(np.tile(key, many), [f"k{number}" for number in range(KEYS)]),
            "version": np.tile(version, many),
            "value": pd.Series(pa.chunked_array([value.take(pa.array(kept))] * many), dtype=TEXT),
        }
    )


def timed(what: str, rows: int, work: Callable[[], T]) -> T:
    """Do ``work`` and print its rate."""
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    begin = time.perf_counter()
    made = work()
    took_s = time.perf_counter() - begin
    print(f"{what:<22} {took_s:7.3f} s  {rows / took_s / 1e6:6.2f} M ops/s  peak {memory_mb('VmHWM'):.0f} MB")
    return made


def memory_mb(word: str) -> float:
    """``VmRSS``, what is resident now, or ``VmHWM``, the peak since it was last reset."""
    words = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(words[word].split()[0]) / 1024


def compare(case: Case, rows: int) -> None:
    """Time the comparison of codes alone."""
    timed("session guarantees", rows, lambda: session_guarantees(case))
    timed("staleness", rows, lambda: staleness(case))
    timed("both", rows, lambda: (session_guarantees(case), staleness(case)))


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("millions", nargs="?", type=float, default=1.0)
    asked.add_argument("nodes", nargs="?", type=int, default=len(NODES), choices=range(1, len(NODES) + 1))
    given = asked.parse_args()
    rows, nodes = int(given.millions * 1e6), NODES[: given.nodes]
    history, final = register(rows, nodes)
    answered = tuple(NodeAudit(audit="final", node=node, answered=True) for node in nodes)
    audit = Audit(quiescent=True, authoritative=NODES[0], nodes=answered)
    tables_mb = memory_mb("VmRSS")
    print(f"{rows:,} operations, {len(final):,} audited rows; the tables take {tables_mb:.0f} MB with the interpreter")
    compare(timed("coding", rows, lambda: open_case(history, final, audit)), rows)
    found = timed("everything", rows, lambda: examine(history, final, audit))
    peak_mb = memory_mb("VmHWM")
    print(f"peak {peak_mb:.0f} MB resident, {peak_mb - tables_mb:.0f} MB above the tables")
    print({name: finding.count for name, finding in found.findings.items()})


if __name__ == "__main__":
    main()
