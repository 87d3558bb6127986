"""``timeline``: named steps, each a fault with its own keys."""

from chaoskit.model.fault import Latency, Mode, Partition, RegionLoss
from chaoskit.scenario_file.faults import MODE, READERS
from chaoskit.scenario_file.json_schema.shapes import Schema, closed_map, map_of, one_word
from chaoskit.scenario_file.json_schema.values import ref
from chaoskit.scenario_file.timeline import END


def timeline() -> Schema:
    """Return the section."""
    # Without a known `fault` nothing is said of the other keys: one message is enough.
    step: Schema = {
        "type": "object",
        "properties": {"fault": _fault()},
        "required": ["at", "fault"],
        "allOf": [
            {"if": {"properties": {"fault": {"const": word}}, "required": ["fault"]}, "then": _step(word)}
            for word in READERS
        ],
    }
    return map_of(step, "What breaks, and when: named steps.", names=ref("name"))


def _fault() -> Schema:
    return one_word(READERS, "What breaks. chaoskit undoes it.")


def _step(word: str) -> Schema:
    keys = {"at": ref("duration", "When it begins, since the steady state was confirmed."), "fault": _fault()}
    link = ref("link", "Which bytes: us-east <-> rest both ways, us-east -> eu-west + ap-south one way.")
    match word:
        case Partition.word:
            mode = one_word(MODE, "Hold the bytes, lose them, or refuse connections.", default=Mode.STALL.value)
            return _lasting({**keys, "link": link, "mode": mode}, "link")
        case Latency.word:
            delay = {
                "add": ref("positive_duration", "What is added; on <-> to the round trip."),
                "factor": ref("slower", "What the distance is multiplied by."),
            }
            return {"allOf": [_lasting({**keys, "link": link, **delay}, "link"), _exactly_one(*delay)]}
        case RegionLoss.word:
            target = ref("region", "The region that is lost.")
            until = one_word((END,), "So far a lost region stays lost.")
            unsupported: Schema = {"not": {}, "description": "A region that comes back is not supported yet."}
            return closed_map(
                {**keys, "target": target, "for": unsupported, "until": until}, required=("target", "until")
            )
        case _:
            raise ValueError(f"no keys of {word}")


def _lasting(keys: dict[str, Schema], *required: str) -> Schema:
    """A fault that lasts for a time, or until the end of the run."""
    ends = {"for": ref("positive_duration", "How long."), "until": one_word((END,), "The end of the run.")}
    return {**closed_map({**keys, **ends}, required=required), **_exactly_one(*ends)}


def _exactly_one(*keys: str) -> Schema:
    return {"oneOf": [{"required": [key]} for key in keys]}
