"""What the plugin was asked for: options, else ini options, else defaults."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from chaoskit.model.runtime import RuntimeName


class Inconclusive(StrEnum):
    """What an inconclusive run is to pytest."""

    FAIL = "fail"
    SKIP = "skip"
    XFAIL = "xfail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How runs are made. ``trials`` and ``seed`` None: as each file says. ``report_dir`` is absolute."""

    report_dir: Path
    trials: int | None
    seed: int | None
    runtime: RuntimeName
    keep_stack: bool
    lock: bool
    inconclusive: Inconclusive


def settings(config: pytest.Config) -> Settings:
    """Read them.

    Raises:
        pytest.UsageError: One of them means nothing.
    """
    return Settings(
        report_dir=_report_dir(config),
        trials=_count(config, "trials", least=1),
        seed=_count(config, "seed", least=0),
        runtime=_runtime(config),
        keep_stack=bool(_value(config, "chaoskit_keep_stack")),
        lock=not _value(config, "chaoskit_no_lock"),
        inconclusive=_inconclusive(config),
    )


def _value(config: pytest.Config, name: str) -> Any:
    asked = config.getoption(name)
    return config.getini(name) if asked is None else asked


def _report_dir(config: pytest.Config) -> Path:
    """What the command line names is sought where it was typed, the rest beside the ini file."""
    asked = config.getoption("chaoskit_report_dir")
    if asked is not None:
        return config.invocation_params.dir / str(asked)
    return config.rootpath / str(config.getini("chaoskit_report_dir"))


def _runtime(config: pytest.Config) -> RuntimeName:
    asked = str(_value(config, "chaoskit_runtime"))
    try:
        return RuntimeName(asked)
    except ValueError as error:
        raise pytest.UsageError(f"chaoskit: no runtime {asked}; one of {', '.join(RuntimeName)}") from error


def _count(config: pytest.Config, what: str, *, least: int) -> int | None:
    asked = _value(config, f"chaoskit_{what}")
    if asked in (None, ""):
        return None
    if not str(asked).isdigit() or int(asked) < least:
        raise pytest.UsageError(f"chaoskit {what}: {asked} is not a whole number from {least} on")
    return int(asked)


def _inconclusive(config: pytest.Config) -> Inconclusive:
    asked = _value(config, "chaoskit_inconclusive")
    if asked not in set(Inconclusive):
        raise pytest.UsageError(f"chaoskit_inconclusive = {asked}: one of {', '.join(Inconclusive)}")
    return Inconclusive(asked)
