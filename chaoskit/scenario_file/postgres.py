"""``stack.postgres``: the server's version and settings."""

import re
from collections.abc import Mapping

from chaoskit.scenario_file import scalars
from chaoskit.scenario_file.fields import Fields
from chaoskit.scenario_file.problems import Report
from chaoskit.scenario_file.tree import YamlMap, YamlNode, YamlScalar, described

DEFAULT_VERSION = 18
OLDEST_VERSION = 15
# Settings with which the harness builds the stack; another value would break what is measured.
OWNED = frozenset(
    [
        "allow_alter_system",
        "archive_command",
        "archive_mode",
        "authentication_timeout",
        "cluster_name",
        "config_file",
        "data_directory",
        "default_transaction_read_only",
        "external_pid_file",
        "fsync",
        "hba_file",
        "hot_standby",
        "hot_standby_feedback",
        "ident_file",
        "listen_addresses",
        "log_destination",
        "logging_collector",
        "max_connections",
        "max_replication_slots",
        "max_wal_senders",
        "password_encryption",
        "port",
        "primary_conninfo",
        "primary_slot_name",
        "promote_trigger_file",
        "restore_command",
        "ssl",
        "superuser_reserved_connections",
        "synchronous_commit",
        "synchronous_standby_names",
        "tcp_keepalives_idle",
        "tcp_user_timeout",
        "track_commit_timestamp",
        "unix_socket_directories",
        "wal_level",
        "wal_receiver_timeout",
        "wal_sender_timeout",
    ]
)
OWNED_PREFIX = "recovery_target"
SETTING = r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?"
_SETTING = re.compile(SETTING)

Postgres = tuple[int, Mapping[str, str]]


def read_postgres(report: Report, node: YamlNode) -> Postgres | None:
    """Return the major version and the settings as plain text."""
    fields = Fields(report, node)
    version = fields.read("version", _version, DEFAULT_VERSION)
    settings = fields.read("settings", _settings, {})
    fields.close()
    return version, settings


def _version(report: Report, node: YamlNode) -> int | None:
    version = scalars.count(report, node)
    if version is not None and version < OLDEST_VERSION:
        report.add(node.mark, f"PostgreSQL {version} is too old", f"{OLDEST_VERSION} or newer")
        return None
    return version


def _settings(report: Report, node: YamlNode) -> Mapping[str, str] | None:
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of settings, found {described(node)}")
        return None
    return {key.text: value for key, below in node.entries if (value := _setting(report, key, below)) is not None}


def _setting(report: Report, key: YamlScalar, value: YamlNode) -> str | None:
    if not _SETTING.fullmatch(key.text):
        report.add(key.mark, f"`{key.text}` is not the name of a PostgreSQL setting (lower case)")
    elif key.text in OWNED or key.text.startswith(OWNED_PREFIX):
        report.add(key.mark, f"the setting `{key.text}` belongs to chaoskit", "remove it")
    elif not isinstance(value, YamlScalar) or (value.plain and value.text in {"", "~", "null"}):
        report.add(value.mark, f"expected a plain value in PostgreSQL's own units, found {described(value)}")
    elif "\n" in value.text or "\0" in value.text:
        report.add(value.mark, f"the value of `{key.text}` holds a line break")
    else:
        return value.text
    return None
