"""The values of the scenario language as text: durations, shares, sizes, rates, names. Readers raise ValueError."""

import re
from collections.abc import Mapping
from decimal import Decimal

_NS = {
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
LONGEST_NS = 30 * _NS["d"]
DURATION_UNITS = tuple(_NS)
"""Largest first: the order in which a DUR is written."""
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>{NUMBER}){unit}(?![a-z]))?" for unit in DURATION_UNITS))
_BYTES = {
    "TiB": 1 << 40,
    "TB": 10**12,
    "GiB": 1 << 30,
    "GB": 10**9,
    "MiB": 1 << 20,
    "MB": 10**6,
    "KiB": 1 << 10,
    "kB": 10**3,
    "B": 1,
}
SIZE_UNITS = tuple(_BYTES)
_BITS = {"Gbit": 10**9, "Mbit": 10**6, "kbit": 10**3, "bit": 1}
_BITS_PER_S = {f"{unit}/s": bits for unit, bits in (_BITS | {unit: 8 * size for unit, size in _BYTES.items()}).items()}
BANDWIDTH_UNITS = tuple(_BITS_PER_S)
HIGHEST_COUNT = 2**53
HIGHEST_FACTOR = 1000
NAME = r"[a-z][a-z0-9-]{0,39}"
_NUMBER = re.compile(NUMBER)
_NAME = re.compile(NAME)
_RELATIVE = re.compile(rf"(?P<factor>{NUMBER})x\s+(?P<phase>\S+)")

# Words that mean something where a name may stand.
RESERVED = frozenset(
    [
        "primary",
        "replicas",
        "replica",
        "any",
        "all",
        "surviving",
        "rest",
        "nodes",
        "clients",
        "manager",
        "default",
        "exclude",
        "start",
        "end",
        "detected",
        "decided",
        "fenced",
        "promoted",
        "demoted",
        "routed",
        "before",
        "during",
        "after",
        "always",
        "none",
        "true",
        "false",
        "null",
    ]
)


def duration_ns(text: str) -> int:
    """Return the nanoseconds of a DUR such as ``80ms``, ``1m30s`` or ``0s``."""
    if not text:
        raise ValueError("expected a duration such as 80ms or 1m30s, found nothing")
    if _NUMBER.fullmatch(text):
        raise ValueError(f"`{text}` has no unit: a duration is written {text}ms, {text}s or {text}m")
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is not a duration such as 80ms or 1m30s (units d h m s ms us ns, largest first)")
    exact = sum((Decimal(part) * _NS[unit] for unit, part in match.groupdict().items() if part), start=Decimal(0))
    if exact != int(exact):
        raise ValueError(f"`{text}` is finer than a nanosecond")
    if exact > LONGEST_NS:
        raise ValueError(f"`{text}` is longer than 30d")
    return int(exact)


def duration_text(ns: int) -> str:
    """Return the shortest DUR that reads back as ``ns`` exactly (whole units, largest first)."""
    parts = []
    for unit, size in _NS.items():
        whole, ns = divmod(ns, size)
        if whole:
            parts.append(f"{whole}{unit}")
    return "".join(parts) or "0s"


def signed_duration_ns(text: str) -> int:
    """Return the nanoseconds of a ±DUR: ``-5s``, ``+1m30s``; without a sign it is forward."""
    ns = duration_ns(text[1:] if text[:1] in ("-", "+") else text)
    return -ns if text.startswith("-") else ns


def signed_duration_text(ns: int) -> str:
    """Return the ±DUR that reads back as ``ns``."""
    return f"{'-' if ns < 0 else '+'}{duration_text(abs(ns))}"


def fraction(text: str) -> float:
    """Return the fraction of a PCT: ``99.9%`` is 0.999."""
    if not text.endswith("%"):
        raise ValueError(f"`{text}` is not a percentage such as 99.9% (it needs the %)")
    number = _number(text[:-1])
    if number is None or number > 100:
        raise ValueError(f"`{text}` is not a percentage between 0% and 100%")
    return float(number / 100)


def percent_text(share: float) -> str:
    """Return the PCT that reads back as ``share`` exactly."""
    return f"{_plain(Decimal(repr(share)) * 100)}%"


def rate_hz(text: str) -> float:
    """Return the events per second of a RATE: ``20/s``."""
    number = _number(text.removesuffix("/s"))
    if number is None or not text.endswith("/s"):
        raise ValueError(f"`{text}` is not a rate such as 20/s")
    return float(number)


def rate_text(hz: float) -> str:
    """Return the RATE that reads back as ``hz`` exactly."""
    return f"{_plain(Decimal(repr(hz)))}/s"


def bytes_per_s(text: str) -> float:
    """Return the bytes per second of a BW: ``2MiB/s``, ``10Mbit/s``."""
    unit = next((unit for unit in sorted(_BITS_PER_S, key=len, reverse=True) if text.endswith(unit)), "")
    number = _number(text.removesuffix(unit)) if unit else None
    if number is None:
        raise ValueError(
            f"`{text}` is not a bandwidth such as 2MiB/s or 10Mbit/s (units {' '.join(reversed(BANDWIDTH_UNITS))})"
        )
    return float(number * _BITS_PER_S[unit] / 8)


def bandwidth_text(rate: float) -> str:
    """Return the BW that reads back as ``rate`` bytes per second exactly, with as small a whole number as there is."""
    bits = Decimal(repr(rate)) * 8
    wholes = {unit: bits / size for unit, size in _BITS_PER_S.items() if bits and bits % size == 0}
    unit = min(wholes, key=lambda unit: wholes[unit]) if wholes else "bit/s"
    return f"{_plain(wholes.get(unit, bits))}{unit}"


def size_bytes(text: str) -> int:
    """Return the bytes of a SIZE: ``1GiB``, ``5MB``, ``0B``."""
    unit = _suffix(text, _BYTES)
    number = _number(text.removesuffix(unit)) if unit else None
    if number is None:
        raise ValueError(f"`{text}` is not a size such as 5MB or 1GiB (units {' '.join(reversed(_BYTES))})")
    exact = number * _BYTES[unit]
    if exact != int(exact):
        raise ValueError(f"`{text}` is not a whole number of bytes")
    return int(exact)


def size_text(size: int) -> str:
    """Return the SIZE in the largest unit that divides ``size``."""
    unit = next((unit for unit, factor in _BYTES.items() if size and size % factor == 0), "B")
    return f"{size // _BYTES[unit]}{unit}"


def count(text: str) -> int:
    """Return a count: a bare whole number, at most 2^53 so that every reader of JSON agrees on it."""
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > HIGHEST_COUNT:
        raise ValueError(f"`{text}` is not a count: a whole number without a unit")
    return int(text)


def factor(text: str) -> float:
    """Return a bare decimal number, at most 1000."""
    number = _number(text)
    if number is None or number > HIGHEST_FACTOR:
        raise ValueError(f"`{text}` is not a factor: a number without a unit, at most {HIGHEST_FACTOR}")
    return float(number)


def relative(text: str) -> tuple[float, str]:
    """Return the factor and the phase of a bound such as ``1.5x before``; the phase may be any word."""
    match = _RELATIVE.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is not a multiple of a phase's value such as `1.5x before`")
    return factor(match["factor"]), match["phase"]


def relative_text(multiple: float, phase: str) -> str:
    """Return the words that read back as this bound."""
    return f"{_plain(Decimal(repr(multiple)))}x {phase}"


def name(text: str) -> str:
    """Return ``text`` if it is a NAME."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"`{text}` is not a name: a-z first, then a-z, 0-9 and -, at most 40 characters")
    if text in RESERVED:
        raise ValueError(f"`{text}` is a reserved word, not a name")
    return text


def _number(text: str) -> Decimal | None:
    return Decimal(text) if len(text) <= 40 and _NUMBER.fullmatch(text) else None


def _suffix(text: str, units: Mapping[str, int]) -> str:
    return next((unit for unit in units if text.endswith(unit)), "")


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
