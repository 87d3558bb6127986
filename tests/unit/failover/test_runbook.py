from typing import cast

from chaoskit import planning, scenario_file
from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.failover.runbook import RunbookManager
from chaoskit.model.event import Event, Name
from chaoskit.model.plan import Dial
from chaoskit.model.scenario import Runbook
from chaoskit.protocols import Database, Router, Target, Wan, Witness

SCENARIO = """\
chaoskit: 1
name: crash
question: Who hears it?
stack:
  regions: [us-east, eu-west]
  network: {rtt: {default: 10ms}}
  failover: {runbook: {failback: none}}
duration: 10s
"""


class ForgetfulWan:
    """A WAN that knows its dials until the manager begins to work."""

    def __init__(self) -> None:
        self.forgotten = False

    def target(self, dial: Dial) -> Target:
        if self.forgotten:
            raise KeyError(dial.name)
        return Target(host="127.0.0.1", port=1, user="postgres", password="")


def test_a_manager_that_dies_is_heard() -> None:
    plan = planning.plan(scenario_file.parse(SCENARIO, "s"), seed=1, run="abc")
    settings = plan.scenario.stack.failover
    assert isinstance(settings, Runbook)
    heard: list[Event] = []
    wan, clock = ForgetfulWan(), MonotonicClock()
    manager = RunbookManager(
        plan,
        settings,
        cast(Wan, wan),
        cast(Router, None),
        database=cast(Database, None),
        witness=cast(Witness, None),
        clock=clock,
        emit=heard.append,
        stopped=lambda _node: False,
    )
    wan.forgotten = True
    manager.start()
    wait_for(lambda: None if heard else "silence", clock=clock, timeout_s=5, what="nobody heard it")
    manager.stop()
    assert heard[0].event is Name.BROKEN
    assert heard[0].detail["what"] == "the failover manager"
    assert str(heard[0].detail["why"]).startswith("KeyError")
    assert manager.primary() == "us-east/1"
