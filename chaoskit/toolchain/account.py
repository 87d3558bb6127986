"""Whom PostgreSQL runs as when we are root: it refuses root."""

import os
import pwd

from chaoskit.errors import StackError
from chaoskit.processes import User

NAMES = ("postgres", "nobody")


def unprivileged_user() -> User | None:
    """Return the account to drop to, None where we are not root.

    Raises:
        StackError: We are root, and passwd has no such account (initdb asks passwd for its name).
    """
    if os.geteuid() != 0:
        return None
    for name in NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise StackError(
        "no unprivileged account to run PostgreSQL as",
        why=f"we are root, PostgreSQL refuses root, and passwd has neither {' nor '.join(NAMES)}",
        fix="run chaoskit as a user, or: useradd --system postgres",
    )
