"""Who follows runs from outside, as the command line asked."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chaoskit.cli.monitors import monitors
from chaoskit.errors import UsageError
from chaoskit.monitoring.annotator import Annotating
from chaoskit.monitoring.grafana import TOKEN

ROOT = Path(__file__).parents[3]
WITHOUT = """
import sys
sys.modules["prometheus_client"] = None
from chaoskit.cli import main
main()
"""
LATE = """
import sys
import chaoskit.cli.monitors, chaoskit.cli.series
sys.exit(" ".join(name for name in sys.modules if name.startswith(("prometheus_client", "chaoskit.monitoring"))))
"""


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", code, *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_nobody_follows_unless_somebody_asked() -> None:
    with monitors(prometheus=None, grafana=None, env={TOKEN: "of no use"}) as asked:
        assert asked == ()


def test_a_missing_extra_is_an_error_with_the_line_that_installs_it() -> None:
    done = python(WITHOUT, "run", "scenarios/baseline.chaos.yaml", "--prometheus", "0")
    assert (done.returncode, done.stdout) == (3, "")
    assert "--prometheus needs prometheus-client" in done.stderr
    assert "fix: pip install 'chaoskit[metrics]'" in done.stderr


def test_a_busy_port_ends_the_command_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        where = ("--prometheus", str(other.getsockname()[1]), "--report-dir", str(tmp_path / "reports"))
        done = python("from chaoskit.cli import main; main()", "run", "scenarios/baseline.chaos.yaml", *where)
    assert (done.returncode, done.stdout) == (3, "")
    assert "cannot serve metrics on 127.0.0.1" in done.stderr
    assert not (tmp_path / "reports").exists()


def test_what_is_not_asked_for_is_not_imported() -> None:
    assert python(LATE).stderr.strip() == ""


def test_a_grafana_s_words_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with monitors(prometheus=None, grafana="http://localhost:3000", env={}) as (asked,):
        assert isinstance(asked, Annotating)
        asked.say("it answered 500 \x1b[2J[red]")
    assert capsys.readouterr().err == "it answered 500 ␛[2J[red]\n"


def test_the_token_comes_from_the_environment_and_is_checked_there() -> None:
    with (
        pytest.raises(UsageError, match=TOKEN),
        monitors(prometheus=None, grafana="http://localhost:3000", env={TOKEN: "two words"}),
    ):
        pass
