"""What one run that goes wrong does to the others."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from chaoskit.cli import series
from chaoskit.cli.selection import Filter
from chaoskit.cli.series import Request, run_series
from chaoskit.errors import Exit, StackError, UsageError
from chaoskit.session.running import Audience, Manner
from chaoskit.session.trials import Trial

Run = Callable[[Exception], tuple[Exit, list[str]]]
TEXT = "chaoskit: 1\nname: {name}\nquestion: q\nstack: {{regions: [us-east]}}\nduration: 5s\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run two scenarios of which each ends by an error; the exit code and who was begun."""
    files = [tmp_path / f"{name}.chaos.yaml" for name in ("one", "two")]
    for file in files:
        file.write_text(TEXT.format(name=file.name.partition(".")[0]))
    monkeypatch.setattr(series, "local_tools", lambda _env, _say: None)
    begun: list[str] = []

    def run(error: Exception) -> tuple[Exit, list[str]]:
        def end(trial: Trial, _tools: object, _manner: Manner) -> None:
            begun.append(trial.name)
            raise error

        monkeypatch.setattr(series, "run_trial", end)
        request = Request(paths=tuple(files), filter=Filter(), total=None, seed=7, exitfirst=False, json=False)
        audience = Audience(say=lambda _text: None, watching=lambda _name: nullcontext(lambda _progress: None))
        manner = Manner(report_dir=tmp_path / "r", keep_stack=False, lock=False, sets=(), env={}, audience=audience)
        return run_series(request, manner), begun

    return run


@pytest.mark.parametrize("error", [StackError("no disk"), ConnectionRefusedError("no server"), KeyError("bug")])
def test_a_run_that_ends_by_an_error_failed_nothing_and_the_next_one_begins(
    run: Run, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(series, "say", lambda text: told.append(str(text)))
    assert run(error) == (Exit.ENVIRONMENT, ["one", "two"])
    assert any(str(error) in text for text in told)


def test_a_file_that_is_wrong_ends_the_series(run: Run) -> None:
    with pytest.raises(UsageError):
        run(UsageError("your locustfile"))
