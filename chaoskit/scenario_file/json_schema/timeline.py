"""``timeline``: named steps, each a fault or an action with its own keys."""

from chaoskit.model.fault import (
    ALL_PROCESSES,
    Clients,
    Crash,
    Data,
    Freeze,
    Latency,
    Mode,
    Partition,
    RegionLoss,
    Switchover,
)
from chaoskit.model.instant import END
from chaoskit.scenario_file.faults import ACTIONS, CLIENTS, DATA, FAULTS, MODE, PROCESS
from chaoskit.scenario_file.json_schema.shapes import Schema, closed_map, described, exactly_one, map_of, one_word
from chaoskit.scenario_file.json_schema.values import ref, refer

_WORDS = {"fault": (FAULTS, "What breaks. chaoskit undoes it."), "action": (ACTIONS, "What is done, and not undone.")}


def timeline() -> Schema:
    """Return the section."""
    kinds = {kind: one_word(words, description) for kind, (words, description) in _WORDS.items()}
    # Without a known `fault` or `action` nothing is said of the other keys: one message is enough.
    step: Schema = {
        "type": "object",
        "properties": kinds,
        "required": ["at"],
        **exactly_one("fault", "action"),
        "allOf": [
            {"if": {"properties": {kind: {"const": word}}, "required": [kind]}, "then": _step(kind, word)}
            for kind, (words, _) in _WORDS.items()
            for word in words
        ],
    }
    return map_of(step, "What happens, and when: named steps.", names=ref("name"))


def _step(kind: str, word: str) -> Schema:
    words, description = _WORDS[kind]
    head: dict[str, Schema] = {
        "at": ref("instant", "When it begins: since the steady state was confirmed, or since an event."),
        kind: one_word(words, description),
    }
    own, required = _keys(word)
    if kind == "action":
        return closed_map({**head, **own}, required=required)
    ends: dict[str, Schema] = {
        "for": ref("positive_duration", "How long."),
        "until": {"anyOf": [{"const": END}, refer("instant")], **described("When it is healed; `end`: by the audit.")},
    }
    lasting = {**closed_map({**head, **own, **ends}, required=required), **exactly_one(*ends)}
    return {"allOf": [lasting, exactly_one("add", "factor")]} if word == Latency.word else lasting


def _keys(word: str) -> tuple[dict[str, Schema], tuple[str, ...]]:
    """A word's own keys, and those of them that must be there."""
    link = {"link": ref("link", "Which bytes: us-east <-> rest both ways, us-east -> eu-west.clients one way.")}
    nodes = {"target": ref("nodes", "Nodes, or the role that they have when the step begins.")}
    match word:
        case Partition.word:
            mode = one_word(MODE, "Hold the bytes, lose them, or refuse connections.", default=Mode.STALL.value)
            return {**link, "mode": mode}, ("link",)
        case Latency.word:
            delay = {
                "add": ref("positive_duration", "What is added; on <-> to the round trip."),
                "factor": ref("slower", "What the distance is multiplied by."),
                "jitter": ref("duration", "What is added varies by up to so much.", default="0s"),
            }
            return {**link, **delay}, ("link",)
        case RegionLoss.word:
            return {
                "target": ref("whole_regions", "The regions that are lost, or the role that one holds."),
                "data": one_word(DATA, "What becomes of their disks.", default=Data.KEPT.value),
                "clients": one_word(CLIENTS, "What becomes of their clients.", default=Clients.LOST.value),
            }, ("target",)
        case Crash.word:
            return nodes, ("target",)
        case Freeze.word:
            return {**nodes, "process": one_word(PROCESS, "Which processes.", default=ALL_PROCESSES)}, ("target",)
        case Switchover.word:
            return {"target": ref("one_node", "The node that becomes primary.")}, ("target",)
        case _:
            raise ValueError(f"no keys of {word}")
