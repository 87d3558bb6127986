"""The Compose project of a plan, and the script that its servers begin with."""

import os
import subprocess
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from chaoskit.model.plan import Plan
from chaoskit.planning import plan
from chaoskit.runtimes.docker import names
from chaoskit.runtimes.docker.blocks import building_blocks
from chaoskit.runtimes.docker.project import ALONE, compose_project
from chaoskit.runtimes.docker.stack import choices
from chaoskit.scenario_file import parse

SAY = '#!/bin/sh\nprintf "%s\\n" "$@"\n'
COPY = '#!/bin/sh\nmkdir -p "$PGDATA" && echo 18 > "$PGDATA/PG_VERSION" && echo copied\n'


def planned_for(stack: str) -> Plan:
    text = f"chaoskit: 1\nname: s\nquestion: q\nduration: 90s\nstack:\n  regions: [us-east, eu-west]\n  {stack}\n"
    return plan(parse(text, "s.chaos.yaml"), seed=1, run="abcdef")


@pytest.fixture
def project() -> Callable[..., Mapping[str, Any]]:
    def build(stack: str = "replication: async") -> Mapping[str, Any]:
        planned = planned_for(stack)
        return compose_project(planned, building_blocks(), choices(planned))

    return build


@pytest.fixture
def begin(project: Callable[..., Mapping[str, Any]], tmp_path: Path) -> Callable[..., list[str]]:
    """Run the servers' first script, the image's programs around it replaced; what they say."""
    for name, text in {"docker-entrypoint.sh": SAY, "pg_basebackup": COPY}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o700)
    script = project()["configs"]["server"]["content"].replace("$$", "$").replace(names.CONFIG, str(tmp_path))

    def run(**env: str) -> list[str]:
        around = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "PGDATA": str(tmp_path / "data"),
            "POSTGRES_PASSWORD": "p",
        }
        argv = ["bash", "-c", script, "server.sh", "postgres", "-c", "a=1"]
        return subprocess.run(argv, env=around | env, capture_output=True, text=True, check=True).stdout.splitlines()

    return run


def test_a_server_is_started_with_its_own_words(begin: Callable[..., list[str]]) -> None:
    assert begin() == ["postgres", "-c", "a=1"]


def test_a_replica_copies_its_primary_once(begin: Callable[..., list[str]]) -> None:
    assert begin(CHAOSKIT_UPSTREAM="host=wan") == ["copied", "postgres", "-c", "a=1"]
    assert begin(CHAOSKIT_UPSTREAM="host=wan") == ["postgres", "-c", "a=1"]


def test_the_words_of_a_server_that_is_read_alone_come_last(begin: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / Path(ALONE).name).write_text("-c\nprimary_conninfo=\n-c\nb=two words\n")
    assert begin() == ["postgres", "-c", "a=1", "-c", "primary_conninfo=", "-c", "b=two words"]
    (tmp_path / Path(ALONE).name).write_text("")
    assert begin() == ["postgres", "-c", "a=1"]


def test_every_server_begins_with_that_script(project: Callable[..., Mapping[str, Any]]) -> None:
    for service in ("us-east-1", "eu-west-1"):
        server = project()["services"][service]
        assert server["entrypoint"] == ["bash", f"{names.CONFIG}/server.sh"]
        assert {"source": "server", "target": f"{names.CONFIG}/server.sh"} in server["configs"]


@pytest.mark.parametrize("version", [16, 18])
def test_the_image_is_of_the_version_that_the_scenario_asks_for(
    project: Callable[..., Mapping[str, Any]], version: int
) -> None:
    services = project(f"postgres: {{version: {version}}}")["services"]
    images = {services[name]["image"] for name in ("us-east-1", "us-east-1-machine", "eu-west-1")}
    assert images == {f"${{CHAOSKIT_POSTGRES_IMAGE:-postgres:{version}}}"}


def test_an_image_of_the_building_blocks_is_replaced_whatever_its_default_is() -> None:
    blocks = deepcopy(dict(building_blocks()))
    blocks["services"]["server"]["image"] = "${CHAOSKIT_POSTGRES_IMAGE:-postgres:19}"
    planned = planned_for("replication: async")
    made = compose_project(planned, blocks, choices(planned))
    assert made["services"]["us-east-1"]["image"] == "${CHAOSKIT_POSTGRES_IMAGE:-postgres:18}"


def test_containers_are_called_as_they_are_looked_for_however_compose_would_call_them(
    project: Callable[..., Mapping[str, Any]],
) -> None:
    called = {name: service["container_name"] for name, service in project()["services"].items()}
    assert called == {name: names.container("abcdef", name) for name in called}
    assert len(set(called.values())) == 6
