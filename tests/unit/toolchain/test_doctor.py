import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from chaoskit.runtimes.local.room import PER_NODE_BYTES, choose
from chaoskit.toolchain import host
from chaoskit.toolchain.check import Check
from chaoskit.toolchain.doctor import examine


def by_name(env: Mapping[str, str]) -> Mapping[str, Check]:
    return {check.name: check for check in examine(env)}


def test_it_names_each_tool_its_version_and_where_it_was_found(open_folder: Path) -> None:
    checks = by_name({**os.environ, "CHAOSKIT_CACHE": str(open_folder)})
    assert {"python", "postgresql", "toxiproxy", "setpriv", "memory", "cores", "room for data"} <= set(checks)
    assert checks["postgresql"].ok
    assert checks["postgresql"].version
    assert "pginstall18" in checks["postgresql"].found


def test_every_missing_tool_comes_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaoskit.toolchain.go._wheel", lambda: None)
    env = {"PATH": "/nonexistent", "CHAOSKIT_CACHE": str(tmp_path), "CHAOSKIT_PG_BIN": "/nonexistent"}
    checks = by_name(env)
    assert not checks["postgresql"].ok
    assert not checks["toxiproxy"].ok
    assert "chaoskit[toolchain]" in checks["toxiproxy"].fix
    assert [check.name for check in checks.values() if not check.ok and not check.fix] == []


def test_a_cache_that_cannot_be_used_is_a_check_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for unusable in (tmp_path / "file" / "cache", tmp_path / "file"):
        check = by_name({"PATH": os.environ["PATH"], "CHAOSKIT_CACHE": str(unusable)})["cache"]
        assert not check.ok
        assert "CHAOSKIT_CACHE" in check.fix


def test_a_wrong_choice_is_told_apart_from_a_missing_tool(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "CHAOSKIT_CACHE": str(tmp_path), "CHAOSKIT_TOXIPROXY": "/bin/true"}
    check = by_name(env)["toxiproxy"]
    assert not check.ok
    assert "CHAOSKIT_TOXIPROXY=/bin/true" in check.found


def test_go_is_named_only_while_toxiproxy_has_to_be_built(tmp_path: Path) -> None:
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\necho go version go1.26.8 linux/amd64\n", encoding="utf-8")
    go.chmod(0o755)
    env = {"PATH": f"{go.parent}:/usr/bin:/bin", "CHAOSKIT_CACHE": str(tmp_path / "cache")}
    assert by_name(env)["go"].version == "1.26.8"
    server = go.with_name("toxiproxy-server")
    server.write_text("#!/bin/sh\necho toxiproxy-server version 2.12.0\n", encoding="utf-8")
    server.chmod(0o755)
    assert "go" not in by_name(env)
    assert by_name(env)["toxiproxy"].ok


def test_docker_is_never_needed(tmp_path: Path) -> None:
    check = by_name({"PATH": "/nonexistent", "CHAOSKIT_CACHE": str(tmp_path)})["docker"]
    assert check.ok
    assert "not needed" in check.found


def test_root_needs_setpriv(root: None) -> None:
    check = host.setpriv({"PATH": "/nonexistent"})
    assert not check.ok
    assert "util-linux" in check.fix


def test_room_is_where_a_run_of_three_nodes_would_put_its_data() -> None:
    chosen, check = choose(3), host.room()
    assert check.ok
    assert ("tmpfs" in chosen.filesystem) == ("tmpfs" in check.found)
    assert str(chosen.path) in check.found


def test_without_room_in_memory_the_disk_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "SHARED_MEMORY", tmp_path / "absent")
    check = host.room()
    assert check.ok
    assert "disk" in check.found
    assert "absent has 0.0 GiB" in check.found


def test_without_room_anywhere_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "ROOM_BYTES", 2**60)
    check = host.room()
    assert not check.ok
    assert "TMPDIR" in check.fix


def test_it_asks_for_the_room_that_three_nodes_take() -> None:
    assert host.ROOM_BYTES == 3 * PER_NODE_BYTES
