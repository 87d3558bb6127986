"""The CPU of a server is that of its first process, its children, and those that have ended."""

import os

import pytest

from chaoskit.runtimes.local.cpu import cpu_s

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc here")  # noqa: PTH112


def burn(until_s: float) -> None:
    while sum(os.times()[:2]) < until_s:
        sum(range(10_000))


def test_a_process_that_worked_has_used_cpu_and_that_of_its_ended_children() -> None:
    before_s = cpu_s(os.getpid())
    assert before_s is not None
    child = os.fork()
    if child == 0:
        burn(0.1)
        os._exit(0)
    os.waitpid(child, 0)
    after_s = cpu_s(os.getpid())
    assert after_s is not None
    assert after_s - before_s >= 0.08


def test_of_a_process_that_is_gone_nothing_can_be_told() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert cpu_s(child) is None
