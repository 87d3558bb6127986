"""A user-written locustfile: ``python -m chaoskit.load.locustfile PATH CLASSES TAGS`` says what is in it, or why not.

CLASSES and TAGS are joined by commas, empty: all. Prints one JSON object, ``{"classes": [...], "setup_sql": [...]}``.
"""

import locust  # isort: skip  # noqa: F401  # first: it patches what every later import binds

import json
import os
import sys
import traceback
from difflib import get_close_matches

from locust.user.task import filter_tasks_by_tags
from locust.util.load_locustfile import load_locustfile

from chaoskit.load.user import PostgresUser
from chaoskit.model.scenario import Locustfile


class Refused(Exception):
    """The locustfile cannot be used. The text says why, in a line."""


def load_classes(workload: Locustfile) -> list[type[PostgresUser]]:
    """Import the file and return the classes that the scenario selects, in the order of the file.

    Raises:
        Refused: It fails, or has no such class, or one whose operations nobody would record.
    """
    try:
        found, shapes = load_locustfile(workload.path)
    except (Exception, SystemExit) as error:
        raise Refused(_last_line(error, workload.path)) from error
    if shapes:
        raise Refused("a LoadTestShape is not supported: the scenario's `users` and `spawn_rate` shape the load")
    unknown = [name for name in workload.classes if name not in found]
    if unknown:
        near = get_close_matches(unknown[0], found, 1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(found) or 'none'}"
        raise Refused(f"it has no user class {unknown[0]}; {hint}")
    chosen: list[type[PostgresUser]] = []
    for name, cls in found.items():
        if workload.classes and name not in workload.classes:
            continue
        if not issubclass(cls, PostgresUser):
            raise Refused(f"{name} is no PostgresUser: nobody would record what it does")
        chosen.append(cls)
    if not chosen:
        raise Refused("it has no class derived from chaoskit.load.user.PostgresUser")
    return chosen


def _check_tasks(classes: list[type[PostgresUser]], tags: tuple[str, ...]) -> None:
    """Refuse a class that would have nothing to do; changes the classes' tasks."""
    for cls in classes:
        if tags:
            filter_tasks_by_tags(cls, set(tags))
        if not cls.tasks:
            raise Refused(f"{cls.__name__} has no task" + (f" tagged {' or '.join(tags)}" if tags else ""))


def _last_line(error: BaseException, path: str) -> str:
    """The last line of the traceback, and the line of the file that led to it."""
    words = traceback.format_exception_only(error)[-1].strip()
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return f"{words} (line {lines[-1]})" if lines else words


def main() -> None:
    """Say what is in the file; exit 1 with one line on stderr if it cannot be used."""
    path, classes, tags = sys.argv[1:]
    stdout = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the file prints is not our answer
    workload = Locustfile(path=path, classes=_split(classes), tags=_split(tags))
    try:
        chosen = load_classes(workload)
        _check_tasks(chosen, workload.tags)
    except Refused as why:
        sys.exit(str(why))
    answer = {"classes": [cls.__name__ for cls in chosen], "setup_sql": _setup(chosen)}
    os.write(stdout, json.dumps(answer).encode())


def _setup(classes: list[type[PostgresUser]]) -> list[str]:
    """Every statement once: classes may have inherited the same."""
    given = [(cls.setup_sql,) if isinstance(cls.setup_sql, str) else cls.setup_sql for cls in classes]
    return list(dict.fromkeys(statement for statements in given for statement in statements))


def _split(words: str) -> tuple[str, ...]:
    return tuple(filter(None, words.split(",")))


if __name__ == "__main__":
    main()
