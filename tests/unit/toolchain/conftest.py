"""Programs that are the planted defect, and folders that every account can reach."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

Program = Callable[[Path, str], Path]


@pytest.fixture
def program() -> Program:
    """Write a shell script that can be executed."""

    def write(path: Path, script: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def bare_env() -> Mapping[str, str]:
    """An environment in which nothing of ours is on PATH."""
    return {"PATH": "/nonexistent", "HOME": "/nonexistent"}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an unprivileged account can reach; pytest's own is closed."""
    folder = Path(tempfile.mkdtemp(prefix="chaoskit-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def root() -> None:
    """Skip where we are not root."""
    if os.geteuid() != 0:
        pytest.skip("only root drops to another account")
