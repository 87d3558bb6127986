"""What a scenario needs of the machine, beyond what every run needs."""

from chaoskit.model.scenario import Scenario
from chaoskit.runtimes.local.stack import Tools


def unmet(scenario: Scenario, tools: Tools) -> str | None:
    """Why this machine cannot run the scenario; None: it can."""
    if scenario.stack.postgres_version == tools.postgres_major:
        return None
    found = tools.versions["postgresql"]
    return f"it needs PostgreSQL {scenario.stack.postgres_version}, and the one found is {found}"
