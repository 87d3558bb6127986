"""``load``: the users of every region, their workload, and the probers."""

from chaoskit.model.scenario import Load, Probes, Register
from chaoskit.scenario_file.json_schema.shapes import Schema, choice, closed_map, map_of, one_word
from chaoskit.scenario_file.json_schema.values import ref
from chaoskit.scenario_file.load import DEFAULT_USERS, READ_FROM, WORKLOADS
from chaoskit.scenario_file.values import percent_text, rate_text


def load() -> Schema:
    """Return the section."""
    users = {"anyOf": [{"const": "default"}, ref("name")], "description": "A region, or default for the others."}
    keys = {
        "users": {
            **map_of(ref("count"), "Users by region.", names=users),
            "default": {"default": DEFAULT_USERS},
        },
        "pace": ref(
            "positive_rate", "How many operations a user issues at most.", default=rate_text(Load(users={}).pace_hz)
        ),
        "workload": choice(WORKLOADS, {"register": _register()}, "What users do.", default="register"),
        "probes": _probes(),
    }
    return closed_map(keys, "Who works on the database meanwhile.")


def _register() -> Schema:
    default = Register()
    keys = {
        "keys": ref("positive_count", "How many keys all users share.", default=default.keys),
        "write_share": ref("percentage", "Writes among the operations.", default=percent_text(default.write_share)),
        "read_after": ref(
            "duration",
            "How long after each write the same key is read. Left out: reads and writes are drawn independently.",
        ),
        "read_from": one_word(READ_FROM, "Where that read goes.", default="same_region"),
    }
    return closed_map(keys)


def _probes() -> Schema:
    keys = {
        "rate": ref("positive_rate", "Probes of each stream.", default=rate_text(Probes().rate_hz)),
        "timeout": ref("positive_duration", "When a probe has failed. Left out: derived from the round trips."),
    }
    return closed_map(keys, "Writes and reads on a fixed grid, from which outages are measured.")
