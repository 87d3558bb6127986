"""A made-up region loss for the report to show: nobody measured these figures."""

import math
import random
from typing import Any

import pytest

REGIONS = ("us-east", "eu-west", "ap-south")
SECOND = 1_000_000_000
T0_NS = 9 * SECOND
BEGIN_S, END_S, LOST_AT_S = -5.0, 40.0, 10.0
ROUND_TRIP_MS = {"us-east": 0.4, "eu-west": 80.0, "ap-south": 200.0}
BACK_S = {"eu-west": (7.41, 7.47), "ap-south": (7.6, 7.68)}  # write recovery, seconds after the loss


def _streams() -> list[tuple[str, str, str]]:
    return [(r, o, c) for r in REGIONS for o in ("write", "read") for c in ("established", "fresh")]


def _out_until(region: str, operation: str) -> float | None:
    """Seconds since t0 at which a stream works again; None: never out."""
    if region == "us-east":
        return math.inf
    return LOST_AT_S + BACK_S[region][0] if operation == "write" else None


def _lane(region: str, operation: str, connection: str, draw: random.Random) -> dict[str, Any]:
    interval_s = 0.05 if connection == "established" else 0.2
    last_s = LOST_AT_S if region == "us-east" else END_S
    t = [round(BEGIN_S + i * interval_s, 4) for i in range(int((last_s - BEGIN_S) / interval_s))]
    until = _out_until(region, operation)
    trip = ROUND_TRIP_MS[region] if operation == "write" else 0.4
    latency: list[float | None] = []
    for at in t:
        out = until is not None and LOST_AT_S - trip / 1000 <= at < until
        trips = (3 if connection == "fresh" else 1) * (trip if at < LOST_AT_S else 130.0 if trip > 1 else trip)
        latency.append(None if out else trips + 1.1 + draw.expovariate(1.5))
    return {
        "region": region, "operation": operation, "connection": connection, "interval_s": interval_s,
        "t": t, "latency_ms": latency, "ok": [int(ms is not None) for ms in latency],
    }  # fmt: skip


def _distributions() -> list[dict[str, Any]]:
    figures = {"p50_ms": 1.6, "p95_ms": 3.4, "p99_ms": 5.9, "max_ms": 11.0, "per_decade": 10, "first": 1}
    return [
        {"step": "lose-us-east", "phase": phase, "region": r, "operation": o, "connection": c, "count": 210,
         "failed": 149 if phase == "during" and o == "write" else 0, "counts": [40, 120, 30, 0, 15, 5], **figures}
        for r, o, c in _streams() for phase in ("before", "during", "after") if r != "us-east" or phase == "before"
    ]  # fmt: skip


def _evidence() -> dict[str, Any]:
    def operation(op: int, session: str, at_s: float, took_s: float | None, **more: Any) -> dict[str, Any]:
        return {"op": op, "witness": False, "session": session, "region": session.partition("/")[0], "kind": "write",
                "key": "k17", "value": f"v{op}", "version": op % 1000, "node": "us-east/1", "invoked_s": at_s,
                "returned_s": None if took_s is None else at_s + took_s, "outcome": "ok", **more}  # fmt: skip

    return {
        "lost_writes": [
            operation(88110, "us-east/u3", 9.91, 0.002),
            operation(88123, "us-east/u3", 9.951, 0.002, witness=True),
            operation(88130, "us-east/u3", 9.999, None, outcome="unknown"),
            operation(90417, "eu-west/u1", 18.2, 0.002, witness=True, kind="read", node="eu-west/1"),
        ]
    }


def _lag() -> dict[str, Any]:
    t = [float(second) for second in range(-4, 40)]
    return {
        "t": t,
        "bytes": {
            "eu-west/1": [20_000 + 100 * i if at < LOST_AT_S else None for i, at in enumerate(t)],
            "ap-south/1": [4_000_000 if at > 20 else None for at in t],
        },
    }


@pytest.fixture
def lanes() -> dict[str, Any]:
    draw = random.Random(3)
    return {
        "t0_ns": T0_NS, "end_s": END_S, "regions": list(REGIONS),
        "lanes": [_lane(*stream, draw) for stream in _streams()],
        "distributions": _distributions(), "evidence": _evidence(), "lag": _lag(),
    }  # fmt: skip


def _stages() -> list[dict[str, Any]]:
    def stage(at_s: float, words: str, primary: str, lost: bool) -> dict[str, Any]:
        return {
            "at_s": at_s, "words": words, "cut": ["us-east <-> eu-west + ap-south"] if lost else [], "slow": [],
            "roles": {f"{r}/1": "primary" if r == primary else "deposed" if lost and r == "us-east" else "replica"
                      for r in REGIONS},
            "states": {f"{r}/1": "stopped" if lost and r == "us-east" else "up" for r in REGIONS},
            "writes": dict.fromkeys(REGIONS, f"{primary}/1"), "gone": ["us-east"] if lost else [],
        }  # fmt: skip

    return [stage(0.0, "at t0", "us-east", lost=False), stage(40.0, "at the end of the load", "eu-west", lost=True)]


def _price() -> dict[str, Any]:
    pairs = [(a, b) for a in REGIONS for b in REGIONS if a != b]
    return {
        "wan": [{"from_region": a, "to_region": b, "bytes": 1_500_000 + 1000 * i} for i, (a, b) in enumerate(pairs)],
        "cpu": [{"node": f"{r}/1", "phase": phase, "used_s": 1.25, "observed_s": 10.0}
                for r in REGIONS for phase in ("before", "during", "after")],
    }  # fmt: skip


def _objective(name: str, observed: dict[str, Any], expected: str, verdict: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "measure": name, "scope": {}, "observed": observed, "expected": expected,
            "verdict": verdict, "reason": "", "position": "region-loss-async.chaos.yaml:41:5", **more}  # fmt: skip


def _objectives() -> list[dict[str, Any]]:
    def seen(lo: float, hi: float, unit: str, text: str, where: str) -> dict[str, Any]:
        return {"lo": lo, "hi": hi, "unit": unit, "text": text, "where": where}

    return [
        _objective("write-rto", seen(7.6, 7.68, "s", "7.60-7.68 s", "ap-south write established"), "max 15s", "pass",
                   measure="rto"),
        _objective("lost_writes", seen(14, 14, "count", "14", "whole run"), "max 0", "fail",
                   reason="14 acknowledged writes are gone; none may be"),
        _objective("availability", seen(0.8365, 0.8365, "fraction", "83.65%", "ap-south write fresh"), "min 80%",
                   "pass"),
        _objective("stale_reads", seen(0, 0, "count", "unknown", "whole run"), "max 0", "inconclusive",
                   reason="no rank for 3 keys: they are in no surviving state"),
    ]  # fmt: skip


def _outages() -> list[dict[str, Any]]:
    found = []
    for region, operation, connection in _streams():
        until = _out_until(region, operation)
        if until is None:
            continue
        ended = region in BACK_S
        lo, hi = (LOST_AT_S + end for end in BACK_S.get(region, (30.0, 30.0)))
        wider = 0.6 if connection == "fresh" and ended else 0.0
        found.append({
            "region": region, "operation": operation, "connection": connection, "cause": "lose-us-east",
            "cause_event": "onset", "begin_s": LOST_AT_S - 0.05, "end_lo_s": lo, "end_hi_s": hi + wider, "ended": ended,
            "failed_probes": 149, "hollow": 2 if region == "us-east" and operation == "write" else 0,
        })  # fmt: skip
    return found


def _rto() -> list[dict[str, Any]]:
    found = []
    for region, operation, connection in _streams():
        lo, hi = BACK_S.get(region, (None, None)) if operation == "write" else (0.0, 0.05)
        excluded = region == "us-east"
        found.append({
            "step": "lose-us-east", "cause": "onset", "region": region, "operation": operation,
            "connection": connection, "lo_s": None if excluded else lo, "hi_s": None if excluded else hi,
            "censored": False, "excluded": excluded,
        })  # fmt: skip
    return found


def _findings() -> dict[str, Any]:
    def none(checked: int) -> dict[str, Any]:
        return {"result": "none", "count": 0, "checked": checked, "witness": None}

    operations = [
        {"op": 88123, "session": "us-east/u3", "region": "us-east", "kind": "write", "key": "k17",
         "value": "us-east-88123", "version": 412, "node": "us-east/1",
         "invoked_ns": T0_NS + 9_951_000_000, "returned_ns": T0_NS + 9_953_000_000, "outcome": "ok"},
        {"op": 90417, "session": "eu-west/u1", "region": "eu-west", "kind": "read", "key": "k17",
         "value": "eu-west-80001", "version": 411, "node": "eu-west/1",
         "invoked_ns": T0_NS + 18_200_000_000, "returned_ns": T0_NS + 18_202_000_000, "outcome": "ok"},
    ]  # fmt: skip
    lost = "us-east-88123 was acknowledged at +9.953 s by us-east/1; the surviving database never had it."
    return {
        "lost_writes": {"result": "some", "count": 14, "checked": 4012,
                        "witness": {"sentence": lost, "operations": operations}},
        "ghosts": {"result": "some", "count": 2, "checked": 9, "witness": None},
        "phantom": none(9120), "failed_visible": none(0), "duplicated": none(3998), "monotonic_reads": none(8841),
        "read_your_writes": none(8841), "divergence": none(7996),
        "stale_reads": {"result": "unknown", "count": None, "checked": 0, "witness": None,
                        "reason": "no rank for 3 keys: they are in no surviving state"},
        "observed_lost": none(9120), "split_brain": none(2),
    }  # fmt: skip


def _waterfall() -> list[dict[str, Any]]:
    def parts(reconnect_end: float, route: float) -> list[dict[str, Any]]:
        rows = [("detect", 0.0, 3.9, 3.0, 4.0), ("decide", 3.9, 4.9, 1.0, 1.01), ("promote", 4.9, 6.8, 0.4, 1.6),
                ("route", 6.8, route, 0.2, 0.5), ("reconnect", route, reconnect_end, 0.2, 0.85)]  # fmt: skip
        return [{"part": part, "start_s": LOST_AT_S + a, "end_s": LOST_AT_S + b, "predicted_lo_s": lo,
                 "predicted_hi_s": hi} for part, a, b, lo, hi in rows]  # fmt: skip

    return [
        {"step": "lose-us-east", "region": "eu-west", "parts": parts(7.44, 7.0)},
        {"step": "lose-us-east", "region": "ap-south", "parts": parts(7.64, 7.1)},
    ]


def _latency() -> list[dict[str, Any]]:
    return [
        {"region": region, "operation": operation, "connection": connection, "phase": phase, "p50_ms": base + extra,
         "p95_ms": base + extra + 2.1, "p99_ms": base + extra + 4.0, "max_ms": base + extra + 9.9, "count": 290}
        for region, operation, connection in _streams()
        for base in [ROUND_TRIP_MS[region] if operation == "write" else 0.4]
        for phase, extra in (("before", 1.2), ("during", 51.3), ("after", 50.9))
        if not (region == "us-east" and phase != "before")
    ]  # fmt: skip


@pytest.fixture
def result() -> dict[str, Any]:
    ledger = {"acknowledged": {"present": 3998, "absent": 14}, "unknown": {"present": 2, "absent": 7},
              "failed": {"present": 0, "absent": 311}}  # fmt: skip
    return {
        "schema": 1, "scenario": "region-loss-async", "variant": None, "trial": 1, "runtime": "local", "seed": 4711,
        "started_at": "2026-01-31T03:12:44Z", "duration_s": 58.2, "t0_ns": T0_NS, "end_ns": T0_NS + 40 * SECOND,
        "run_dir": "reports/region-loss-async/20260131T031244Z-k3f9", "verdict": "fail",
        "reason": "lost_writes: 14 acknowledged writes are gone",
        "question": "If we lose us-east, how long until the other regions can write again, and what is gone?",
        "hypothesis": "The runbook brings writes back within 15 s; asynchronous replication loses what was on its way.",
        "tags": ["region-loss"],
        "summary": "FAIL. After us-east was lost, eu-west could not write for 7.4-7.5 s and ap-south for 7.6-7.7 s; "
                   "14 of 4,012 acknowledged writes are gone.",
        "topology": {"regions": list(REGIONS), "primary": "us-east/1", "nodes": [f"{r}/1" for r in REGIONS],
                     "rtt_ms": {"us-east <-> eu-west": 80.0, "us-east <-> ap-south": 200.0,
                                "eu-west <-> ap-south": 130.0},
                     "replication": "async", "failover": "runbook", "reads": "local"},
        "objectives": _objectives(), "rto": _rto(), "outages": _outages(), "waterfall": _waterfall(),
        "downtime": [
            {"region": r, "operation": o, "connection": c, "scheduled": 900, "ok": 751 if _out_until(r, o) else 900,
             "recovered": r != "us-east", "excluded": r == "us-east",
             "downtime_s": 7.52 if _out_until(r, o) else 0.0, "availability": 0.8344 if _out_until(r, o) else 1.0}
            for r, o, c in _streams()
        ],
        "latency": _latency(), "stages": _stages(), "price": _price(),
        "ledger": {**ledger, "by_region": {"us-east": {**ledger, "acknowledged": {"present": 2100, "absent": 14}},
                                           "eu-west": {"acknowledged": {"present": 1898, "absent": 0}}}},
        "rpo": {"lost_writes": 14, "lost_warned": 0, "acknowledged": 4012, "window_s": 0.084, "wal_bytes": 18432},
        "findings": _findings(),
        "faults": [{
            "step": "lose-us-east", "fault": "region_loss", "target": "us-east", "at_s": LOST_AT_S,
            "healed_by": "audit", "text": "us-east is lost: its links are cut, then every process in it is frozen",
            "onset_first_ns": T0_NS + 10 * SECOND, "onset_last_ns": T0_NS + 10 * SECOND + 1_400_000,
            "healed_ns": T0_NS + 40 * SECOND, "took_effect": True, "links": ["us-east <-> eu-west + ap-south"],
            "proof": "38 of 38 probes that crossed the links went unanswered before the freeze",
            "excluded_regions": ["us-east"], "heal_took_effect": None, "heal_proof": "",
        }],
        "operations": {"total": 14210, "users": 8800, "probes": 5410,
                       "by_outcome": {"ok": 13400, "fail": 311, "unknown": 499},
                       "errors": [{"region": "eu-west", "error": "timeout", "count": 149, "first_s": 9.95,
                                   "last_s": 17.4}]},
        "users": [{"region": r, "operation": o, "count": 1400, "per_s": 49.8, "p50_ms": 82.1, "p99_ms": 91.3}
                  for r in REGIONS for o in ("write", "read")],
        "instrument": {"probe_lateness_p99_ms": 1.9, "probe_interval_ms": 50.0, "probe_timeout_ms": 1700.0,
                       "doubts": [],
                       "probe_lateness_p99_ms_by_region": {"us-east": 1.1, "eu-west": 1.9, "ap-south": 1.7}},
        "environment": {"versions": {"postgres": "18.1", "toxiproxy": "2.12.0", "chaoskit": "0.1.0"}, "cores": 2,
                        "memory": "8.0 GiB", "filesystem": "tmpfs"},
    }  # fmt: skip


@pytest.fixture
def events() -> list[dict[str, Any]]:
    def event(at_s: float, name: str, **more: Any) -> dict[str, Any]:
        return {"t_ns": T0_NS + round(at_s * SECOND), "event": name, **more}

    node = {"node": "us-east/1"}
    return [
        event(-8.0, "load_started"),
        event(0.0, "steady", detail={"availability": {"us-east/write/established": 1.0}}),
        event(10.0, "start", step="lose-us-east", detail={"text": "us-east is lost: links cut, processes frozen"}),
        event(
            10.3, "proved", step="lose-us-east", detail={"phase": "onset", "ok": True, "proof": "38 of 38 unanswered"}
        ),
        event(13.9, "detected", detail={**node, "failures": 6, "first_failure_ns": 0}),
        event(14.9, "decided", detail=node),
        event(15.9, "fenced", detail={**node, "ok": False, "why": "no answer within 1 s"}),
        event(16.1, "candidate", detail={"node": "eu-west/1", "positions": {"eu-west/1": "0/50311A8"}}),
        event(16.8, "promoted", node="eu-west/1", detail={"fork_lsn": "0/50311A8", "pg_timeline": 2}),
        event(16.79, "log", node="eu-west/1", detail={"line": "startup: received promote request", "times": 1}),
        event(16.82, "routed", region="eu-west", detail={"endpoint": "write", "node": "eu-west/1"}),
        event(16.95, "routed", region="ap-south", detail={"endpoint": "write", "node": "eu-west/1"}),
        event(40.0, "end", step="lose-us-east", detail={"by": "audit"}),
    ]
