"""What the figures rest on: latency tables, users, errors, the instrument and the environment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chaoskit.report.figures import count, instant, milliseconds, rate
from chaoskit.report.reading import Row, number, part, rows, text, texts
from chaoskit.report.words import setting

PHASES = ("before", "during", "after")
MOST_ERRORS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRow:
    """One stream in one phase; ``first`` on the first row of a stream."""

    region: str
    operation: str
    connection: str
    phase: str
    p50: str
    p95: str
    p99: str
    highest: str
    count: str
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """What one region's closed-loop users saw."""

    region: str
    operation: str
    count: str
    rate: str
    p50: str
    p99: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One kind of error in one region."""

    region: str
    error: str
    count: str
    first: str
    last: str


def latency_rows(result: Row) -> tuple[LatencyRow, ...]:
    """Streams in the order of the result, each before, during and after."""
    streams: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows(result, "latency"):
        streams.setdefault((text(row, "region"), text(row, "operation"), text(row, "connection")), []).append(row)
    return tuple(
        _latency(stream, row, first=index == 0)
        for stream, phases in streams.items()
        for index, row in enumerate(sorted(phases, key=_phase))
    )


def _phase(row: Row) -> int:
    phase = text(row, "phase")
    return PHASES.index(phase) if phase in PHASES else len(PHASES)


def _latency(stream: tuple[str, str, str], row: Row, *, first: bool) -> LatencyRow:
    region, operation, connection = stream
    return LatencyRow(
        region=region,
        operation=operation,
        connection=connection,
        phase=text(row, "phase"),
        p50=milliseconds(number(row, "p50_ms")),
        p95=milliseconds(number(row, "p95_ms")),
        p99=milliseconds(number(row, "p99_ms")),
        highest=milliseconds(number(row, "max_ms")),
        count=count(number(row, "count")),
        first=first,
    )


def user_rows(result: Row) -> tuple[UserRow, ...]:
    """The users of every region."""
    return tuple(
        UserRow(
            region=text(row, "region"),
            operation=text(row, "operation"),
            count=count(number(row, "count")),
            rate=rate(number(row, "per_s")),
            p50=milliseconds(number(row, "p50_ms")),
            p99=milliseconds(number(row, "p99_ms")),
        )
        for row in rows(result, "users")
    )


def error_rows(result: Row) -> tuple[ErrorRow, ...]:
    """The kinds of errors, at most ``MOST_ERRORS`` of them."""
    return tuple(
        ErrorRow(
            region=text(row, "region"),
            error=text(row, "error"),
            count=count(number(row, "count")),
            first=instant(number(row, "first_s")),
            last=instant(number(row, "last_s")),
        )
        for row in rows(part(result, "operations"), "errors")[:MOST_ERRORS]
    )


def operations_sentence(result: Row) -> str:
    """How many operations the figures come from."""
    operations = part(result, "operations")
    by_outcome = part(operations, "by_outcome")
    outcomes = ", ".join(f"{count(number(by_outcome, name))} {name}" for name in by_outcome)
    return (
        f"{count(number(operations, 'total'))} operations: {count(number(operations, 'users'))} of users, "
        f"{count(number(operations, 'probes'))} of probes" + (f" ({outcomes})." if outcomes else ".")
    )


def instrument_facts(result: Row) -> tuple[tuple[str, str], ...]:
    """How finely, and how punctually, it was measured."""
    instrument = part(result, "instrument")
    facts = [
        ("Probe interval", milliseconds(number(instrument, "probe_interval_ms"))),
        ("Probe timeout", milliseconds(number(instrument, "probe_timeout_ms"))),
        ("Probe lateness, worst p99", milliseconds(number(instrument, "probe_lateness_p99_ms"))),
    ]
    answers = [
        ("The WAN itself answered within, p99", "wan_answer_p99_ms"),
        ("The WAN itself answered within, slowest second", "wan_answer_slowest_second_ms"),
    ]
    facts += [(what, milliseconds(number(instrument, key))) for what, key in answers]
    by_region = part(instrument, "probe_lateness_p99_ms_by_region")
    facts += [(f"Probe lateness p99, {region}", milliseconds(number(by_region, region))) for region in by_region]
    return tuple(facts)


def doubts(result: Row) -> tuple[str, ...]:
    """Why the measured figures may be wrong; empty where there is no reason to think so."""
    return texts(part(result, "instrument"), "doubts")


def environment_facts(result: Row) -> tuple[tuple[str, str], ...]:
    """The run, its stack, and the machine that it ran on."""
    rtt = part(part(result, "topology"), "rtt_ms")
    seed, duration_s = result.get("seed"), number(result, "duration_s")
    facts = [
        ("Runtime", text(result, "runtime", "–")),
        ("Started", text(result, "started_at", "–")),
        ("Duration", "–" if duration_s is None else f"{duration_s:.1f} s"),
        ("Seed", "–" if seed is None else str(seed)),
        ("Run directory", text(result, "run_dir", "–")),
        ("Stack", setting(result)),
    ]
    facts += [(f"Round trip {pair}", milliseconds(number(rtt, pair))) for pair in rtt]
    facts += list(_flat(part(result, "environment"), ()))
    return tuple(facts)


def _flat(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        yield " · ".join(path), ", ".join(str(item) for item in value)
    elif value is not None:
        yield " · ".join(path), str(value)
