"""YAML text to Scenarios and back: the file's keys, its words, and the position of every error."""

from chaoskit.scenario_file.json_schema import schema
from chaoskit.scenario_file.problems import Problem, ScenarioErrors
from chaoskit.scenario_file.resolved import resolved
from chaoskit.scenario_file.whole import load, load_all, parse, parse_all

__all__ = ["Problem", "ScenarioErrors", "load", "load_all", "parse", "parse_all", "resolved", "schema"]
