"""A dead server becomes a replica again: rewound or copied anew, through the WAN."""

from chaoskit.errors import StackError
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.postgres.config import recovery_conf
from chaoskit.runtimes.postgres.control import beyond_fork, shut_down
from chaoskit.runtimes.postgres.server import Server
from chaoskit.sql import Unanswered, ask

CHECKPOINT_TIMEOUT_S = 30.0
# Until then pg_rewind reads a source's timeline from its last checkpoint, which may be older than its promotion.
KNOWS_TIMELINE_SINCE = 16
STANDBY_SIGNAL = "standby.signal"


def rewind(server: Server, source: Target, *, major: int, clock: Clock) -> int | None:
    """Undo what a dead server has beyond ``source``; configuration lies outside its data and stays.

    Args:
        server: The dead server.
        source: The primary, as the server finds it.
        major: PostgreSQL's version.
        clock: The run's.

    Returns:
        Bytes of WAL that it had beyond, where they are known.

    Raises:
        StackError: It cannot be rewound: its WAL or the source's does not reach back, or time ran out.
    """
    control = _shut_down(server)
    if major < KNOWS_TIMELINE_SINCE:
        _checkpoint(source, clock)
    said = server.tool(
        "pg_rewind",
        f"--target-pgdata={server.data}",
        f"--source-server={_without_password(source, server.name)}",
        f"--config-file={server.config_file}",
        "--no-sync",
        password=source.password,
    )
    return beyond_fork(control, said)


def reclone(server: Server, source: Target) -> None:
    """Copy everything from ``source``; what a dead server had is gone."""
    server.erase()
    server.tool(
        "pg_basebackup",
        f"--pgdata={server.data}",
        f"--dbname={_without_password(source, server.name)}",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--no-sync",
        password=source.password,
    )


def follow(server: Server, upstream: Target) -> None:
    """Let a dead server start as a replica of ``upstream``.

    What its source had altered for itself came with a copy, and what it had altered before is outdated: nothing but
    whom it follows is kept.
    """
    server.put("postgresql.auto.conf", recovery_conf(upstream.conninfo(application_name=server.name)))
    server.put(STANDBY_SIGNAL, "")


def _shut_down(server: Server) -> str:
    """What pg_controldata says of a server shut down cleanly; one that died is started alone and stopped."""
    control = server.tool("pg_controldata", server.data)
    if shut_down(control):
        return control
    server.start(alone=True)
    server.ready()
    server.stop()
    return server.tool("pg_controldata", server.data)


def _checkpoint(source: Target, clock: Clock) -> None:
    try:
        reply = ask(source, ["CHECKPOINT"], clock=clock, timeout_s=CHECKPOINT_TIMEOUT_S)[0]
    except Unanswered as error:
        raise StackError("the source of a rewind cannot be asked for a checkpoint", why=str(error)) from error
    if reply.sqlstate:
        raise StackError("the source of a rewind refused a checkpoint", why=reply.message)


def _without_password(source: Target, name: str) -> str:
    """A conninfo for a command line, which every account of the machine can read."""
    words = source.conninfo(application_name=name).split(" ")
    return " ".join(word for word in words if not word.startswith("password="))
