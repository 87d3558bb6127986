"""The faults as rows: what was broken, when, and the proof that it was."""

from dataclasses import dataclass

from chaoskit.report.figures import instant
from chaoskit.report.reading import Row, number, rows, since_t0, text, texts

PROOF = {True: "proved", False: "disproved", None: "not proved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """One fault. ``state`` is ``proved``, ``not proved`` or ``disproved``; ``from_s`` and ``to_s`` count from t0."""

    step: str
    sentence: str
    state: str
    proof: str
    heal_state: str  # empty where nothing is known of a heal
    heal_proof: str
    when: str
    onset: str
    links: tuple[str, ...]
    excluded_regions: tuple[str, ...]
    from_s: float | None
    to_s: float | None


def fault_rows(result: Row) -> tuple[FaultRow, ...]:
    """Every fault that was started, in the order of the result."""
    return tuple(_row(result, row) for row in rows(result, "faults"))


def _row(result: Row, row: Row) -> FaultRow:
    from_s = since_t0(result, number(row, "onset_first_ns"))
    action = bool(row.get("action"))
    to_s = number(row, "acted_s") if action else since_t0(result, number(row, "healed_ns"))
    heal_proof = text(row, "heal_proof")
    return FaultRow(
        step=text(row, "step"),
        sentence=text(row, "text") or f"{text(row, 'fault')} {text(row, 'target')}".strip(),
        state=_state(row, "took_effect"),
        proof=text(row, "proof") or "no proof was recorded",
        heal_state=_state(row, "heal_took_effect") if heal_proof else "",
        heal_proof=heal_proof,
        when=_done(from_s, to_s) if action else _when(from_s, to_s, text(row, "healed_by")),
        onset="" if action else _onset(number(row, "onset_first_ns"), number(row, "onset_last_ns")),
        links=texts(row, "links"),
        excluded_regions=texts(row, "excluded_regions"),
        from_s=from_s,
        to_s=to_s,
    )


def _state(row: Row, key: str) -> str:
    took = row.get(key)
    return PROOF[took if isinstance(took, bool) else None]


def _when(from_s: float | None, to_s: float | None, healed_by: str) -> str:
    if from_s is None:
        return "never struck"
    if to_s is None:
        return f"{instant(from_s)} to the end of the run, not healed"
    by = f", healed by the {healed_by}" if healed_by else ""
    return f"{instant(from_s)} to {instant(to_s)}{by}"


def _done(from_s: float | None, to_s: float | None) -> str:
    """When an action was done; there is nothing to heal."""
    return f"{instant(from_s)} to {instant(to_s)}" if to_s is not None else f"{instant(from_s)}, not over"


def _onset(first_ns: float | None, last_ns: float | None) -> str:
    if first_ns is None or last_ns is None:
        return ""
    return f"all links struck within {(last_ns - first_ns) / 1e6:.1f} ms"
