"""The tables that a workload needs, known before anything is started."""

import json
import os
import sys
from pathlib import Path
from typing import assert_never

from chaoskit.errors import UsageError
from chaoskit.load import register
from chaoskit.model.scenario import Locustfile, Register, Workload
from chaoskit.processes import PACKAGE
from chaoskit.toolchain.programs import Unusable, run

IMPORT_TIMEOUT_S = 60.0


def workload_schema(workload: Workload, python: str = sys.executable) -> tuple[str, ...]:
    """The statements to run once on the primary before the load starts: the register's, then the locustfile's own.

    A locustfile is imported in a process of its own, because importing Locust patches the whole process.

    Args:
        workload: Of the scenario.
        python: The interpreter that has chaoskit's dependencies.

    Raises:
        UsageError: The locustfile cannot be imported, or has nothing that can run; says the traceback's last line.
    """
    match workload:
        case Register():
            return register.SCHEMA_SQL
        case Locustfile():
            return (*register.SCHEMA_SQL, *_setup(workload, python))
        case _:
            assert_never(workload)


def _setup(workload: Locustfile, python: str) -> tuple[str, ...]:
    what, fix = f"the locustfile {workload.path} cannot be used", "correct it, or the scenario's `classes` and `tags`"
    if not Path(workload.path).is_file():
        raise UsageError(what, why="there is no such file", fix="its path is relative to the scenario file")
    words = [python, "-m", "chaoskit.load.locustfile"]
    words += [workload.path, ",".join(workload.classes), ",".join(workload.tags)]
    environment = {**os.environ, **PACKAGE}
    try:
        answer = json.loads(run(words, env=environment, timeout_s=IMPORT_TIMEOUT_S))
    except Unusable as unusable:
        raise UsageError(what, why=str(unusable).removeprefix(f"{python}: "), fix=fix) from unusable
    return tuple(answer["setup_sql"])
