"""``load``: the users of every region, their workload, and the probers."""

from chaoskit.model.scenario import Load, Probes, Register, Retry
from chaoskit.scenario_file import workload
from chaoskit.scenario_file.json_schema.shapes import Schema, choice, closed_map, list_of, map_of, one_word
from chaoskit.scenario_file.json_schema.values import ref
from chaoskit.scenario_file.load import DEFAULT, DEFAULT_USERS, RETRY
from chaoskit.scenario_file.values import percent_text, rate_text


def load() -> Schema:
    """Return the section."""
    users = {"anyOf": [{"const": DEFAULT}, ref("name")], "description": "A region, or default for the others."}
    keys = {
        "users": {
            **map_of(ref("count"), "Users by region.", names=users),
            "default": {DEFAULT: DEFAULT_USERS},
        },
        "spawn_rate": ref("positive_rate", "How many users begin in a second. Left out: all at once."),
        "pace": ref(
            "positive_rate", "How many operations a user issues at most.", default=rate_text(Load(users={}).pace_hz)
        ),
        "retry": one_word(
            RETRY, "What a user does after an operation that was not acknowledged.", default=Retry.NONE.value
        ),
        "workers": map_of(
            ref("positive_count"), "Processes that share a region's users. Left out: one.", names=ref("name")
        ),
        "workload": choice(
            # A bare `locustfile` would leave its `path` out.
            ("register",),
            {"register": _register(), "locustfile": _locustfile()},
            "What users do: our own workload, or classes of a locustfile.",
            default="register",
        ),
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
        "read_from": one_word(workload.READ_FROM, "Where that read goes.", default="same_region"),
    }
    return closed_map(keys)


def _locustfile() -> Schema:
    python_class: Schema = {"type": "string", "pattern": f"^{workload.CLASS}$"}
    keys = {
        "path": ref("text", "The file, relative to this one."),
        "classes": list_of(python_class, "Which of its user classes. Left out: all."),
        "tags": list_of(ref("text"), "Which of their tasks, by tag. Left out: all."),
    }
    return closed_map(keys, required=("path",))


RATE = "Probes of each operation on open connections; on new ones a quarter of it."


def _probes() -> Schema:
    keys = {
        "rate": ref("positive_rate", RATE, default=rate_text(Probes().rate_hz)),
        "timeout": ref("positive_duration", "When a probe has failed. Left out: derived from the round trips."),
    }
    return closed_map(keys, "Writes and reads on a fixed grid, from which outages are measured.")
