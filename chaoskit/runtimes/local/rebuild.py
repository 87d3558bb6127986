"""A dead server becomes a replica again: rewound or copied anew, through the WAN."""

import shutil
from pathlib import Path

from chaoskit.errors import StackError
from chaoskit.leftovers import release_segments
from chaoskit.processes import Launcher, User
from chaoskit.protocols import Clock, Target
from chaoskit.runtimes.local.node import PostgresNode
from chaoskit.runtimes.postgres.config import recovery_conf
from chaoskit.runtimes.postgres.control import beyond_fork, shut_down
from chaoskit.sql import Unanswered, ask

TOOL_TIMEOUT_S = 120.0
CHECKPOINT_TIMEOUT_S = 30.0
# Until then pg_rewind reads a source's timeline from its last checkpoint, which may be older than its promotion.
KNOWS_TIMELINE_SINCE = 16


class Rebuilder:
    """PostgreSQL's own tools, run as the servers' user.

    Args:
        programs: The directory of PostgreSQL's programs.
        major: Their version.
    """

    def __init__(self, programs: Path, major: int, *, user: User | None, launcher: Launcher, clock: Clock) -> None:
        self._programs, self._major, self._user = programs, major, user
        self._launcher, self._clock = launcher, clock

    def rewind(self, server: PostgresNode, source: Target) -> int | None:
        """Undo what a dead server has beyond ``source``; configuration lies outside its data and stays.

        Returns:
            Bytes of WAL that it had beyond, where they are known.

        Raises:
            StackError: It cannot be rewound: its WAL or the source's does not reach back, or time ran out.
        """
        control = self._shut_down(server)
        if self._major < KNOWS_TIMELINE_SINCE:
            self._checkpoint(source)
        said = self._tool(
            server,
            "pg_rewind",
            f"--target-pgdata={server.data}",
            f"--source-server={_without_password(source, server.name)}",
            f"--config-file={server.home / 'node.conf'}",
            "--no-sync",
            password=source.password,
        )
        return beyond_fork(control, said)

    def reclone(self, server: PostgresNode, source: Target) -> None:
        """Copy everything from ``source``; what a dead server had is gone."""
        self.erase(server)
        server.data.mkdir(mode=0o700)
        self.own(server.data)
        self._tool(
            server,
            "pg_basebackup",
            f"--pgdata={server.data}",
            f"--dbname={_without_password(source, server.name)}",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--no-sync",
            password=source.password,
        )

    def erase(self, server: PostgresNode) -> None:
        """Remove the data of a dead server, and the memory that only its data names."""
        release_segments(server.data)
        shutil.rmtree(server.data, ignore_errors=True)

    def follow(self, server: PostgresNode, upstream: Target) -> None:
        """Let a dead server start as a replica of ``upstream``.

        What its source had altered for itself came with a copy, and what it had altered before is outdated: nothing
        but whom it follows is kept.
        """
        conf = server.data / "postgresql.auto.conf"
        conf.write_text(recovery_conf(upstream.conninfo(application_name=server.name)))
        server.standby_signal.touch()
        for path in (conf, server.standby_signal):
            path.chmod(0o600)
            self.own(path)

    def own(self, path: Path) -> None:
        """Give a file or directory to the servers' user."""
        if self._user is not None:
            shutil.chown(path, self._user.uid, self._user.gid)

    def _shut_down(self, server: PostgresNode) -> str:
        """What pg_controldata says of a server shut down cleanly; one that died is started alone and stopped."""
        control = self._tool(server, "pg_controldata", server.data)
        if shut_down(control):
            return control
        server.start(alone=True)
        server.ready()
        server.stop()
        return self._tool(server, "pg_controldata", server.data)

    def _checkpoint(self, source: Target) -> None:
        try:
            reply = ask(source, ["CHECKPOINT"], clock=self._clock, timeout_s=CHECKPOINT_TIMEOUT_S)[0]
        except Unanswered as error:
            raise StackError("the source of a rewind cannot be asked for a checkpoint", why=str(error)) from error
        if reply.sqlstate:
            raise StackError("the source of a rewind refused a checkpoint", why=reply.message)

    def _tool(self, server: PostgresNode, name: str, *words: str | Path, password: str = "") -> str:
        return self._launcher.run(
            f"{server.name}-{name}",
            [self._programs / name, *words],
            user=self._user,
            env={"LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {}),
            timeout_s=TOOL_TIMEOUT_S,
        )


def _without_password(source: Target, name: str) -> str:
    """A conninfo for a command line, which every account of the machine can read."""
    words = source.conninfo(application_name=name).split(" ")
    return " ".join(word for word in words if not word.startswith("password="))
