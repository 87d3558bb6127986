"""The schema that editors use agrees with what the parser accepts, key by key."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from chaoskit.scenario_file import ScenarioErrors, parse, resolved, schema

ROOT = Path(__file__).parents[3]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.chaos.yaml"))


def problems(text):
    validator = jsonschema.Draft202012Validator(schema())
    return [error.message for error in validator.iter_errors(YAML(typ="safe", pure=True).load(text))]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_every_scenario_is_valid_as_written_and_as_resolved(path):
    text = path.read_text()
    assert problems(text) == []
    assert problems(resolved(parse(text, str(path)))) == []


def test_the_file_that_scenarios_name_is_the_schema_of_today():
    assert json.loads((ROOT / "docs" / "scenario.schema.json").read_text()) == schema()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("question:", "quesiton:"),
        ("decide: 1s", "decide: 1"),
        ("replication: async", "replication: {quorum: {all: 1}}"),
        ("fault: region_loss", "fault: freeze"),
        ("until: end", "until: promoted"),
        ("lost_writes: {min: 1}", "lost_writes: {minimum: 1}"),
        ("lost_writes: {min: 1}", "lost_writes: {}"),
        ("failback: none", "failback: rewind"),
    ],
)
def test_what_the_parser_refuses_by_key_or_shape_the_schema_refuses_too(old, new):
    text = (ROOT / "scenarios" / "region-loss-async.chaos.yaml").read_text()
    assert old in text
    broken = text.replace(old, new, 1)
    with pytest.raises(ScenarioErrors):
        parse(broken, "broken.chaos.yaml")
    assert problems(broken)
