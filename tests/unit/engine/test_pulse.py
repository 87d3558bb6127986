"""The WAN's own answers are kept, those that were waited for in vain with the time that was waited."""

import json
from threading import Event

from chaoskit.clock import MonotonicClock
from chaoskit.engine.pulse import TIMEOUT_S, Pulse


class Scripted:
    """A WAN that answers as it is told, then at once."""

    def __init__(self, *answers):
        self._answers, self.asked_out = [*answers], Event()

    def pulse(self, timeout_s):
        assert timeout_s == TIMEOUT_S
        if self._answers:
            return self._answers.pop(0)
        self.asked_out.set()
        return 0.0


def test_each_answer_is_a_line(tmp_path):
    wan, path, clock = Scripted(0.0012, None), tmp_path / "pulse.ndjson", MonotonicClock()
    pulse = Pulse(path, wan, clock)
    pulse.start()
    assert wan.asked_out.wait(30)
    pulse.stop()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["took_s"] for row in rows][:2] == [0.0012, TIMEOUT_S]
    instants_ns = [row["t_ns"] for row in rows]
    assert instants_ns == sorted(instants_ns)
    assert 0 < instants_ns[0] < instants_ns[-1] < clock.now_ns()


def test_one_that_was_never_started_can_be_stopped_twice(tmp_path):
    pulse = Pulse(tmp_path / "pulse.ndjson", Scripted(), MonotonicClock())
    pulse.stop()
    pulse.stop()
    assert (tmp_path / "pulse.ndjson").read_text() == ""
