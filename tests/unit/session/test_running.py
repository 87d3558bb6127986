"""What a run leaves behind is told to whoever made it."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chaoskit import scenario_file
from chaoskit.session.running import LEFT, Audience, Manner, Site, prepared
from chaoskit.session.trials import Chosen, trials

TEXT = """\
chaoskit: 1
name: quiet
question: Is anything left?
stack: {regions: [us-east]}
duration: 1s
"""
KIT: Any = SimpleNamespace(name="local", runtime=lambda *_: None)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def site(tmp_path: Path, said: list[str]) -> Callable[[], Any]:
    """The site of a run that nothing has been started on."""
    path = tmp_path / "quiet.chaos.yaml"
    path.write_text(TEXT)
    (trial,) = trials(Chosen(path=path, scenario=scenario_file.load(path), found=False), total=1, seed=1)
    audience = Audience(say=said.append, watching=lambda _name: nullcontext(lambda _progress: None))
    env = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    manner = Manner(report_dir=tmp_path, keep_stack=False, lock=False, sets=(), env=env, audience=audience)
    return lambda: prepared(trial, KIT, manner)


def unfinished(tmp_path: Path) -> list[Path]:
    return [*(tmp_path / "chaoskit" / "runs").glob("*.json")]


def leave(site: Site, data: Path) -> None:
    site.journal.directory(data)
    data.mkdir()


def test_a_run_that_leaves_something_says_so_and_clean_can_find_it(
    site: Callable[[], Any], said: list[str], tmp_path: Path
) -> None:
    with site() as one:
        leave(one, tmp_path / "data")
    assert said == [LEFT]
    assert len(unfinished(tmp_path)) == 1


def test_it_says_so_too_when_the_run_ends_in_an_error(site: Callable[[], Any], said: list[str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(FileExistsError), site() as one:
        leave(one, tmp_path / "data")
    assert said == [LEFT]


def test_a_run_that_leaves_nothing_says_nothing(site: Callable[[], Any], said: list[str], tmp_path: Path) -> None:
    with site() as one:
        leave(one, tmp_path / "data")
        (tmp_path / "data").rmdir()
    assert said == []
    assert unfinished(tmp_path) == []
