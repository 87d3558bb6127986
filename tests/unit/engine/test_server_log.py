"""Of a server's log the lines that tell a reader something are kept, at their own instants, without secrets."""

from datetime import UTC, datetime

import pytest

from chaoskit.engine.server_log import MOST_LINES, telling

EVER = (0, 2**62)


def line(second: int, process: str, text: str, level: str = "LOG") -> str:
    return f"2026-11-21 14:50:{second:02d}.382 GMT [26006] {process} 00000 {level}:  {text}\n"


def test_a_promotion_is_told_with_its_instant() -> None:
    (told,) = telling(line(20, "startup", "received promote request") + line(21, "checkpointer", "checkpoint"), *EVER)
    at = datetime(2026, 11, 21, 14, 50, 20, 382_000, tzinfo=UTC)
    assert (told.text, told.times) == ("startup: received promote request", 1)
    assert told.wall_ns == int(at.timestamp()) * 10**9 + 382_000_000


@pytest.mark.parametrize(("fraction", "ns"), [(".000000417", 417), (".5", 500_000_000), ("", 0)])
def test_where_an_engine_got_the_line_its_clock_counts_and_not_the_server_s(fraction: str, ns: int) -> None:
    got = f"2026-11-21T15:50:20{fraction}Z "
    (told,) = telling(got + line(20, "startup", "received promote request"), *EVER)
    at = datetime(2026, 11, 21, 15, 50, 20, tzinfo=UTC)
    assert (told.text, told.wall_ns) == ("startup: received promote request", int(at.timestamp()) * 10**9 + ns)


def test_what_repeats_itself_is_told_once_with_how_often() -> None:
    log = "".join(line(s, "client backend", "sorry, too many clients already", "FATAL") for s in range(30))
    (told,) = telling(log, *EVER)
    assert told.times == 30


def test_lines_that_differ_by_figures_alone_are_one_kind() -> None:
    log = "".join(
        line(s, "walreceiver", f"started streaming WAL from primary at 0/{s}00A on timeline {s}") for s in (1, 2)
    )
    (told,) = telling(log, *EVER)
    assert (told.times, told.text.endswith("0/100A on timeline 1")) == (2, True)


def test_what_was_written_before_or_after_the_load_is_left_out() -> None:
    whole = telling(line(20, "startup", "received promote request"), *EVER)
    assert telling(line(20, "startup", "received promote request"), whole[0].wall_ns + 1, 2**62) == ()
    assert telling(line(20, "startup", "received promote request"), 0, whole[0].wall_ns - 1) == ()


def test_a_panic_is_told_whatever_it_says_and_passwords_are_not() -> None:
    log = line(1, "postmaster", "cannot go on with password='s3cret' host='x'", "PANIC")
    (told,) = telling(log, *EVER)
    assert told.text == "postmaster: cannot go on with password=… host='x'"


def test_lines_that_are_none_of_a_log_are_passed_over() -> None:
    assert telling(line(61, "startup", "received promote request"), *EVER) == ()
    assert telling("\tbefore or while processing the request.\n\x00\nreceived promote request\n", *EVER) == ()


def test_a_server_that_says_ever_new_things_is_cut_short() -> None:
    words = [f"{a}{b}" for a in "ghijklmnop" for b in "qrstuvwxyz"]
    log = "".join(line(1, word, "received promote request") for word in words)
    assert len(telling(log, *EVER)) == MOST_LINES
