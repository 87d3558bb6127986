"""Who hears Ctrl-C."""

import signal
from concurrent.futures import ThreadPoolExecutor

from chaoskit.session.interrupts import interruptible


def test_a_signal_sets_the_flag_and_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    said: list[str] = []
    with interruptible(said.append) as interrupted:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert interrupted.is_set()
    assert [line.partition(":")[0] for line in said] == ["interrupted", "still healing"]
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_nothing_interrupts() -> None:
    def flag() -> bool:
        with interruptible(print) as interrupted:
            return interrupted.is_set()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(flag).result() is False
