import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import filelock
import pytest

from chaoskit.errors import Exit, StackError
from chaoskit.toolchain.cache import cache_dir, once


def fill(directory: Path) -> None:
    (directory / "made").write_text("whole", encoding="utf-8")


def test_the_variable_decides_where_the_cache_is(tmp_path: Path) -> None:
    assert cache_dir({"CHAOSKIT_CACHE": str(tmp_path), "XDG_CACHE_HOME": "/elsewhere"}) == tmp_path


def test_a_relative_cache_is_where_it_was_named_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_dir({"CHAOSKIT_CACHE": "here"}) == tmp_path / "here"


def test_roots_cache_is_one_that_other_accounts_can_reach(root: None) -> None:
    assert cache_dir({"XDG_CACHE_HOME": "/root/.cache"}) == Path("/var/cache/chaoskit")


def test_a_users_cache_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert cache_dir({"XDG_CACHE_HOME": "/xdg"}) == Path("/xdg/chaoskit")
    assert cache_dir({}) == Path.home() / ".cache" / "chaoskit"
    assert cache_dir({"XDG_CACHE_HOME": "relative"}) == Path.home() / ".cache" / "chaoskit"


def test_two_first_runs_make_a_thing_once(tmp_path: Path) -> None:
    made: list[Path] = []
    together = Barrier(4)

    def make(directory: Path) -> None:
        made.append(directory)
        fill(directory)

    def first_run(_: int) -> str:
        together.wait(timeout=10)
        once(tmp_path / "thing", make)
        return (tmp_path / "thing" / "made").read_text(encoding="utf-8")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(first_run, range(4))) == ["whole"] * 4
    assert len(made) == 1


def test_what_failed_half_way_is_not_there_and_can_be_made_again(tmp_path: Path) -> None:
    def break_off(directory: Path) -> None:
        fill(directory)
        raise StackError("no")

    with pytest.raises(StackError, match="no"):
        once(tmp_path / "thing", break_off)
    assert not (tmp_path / "thing").exists()
    once(tmp_path / "thing", fill)
    assert (tmp_path / "thing" / "made").exists()


def test_what_a_killed_process_left_is_not_mixed_in(tmp_path: Path) -> None:
    left = tmp_path / ".thing.unfinished"
    left.mkdir()
    (left / "half").touch()
    once(tmp_path / "thing", fill)
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["made"]


def test_the_cache_is_open_to_other_accounts_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        once(tmp_path / "cache" / "kind" / "thing", fill)
    finally:
        os.umask(before)
    for directory in (tmp_path / "cache", tmp_path / "cache" / "kind", tmp_path / "cache" / "kind" / "thing"):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o755


def test_a_cache_that_cannot_be_written_to_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError) as caught:
        once(tmp_path / "file" / "thing", fill)
    assert caught.value.exit_code is Exit.ENVIRONMENT
    assert "CHAOSKIT_CACHE" in caught.value.fix


def test_a_cache_that_cannot_even_be_looked_at_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(StackError) as caught:
        once(tmp_path / ("x" * 300) / "thing", fill)
    assert "CHAOSKIT_CACHE" in caught.value.fix


def test_a_lock_held_too_long_is_named(tmp_path: Path) -> None:
    with filelock.FileLock(tmp_path / "thing.lock"), pytest.raises(StackError) as caught:
        once(tmp_path / "thing", fill, timeout_s=0)
    assert "holds its lock" in caught.value.why
