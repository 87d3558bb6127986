"""How a number is written: always with its unit, always to the same number of places in one column."""

import math
import unicodedata

NOTHING = "–"
LONGEST = 2000  # characters of one value that a page or a terminal shows


def printable(value: str) -> str:
    """Return ``value`` with control and direction-changing characters made visible, and cut at ``LONGEST``.

    Names and messages come from servers: no escape sequence may act on a terminal, no override turn text round.
    """
    short = value if len(value) <= LONGEST else value[:LONGEST] + " … (cut)"
    return "".join(_visible(char) for char in short)


def _visible(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}:
        return char
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\N{REPLACEMENT CHARACTER}"


def count(value: float | None) -> str:
    """``4,012``."""
    return NOTHING if value is None else f"{value:,.0f}"


def seconds(value: float | None) -> str:
    """``7.41 s``, to 10 ms; ``0.412 s``, to 1 ms, below a second; ``0 s``."""
    if value == 0:
        return "0 s"
    return NOTHING if value is None else f"{_digits(value)} s"


def _digits(value_s: float) -> str:
    return f"{value_s:.2f}" if value_s >= 1 else f"{value_s:.3f}"


def span(value_s: float | None) -> str:
    """``84 ms`` below a second, else ``1.25 s``."""
    return f"{value_s * 1000:.0f} ms" if value_s is not None and 0 < value_s < 1 else seconds(value_s)


def interval(lo_s: float | None, hi_s: float | None) -> str:
    """``7.41-7.47 s``; one figure where both ends are written the same."""
    if lo_s is None or hi_s is None:
        return NOTHING
    lo, hi = _digits(lo_s), _digits(hi_s)
    return f"{hi} s" if lo == hi else f"{lo}-{hi} s"


def instant(value: float | None) -> str:
    """``+12.345 s`` after t0 (``−0.500 s`` before it), to the millisecond."""
    if value is None:
        return NOTHING
    sign = "\N{MINUS SIGN}" if value < 0 else "+"
    return f"{sign}{abs(value):.3f} s"


def milliseconds(value: float | None) -> str:
    """``82.3 ms``; from a second on, as in every other column, still in milliseconds."""
    return NOTHING if value is None else f"{value:,.1f} ms"


def percent(fraction: float | None) -> str:
    """``87.63%``, rounded down: 99.999 % is not 100 %."""
    return NOTHING if fraction is None else f"{math.floor(fraction * 10_000 + 1e-9) / 100:.2f}%"


def size(value: float | None) -> str:
    """``1.2 MiB``."""
    if value is None:
        return NOTHING
    amount, units = float(value), ["B", "KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024 and len(units) > 1:
        amount, units = amount / 1024, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def rate(per_s: float | None) -> str:
    """``49.8 /s``."""
    return NOTHING if per_s is None else f"{per_s:,.1f} /s"


def amount(value: float | None, unit: str) -> str:
    """A figure in a scenario's unit: s, fraction, count or bytes."""
    return {"s": seconds, "fraction": percent, "bytes": size}.get(unit, count)(value)
