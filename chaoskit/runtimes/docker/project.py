"""The Compose project of a plan, put together from the building blocks of ``compose/services.yaml``. Pure."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from chaoskit.model.plan import Dial, Plan
from chaoskit.model.topology import Node, Role
from chaoskit.planning.routes import initial
from chaoskit.protocols import Target
from chaoskit.runtimes.docker import names
from chaoskit.runtimes.docker.ownership import labels
from chaoskit.runtimes.postgres.config import Reach, hba, postgresql_conf
from chaoskit.runtimes.postgres.replication import slots

SUPERUSER = "chaoskit"
REACH = Reach(
    listen="*", sockets="/var/run/postgresql", clients="all", wal="256MB"
)  # of the 768 MB of `volumes: data` in services.yaml
ALONE = f"{names.CONFIG}/alone"  # words that a server is started with, one a line; services.yaml has who reads them
SLOTS = "/docker-entrypoint-initdb.d/slots.sql"
FAKETIME = "CHAOSKIT_FAKETIME"
WAN_CONFIG = f"{names.CONFIG}/wan.json"
IMAGE = "CHAOSKIT_POSTGRES_IMAGE"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a project does not take from its plan.

    Attributes:
        ports: By the name of a dial or an endpoint; the same number on the host and in the WAN.
        control: The port of the WAN's API.
        password: Of the superuser.
        skewable: Whether a server's clock can be made wrong.
        subnets: Address ranges by region; where a region has none, the engine chooses.
    """

    ports: Mapping[str, int]
    control: int
    password: str
    skewable: bool = False
    subnets: Mapping[str, IPv4Network] = field(default_factory=dict)


def compose_project(plan: Plan, blocks: Mapping[str, Any], choices: Choices) -> Json:
    """Return the project as Compose reads it; ``blocks`` is ``services.yaml``, whose variables are kept."""
    topology = plan.scenario.stack.topology
    kit = _Kit(plan, blocks, choices)
    services = {names.WAN: kit.wan(), names.GUARD: kit.guard()}
    for node in topology.nodes:
        services |= {names.machine(node): kit.machine(node), names.server(node): kit.server(node)}
    return {
        "name": names.project(plan.run),
        "services": {name: kit.named(name, service) for name, service in services.items()},
        "networks": {names.EDGE: {"labels": kit.labels("edge")}}
        | {region: kit.region(region) for region in topology.regions},
        "volumes": {names.machine(node): kit.disk(node) for node in topology.nodes},
        "configs": kit.configs(),
    }


class _Kit:
    """Makes the parts of one project."""

    def __init__(self, plan: Plan, blocks: Mapping[str, Any], choices: Choices) -> None:
        self._plan, self._blocks, self._choices = plan, blocks, choices
        self._topology = plan.scenario.stack.topology

    def labels(self, role: str, **more: str) -> Json:
        return dict(labels(self._plan.run, role=role, **more))

    def named(self, name: str, service: Json) -> Json:
        """A service whose container is called as we look for it, whatever Compose is set to."""
        return service | {"container_name": names.container(self._plan.run, name)}

    def wan(self) -> Json:
        published = sorted([self._choices.control, *self._choices.ports.values()])
        return self._block("wan") | {
            "labels": self.labels("wan"),
            "command": [
                "-host=0.0.0.0",
                f"-port={self._choices.control}",
                "-proxy-metrics",
                f"-config={names.CONFIG}/wan.json",
            ],
            "networks": {names.EDGE: {"priority": 1000}} | {region: {} for region in self._topology.regions},
            "ports": [f"127.0.0.1:{port}:{port}" for port in published],
            "configs": [_file("wan", "wan.json")],
        }

    def guard(self) -> Json:
        return self._block("guard") | {"labels": self.labels("guard")}

    def machine(self, node: Node) -> Json:
        return self._image("machine") | {
            "labels": self.labels("machine", node=node.name),
            "networks": [node.region],
            "volumes": [f"{names.machine(node)}:{names.DISK}"],
            "configs": self._settings(node),
        }

    def server(self, node: Node) -> Json:
        block = self._image("server")
        service = block | {
            "labels": self.labels("server", node=node.name),
            "network_mode": f"service:{names.machine(node)}",
            "volumes": [f"{names.machine(node)}:{names.DISK}"],
            "environment": block["environment"] | {"POSTGRES_PASSWORD": self._choices.password},
            "entrypoint": ["bash", f"{names.CONFIG}/server.sh"],
            "configs": [*self._settings(node), _file("server", "server.sh")],
        }
        if self._plan.scenario.stack.postgres_version >= 16:
            service["environment"]["POSTGRES_INITDB_ARGS"] += " --set scram_iterations=1"
        if self._choices.skewable:
            service["environment"][FAKETIME] = "1"
        if node.name == self._topology.primary:
            service["configs"].append({"source": "slots", "target": SLOTS})
        else:
            service["environment"]["CHAOSKIT_UPSTREAM"] = self._upstream(node, password="")
        return service

    def region(self, region: str) -> Json:
        network = {"internal": True, "labels": self.labels("region")}
        if (subnet := self._choices.subnets.get(region)) is None:
            return network
        return network | {"ipam": {"config": [{"subnet": str(subnet), "gateway": str(subnet[1])}]}}

    def disk(self, node: Node) -> Json:
        return deepcopy(dict(self._blocks["volumes"]["data"])) | {"labels": self.labels("disk", node=node.name)}

    def configs(self) -> Json:
        files = {"hba": hba(REACH), "wan": json.dumps(self._proxies()), "slots": self._slots()}
        for node in self._topology.nodes:
            upstream = self._upstream(node, password=self._choices.password)
            conf = postgresql_conf(self._plan, node, REACH, port=names.PORT, upstream=upstream)
            files[f"{names.server(node)}.conf"] = conf
        ours = {name: {"content": text.replace("$", "$$")} for name, text in files.items()}
        return deepcopy(dict(self._blocks["configs"])) | ours

    def _slots(self) -> str:
        """What the first primary needs before a replica can stream from it, whoever brings it up."""
        kept = slots(self._topology)[self._topology.primary]
        return "".join(f"SELECT pg_create_physical_replication_slot('{slot}');\n" for slot in kept)

    def _settings(self, node: Node) -> list[Json]:
        return [_file(f"{names.server(node)}.conf", "node.conf"), _file("hba", "hba.conf")]

    def _upstream(self, node: Node, *, password: str) -> str:
        """How a node would find the first primary through the WAN; "" for the primary itself."""
        for dial in self._plan.dials:
            if (dial.source.name, dial.target.name) == (node.name, self._topology.primary):
                port = self._choices.ports[dial.name]
                target = Target(host=names.WAN, port=port, user=SUPERUSER, password=password)
                words = target.conninfo(application_name=node.name)
                return words if password else words.replace("password='' ", "")
        return ""

    def _proxies(self) -> list[Json]:
        """What the WAN begins with: every dial and every endpoint, undelayed."""
        ports = self._choices.ports
        behind = {dial.name: self._behind(dial) for dial in self._plan.dials}
        ahead = {name: f"127.0.0.1:{ports[dial.name]}" for name, dial in initial(self._plan).items()}
        return [
            {"name": name, "listen": f"0.0.0.0:{ports[name]}", "upstream": upstream, "enabled": True}
            for name, upstream in (behind | ahead).items()
        ]

    def _behind(self, dial: Dial) -> str:
        if dial.target.role is Role.CLIENTS:
            return f"127.0.0.1:{self._choices.control}"
        node = next(node for node in self._topology.nodes if node.name == dial.target.name)
        return f"{names.machine(node)}:{names.PORT}"

    def _block(self, name: str) -> Json:
        return deepcopy(dict(self._blocks["services"][name]))

    def _image(self, name: str) -> Json:
        """A block on PostgreSQL's image, of the version that the scenario asks for where none is chosen."""
        version = self._plan.scenario.stack.postgres_version
        return self._block(name) | {"image": f"${{{IMAGE}:-postgres:{version}}}"}


def _file(source: str, name: str) -> Json:
    return {"source": source, "target": f"{names.CONFIG}/{name}"}
