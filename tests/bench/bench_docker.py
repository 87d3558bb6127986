"""What chaoskit adds to Docker Compose: ``python tests/bench/bench_docker.py``.

The same three-region project is brought up until all replicas stream, and taken down, by chaoskit and by plain
``docker compose up --detach`` and ``down --volumes``, in turn. Prints the medians of both and what chaoskit spends its
time on; phases run side by side where they can, so they do not add up.
"""

import json
import os
import secrets
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from chaoskit.clock import MonotonicClock
from chaoskit.engine.journal import Journal
from chaoskit.errors import StackError
from chaoskit.model.plan import Plan
from chaoskit.planning import plan as plan_of
from chaoskit.processes import Launcher
from chaoskit.protocols import Target
from chaoskit.runtimes.docker import compose, estate, names
from chaoskit.runtimes.docker import stack as docker_stack
from chaoskit.runtimes.docker.client import connect
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.project import SUPERUSER, compose_project
from chaoskit.runtimes.docker.site import Site
from chaoskit.runtimes.postgres.replication import await_streaming
from chaoskit.scenario_file import parse
from chaoskit.wiring.docker import DockerKit, kit

ROUNDS = 5
BOUND_S = 1.0
SCENARIO = """
chaoskit: 1
name: bench
question: What does chaoskit add?
stack: {regions: [us-east, eu-west, ap-south], network: {rtt: {default: 40ms}}}
load: {users: {default: 1}}
duration: 60s
"""
PHASES = {
    "docker compose up": (compose, "up"),
    "the WAN's chains of toxics": (Site, "wan"),
    "the fence": (Site, "fence"),
    "until all servers answer and stream": (Site, "cluster"),
    "the fence tried from every node": (Site, "prove_fence"),
    "every other node tried from every node": (Site, "prove_isolation"),
    "logs kept": (docker_stack.Logs, "keep"),
    "removal": (estate, "remove"),
}
Times = dict[str, list[float]]


@contextmanager
def timed(times: Times, name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    times.setdefault(name, []).append(time.monotonic() - began)


@contextmanager
def watched(times: Times) -> Iterator[None]:
    """Time every phase of the runtime."""

    def instead(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **more: object) -> object:
            with timed(times, name):
                return real(*args, **more)

        return call

    patches = [patch.object(room, attr, instead(name, getattr(room, attr))) for name, (room, attr) in PHASES.items()]
    for one in patches:
        one.start()
    yield
    for one in patches:
        one.stop()


def planned() -> Plan:
    return plan_of(parse(SCENARIO, "bench.chaos.yaml"), seed=1, run=secrets.token_hex(3))


def ours(found: DockerKit, room: Path, times: Times) -> None:
    plan = planned()
    logs = room / plan.run / "logs"
    logs.mkdir(parents=True)
    journal = Journal(room / plan.run / "journal.ndjson", run=plan.run, index=room / "index")
    launcher = Launcher(run=plan.run, logs=logs, started=journal.process)
    runtime = found.runtime(journal, launcher, MonotonicClock(), logs)
    with watched(times):
        up = runtime.up(plan)
        with timed(times, "chaoskit up"):
            up.__enter__()
        with timed(times, "chaoskit down"):
            up.__exit__(None, None, None)
    journal.close()


def plain(found: DockerKit, room: Path, times: Times) -> None:
    plan = planned()
    chosen = docker_stack.choices(plan)
    file = room / f"{plan.run}.json"
    file.write_text(json.dumps(compose_project(plan, found.tools.blocks, chosen)))

    def composed(*words: str) -> None:
        argv = [*found.tools.compose, "--file", str(file), "--progress", "quiet", *words]
        subprocess.run(argv, env=dict(found.tools.env), check=True, capture_output=True)

    try:
        with timed(times, "plain up"):
            with timed(times, "plain up, docker compose alone"):
                composed("up", "--detach")
            await_streaming(primary(found, plan, chosen.password), 2, clock=MonotonicClock())
    finally:
        with timed(times, "plain down"):
            composed("down", "--volumes")


def primary(found: DockerKit, plan: Plan, password: str) -> Target:
    api, node = connect(found.address), plan.scenario.stack.topology.nodes[0]
    machine = Container(api, names.container(plan.run, names.machine(node)), clock=MonotonicClock())
    address = machine.address(f"{names.project(plan.run)}_{node.region}")
    api.close()
    return Target(host=address, port=names.PORT, user=SUPERUSER, password=password)


def main() -> None:
    times: Times = {}
    try:
        found = kit(os.environ, print)
    except StackError as error:
        print(f"not measured: {error.what}: {error.why}")
        return
    with tempfile.TemporaryDirectory(prefix="chaoskit-bench-") as room:
        for _ in range(ROUNDS):
            plain(found, Path(room), times)
            ours(found, Path(room), times)
    middle = {name: statistics.median(seen) for name, seen in times.items()}
    print(f"three regions, medians of {ROUNDS} rounds in s")
    for way in ("up", "down"):
        adds = middle[f"chaoskit {way}"] - middle[f"plain {way}"]
        told = "within" if adds <= BOUND_S else "beyond"
        print(f"{way:5} chaoskit {middle[f'chaoskit {way}']:6.2f}  plain {middle[f'plain {way}']:6.2f}", end="")
        print(f"  adds {adds:+.2f}: {told} the {BOUND_S:g} s that it may")
    print(f"plain docker compose up alone {middle['plain up, docker compose alone']:.2f}")
    for name in PHASES:
        print(f"  {middle[name]:6.2f}  {name}")


if __name__ == "__main__":
    main()
