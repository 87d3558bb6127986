"""What proves a limit and a clock, on real servers: bytes that are moved, and a time that is told."""

from dataclasses import replace

import pytest

from chaoskit.errors import StackError
from chaoskit.faults.clock_skew import offset_ns
from chaoskit.protocols import Stream

pytestmark = pytest.mark.stack
MANY = 4 << 20
"""More than all buffers on the way hold, so that it has to leave piece by piece."""


@pytest.mark.parametrize("upstream", [True, False], ids=["there", "back"])
@pytest.mark.parametrize("name", ["eu-west.clients~us-east:1", "ap-south:1~us-east:1", "us-east.clients~eu-west:1"])
def test_a_known_number_of_bytes_is_carried_through_a_stream_and_timed(live_stack, name, upstream):
    (dial,) = [dial for dial in live_stack.plan.dials if dial.name == name]
    trip_s = live_stack.plan.scenario.stack.topology.rtt(dial.source.region, dial.target.region) / 1e9
    took_s = live_stack.stack.wan.carry(Stream(dial, upstream), MANY, timeout_s=20)
    assert took_s is not None
    assert took_s >= trip_s


def test_what_does_not_arrive_in_time_and_what_nobody_takes_is_told(live_stack):
    wan = live_stack.stack.wan
    stream = next(s for s in wan.streams() if s.dial.name == "ap-south.clients~us-east:1")
    assert wan.carry(stream, MANY, timeout_s=0.001) is None
    with pytest.raises(StackError, match="needs a packet filter"):
        wan.impair("step", {})


def test_a_server_on_this_machine_tells_the_time_of_this_machine(live_stack):
    told = [offset_ns(live_stack.stack.database.direct(node), live_stack.clock) for node in ("us-east/1", "eu-west/1")]
    assert all(offset is not None and abs(offset) < 200_000_000 for offset in told)


def test_a_server_that_is_not_there_tells_no_time(bare_postgres):
    assert offset_ns(replace(bare_postgres.target, port=1), bare_postgres.clock) is None
