"""``chaoskit compose``: the stack of a scenario as a file for Docker Compose."""

import secrets
import sys
from pathlib import Path

from ruamel.yaml import YAML

from chaoskit import planning
from chaoskit.cli.selection import Filter, load
from chaoskit.errors import UsageError
from chaoskit.runtimes.docker.blocks import building_blocks
from chaoskit.runtimes.docker.project import compose_project
from chaoskit.runtimes.docker.stack import choices

HEAD = """\
# The stack of {name}, as chaoskit starts it: docker compose -f FILE up -d
# By hand there are no delays, no faults and no fence: chaoskit asks the WAN for them (127.0.0.1:{control}).
"""


def print_project(path: Path, sets: tuple[str, ...], wanted: Filter) -> None:
    """Print the project of a scenario as YAML.

    Raises:
        UsageError: The file is wrong, or it is not clear which of its variants is meant.
    """
    found = [one.scenario for one in wanted.keep(load([path], sets))]
    if len(found) > 1:
        fix = f"choose one by its name: -k '{found[0].title}'"
        raise UsageError(f"{path} holds {len(found)} stacks", why=", ".join(one.title for one in found), fix=fix)
    (scenario,) = found
    plan = planning.plan(scenario, seed=scenario.seed or 0, run=secrets.token_hex(3))
    chosen = choices(plan)
    sys.stdout.write(HEAD.format(name=scenario.title, control=chosen.control))
    yaml = YAML(typ="rt")
    yaml.width = 120
    yaml.representer.add_representer(str, _text)
    yaml.dump(compose_project(plan, building_blocks(), chosen), sys.stdout)


def _text(representer, text: str):  # type: ignore[no-untyped-def]
    """Files inside the project stay readable: they are blocks of lines."""
    style = "|" if "\n" in text else None
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)
