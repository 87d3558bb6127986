"""What the WAN itself takes to answer tells how busy the machine is, and nothing of its links."""

import signal

import pytest

from chaoskit.model.fault import Mode

pytestmark = pytest.mark.stack
MS = 1_000_000


def test_no_fault_shows_in_it(lab):
    for key, mode in (("stall", Mode.STALL), ("drop", Mode.DROP), ("refuse", Mode.REFUSE)):
        lab.wan.slow(f"slow {key}", dict.fromkeys(lab.wan.streams(), 2_000 * MS))
        lab.wan.cut(key, lab.wan.streams(), mode)
        assert lab.wan.pulse(1) is not None


def test_a_wan_that_stands_still_shows_in_it(lab):
    lab.process.popen.send_signal(signal.SIGSTOP)
    try:
        assert lab.wan.pulse(0.2) is None
    finally:
        lab.process.popen.send_signal(signal.SIGCONT)
    lab.until(lambda: lab.wan.pulse(1) is not None, "it answers again")
