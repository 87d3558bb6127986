from collections.abc import Callable

import pytest

from chaoskit.model.scenario import Scenario
from chaoskit.scenario_file import ScenarioErrors, parse

STACK = """\
stack:
  regions: [us-east, eu-west, ap-south]
  network: {rtt: {us-east <-> eu-west: 80ms, us-east <-> ap-south: 200ms, eu-west <-> ap-south: 130ms}}
"""
HEAD = "chaoskit: 1\nname: s\nquestion: What happens?\n"


@pytest.fixture
def errors() -> Callable[[str], list[str]]:
    """Return the problems of a file as ``line:column message (hint)``; none where it is sound."""

    def collect(text: str) -> list[str]:
        try:
            parse(text, "s.chaos.yaml")
        except ScenarioErrors as error:
            return [f"{p.line}:{p.column} {p.message}" + (f" ({p.hint})" if p.hint else "") for p in error.problems]
        return []

    return collect


@pytest.fixture
def errors_in(errors: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The same for a text put behind a sound head and stack (lines 1 to 6), with a duration at the very end."""
    return lambda text: errors(f"{HEAD}{STACK}{text}\nduration: 60s\n")


@pytest.fixture
def errors_in_stack(errors: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The same for keys of ``stack``, which begin on line 7."""

    def collect(text: str) -> list[str]:
        indented = "".join(f"  {line}\n" for line in text.splitlines())
        return errors(f"{HEAD}{STACK}{indented}duration: 60s\n")

    return collect


@pytest.fixture
def errors_of_steps(errors: Callable[[str], list[str]]) -> Callable[..., list[str]]:
    """The same for the steps of a map, which begin on line 9, of a stack with a runbook in eu-west."""

    def collect(*steps: str) -> list[str]:
        lines = "".join(f"  {step}\n" for step in steps)
        return errors(f"{HEAD}{STACK}  failover: runbook\ntimeline:\n{lines}duration: 60s\n")

    return collect


@pytest.fixture
def sound() -> Callable[[str], Scenario]:
    """Parse keys put behind a sound head and stack."""
    return lambda text: parse(f"{HEAD}{STACK}{text}\n", "s.chaos.yaml")
