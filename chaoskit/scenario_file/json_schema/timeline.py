"""``timeline``: named steps, each a fault or an action with its own keys."""

from chaoskit.model.fault import Latency
from chaoskit.model.instant import END
from chaoskit.scenario_file.faults import ACTIONS, FAULTS
from chaoskit.scenario_file.json_schema.deeds import KEYS
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
    own, required = KEYS[word]
    if kind == "action":
        return closed_map({**head, **own}, required=required)
    ends: dict[str, Schema] = {
        "for": ref("positive_duration", "How long."),
        "until": {"anyOf": [{"const": END}, refer("instant")], **described("When it is healed; `end`: by the audit.")},
    }
    lasting = {**closed_map({**head, **own, **ends}, required=required), **exactly_one(*ends)}
    return {"allOf": [lasting, exactly_one("add", "factor")]} if word == Latency.word else lasting
