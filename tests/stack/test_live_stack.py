"""A live stack that is driven by hand: what it says of its faults is so, and nothing of it stays."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from chaoskit import scenario_file
from chaoskit.clock import NS, MonotonicClock, wait_for
from chaoskit.engine.journal import index_directory
from chaoskit.errors import UsageError
from chaoskit.protocols import Target
from chaoskit.session.live import LiveStack, live
from chaoskit.session.running import Audience, Manner
from chaoskit.session.trials import Chosen, draw_seed, trials
from chaoskit.sql import Unanswered, ask
from chaoskit.wiring.local import LocalKit

pytestmark = [pytest.mark.stack, pytest.mark.slow]

TEXT = """\
chaoskit: 1
name: by-hand
question: Does it do as it is told?
seed: 7
stack:
  regions: [us-east, eu-west]
  replication: async
  failover: {runbook: {detect: {every: 200ms, failures: 3, timeout: 400ms}, decide: 0s, failback: none}}
  network: {rtt: {default: 20ms}}
timeline:
  never: {at: 1s, fault: region_loss, target: us-east, until: end}
duration: 5s
objectives:
  rto: {step: never, max: 10s}
"""


@pytest.fixture(scope="module")
def up(runtime: LocalKit, quiet_host: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """Bring a stack up under some ``PATH=VALUE``; the machine is ours already."""

    def bring(*sets: str) -> Any:
        home = tmp_path_factory.mktemp("live")
        path = home / "by-hand.chaos.yaml"
        path.write_text(TEXT)
        (trial,) = trials(
            Chosen(path=path, scenario=scenario_file.load(path, sets), found=False), total=1, seed=draw_seed()
        )
        audience = Audience(say=print, watching=lambda _name: nullcontext(lambda _progress: None))
        env = os.environ | {"XDG_STATE_HOME": str(home)}
        manner = Manner(report_dir=home, keep_stack=False, lock=False, sets=sets, env=env, audience=audience)
        return live(trial, runtime, manner)

    return bring


@pytest.fixture(scope="module")
def stack(up: Callable[[], Any]) -> Iterator[LiveStack]:
    """One for all tests that leave it as it was; nobody fails over."""
    with up("stack.failover=none") as stack:
        yield stack


def trip_s(target: Target) -> float:
    """The quickest of three answers, connecting included."""
    clock = MonotonicClock()
    taken = []
    for _ in range(3):
        began_ns = clock.now_ns()
        assert ask(target, ["SELECT 1"], clock=clock, timeout_s=5)[0].sqlstate is None
        taken.append((clock.now_ns() - began_ns) / NS)
    return min(taken)


def test_a_fault_stands_inside_its_block_and_nowhere_else(stack: LiveStack) -> None:
    eu_west = stack.endpoints["eu-west"].write
    before_s = trip_s(eu_west)
    with stack.fault("latency", link="us-east <-> eu-west", add="200ms") as struck:
        assert struck.resolved == "us-east <-> eu-west"
        assert trip_s(eu_west) >= before_s + 0.2
    assert trip_s(eu_west) < before_s + 0.2


def test_faults_overlap(stack: LiveStack) -> None:
    eu_west, us_east = (stack.endpoints[region].write for region in ("eu-west", "us-east"))
    with stack.fault("latency", link="us-east <-> eu-west", factor=3):
        with stack.fault("partition", link="primary -> eu-west.clients", mode="drop"):
            with pytest.raises(Unanswered):
                ask(eu_west, ["SELECT 1"], clock=MonotonicClock(), timeout_s=0.5)
            assert trip_s(us_east) > 0
        assert trip_s(eu_west) > 0.06


def test_a_test_that_fails_inside_a_block_leaves_a_healthy_stack(stack: LiveStack) -> None:
    def fail() -> None:
        with stack.fault("crash", target="eu-west/1"):
            raise KeyError("the test's own")

    with pytest.raises(KeyError, match="the test's own"):
        fail()
    assert trip_s(stack.endpoints["eu-west"].read) > 0


@pytest.mark.parametrize(
    ("word", "keys", "told"),
    [
        ("partitoin", {"link": "us-east <-> eu-west"}, "did you mean `partition`"),
        ("partition", {"link": "us-east <-> mars"}, "mars"),
        ("latency", {"link": "us-east <-> eu-west", "add": 200}, "has no unit"),
    ],
)
def test_a_fault_that_no_timeline_could_name_is_refused(
    stack: LiveStack, word: str, keys: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told), stack.fault(word, **keys):
        pass


def test_a_lost_region_is_failed_over_and_nothing_stays(up: Callable[[], Any]) -> None:
    with up() as stack:
        directory, eu_west = stack.run_dir, stack.endpoints["eu-west"].write
        left = stack.fault("region_loss", target="us-east")
        left.__enter__()  # and never left: the stack heals it when it goes
        clock = MonotonicClock()

        def not_writable() -> str | None:
            try:
                reply = ask(eu_west, ["SELECT pg_is_in_recovery()"], clock=clock, timeout_s=1)[0]
            except Unanswered as error:
                return str(error)
            return None if reply.rows == (("f",),) else str(reply.rows or reply.message)

        wait_for(not_writable, clock=clock, timeout_s=60, what="eu-west takes no writes")
        assert stack.primary == "eu-west/1"
    lines = (directory / "events.ndjson").read_text().splitlines()
    words = [json.loads(line)["event"] for line in lines]
    assert words.index("start") < words.index("promoted") < words.index("end")
    assert not [*Path(index_directory({"XDG_STATE_HOME": str(directory.parents[1])})).glob("*")]
