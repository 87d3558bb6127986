"""What commands say of a file that holds several variants; nothing is started."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chaoskit.cli import app
from chaoskit.errors import UsageError

FILE = """\
chaoskit: 1
name: loss
question: q
stack:
  regions: [us-east, eu-west, ap-south]
  network: {rtt: {default: 10ms}}
timeline:
  cut: {at: 5s..8s, fault: partition, link: us-east <-> rest, for: 3s}
matrix:
  replication:
    async: {}
    any1: {stack: {replication: {quorum: {any: 1}}}, timeline: {cut: {mode: drop}}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "loss.chaos.yaml"
    path.write_text(FILE)
    return path


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def test_validate_checks_every_variant_and_says_how_many(path: Path) -> None:
    told = call("validate", path).stderr.splitlines()
    assert [line.removeprefix(f"{path}: ").partition(":")[0] for line in told] == [
        *["loss[async] is valid", "loss[any1] is valid", "2 variants"],
    ]


def test_a_warning_of_every_variant_is_told_once_and_of_one_with_its_name(path: Path) -> None:
    path.write_text(FILE.replace("async: {}", "async: {objectives: {rto: {max: 20ms}}}"))
    (warning,) = [line for line in call("validate", path).stderr.splitlines() if ": warning: " in line]
    assert warning.startswith(f"{path}: warning: loss[async]: ")
    path.write_text(FILE + "objectives: {rto: {max: 20ms}}\n")
    (warning,) = [line for line in call("validate", path).stderr.splitlines() if ": warning: " in line]
    assert "loss[" not in warning


def test_plan_shows_every_variant_under_one_seed_or_the_one_that_is_chosen(path: Path) -> None:
    plans = [json.loads(line) for line in call("plan", path, "--json").stdout.splitlines()]
    assert [(plan["scenario"], plan["variant"]) for plan in plans] == [("loss", "async"), ("loss", "any1")]
    assert len({plan["seed"] for plan in plans}) == len({plan["steps"][0]["at_ns"] for plan in plans}) == 1
    assert [plan["steps"][0]["deed"]["mode"] for plan in plans] == ["stall", "drop"]
    shown = call("plan", path, "-k", "any1").stdout
    assert "loss[any1]" in shown
    assert "loss[async]" not in shown


def test_compose_needs_one_variant_and_says_how_to_choose_it(path: Path) -> None:
    with pytest.raises(UsageError) as error:
        call("compose", path)
    assert (error.value.why, error.value.fix) == (
        "loss[async], loss[any1]",
        "choose one by its name: -k 'loss[async]'",
    )
    assert call("compose", path, "-k", "loss[async]").stdout.startswith("# The stack of loss[async], ")
