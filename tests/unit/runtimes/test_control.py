"""What is read from the words of PostgreSQL's tools, and from the titles of its processes."""

import pytest

from chaoskit.runtimes.postgres.control import beyond_fork, last_position, shut_down
from chaoskit.runtimes.postgres.titles import kind_is

CONTROL = """pg_control version number:            1800
Database cluster state:               {state}
Latest checkpoint location:           0/030000D8
Latest checkpoint's REDO location:    0/030000D8
Minimum recovery ending location:     {minimum}
"""
DIVERGED = "pg_rewind: servers diverged at WAL location 0/3000048 on timeline 1\npg_rewind: Done!\n"


def control(state="shut down", minimum="0/0"):
    return CONTROL.format(state=state, minimum=minimum)


@pytest.mark.parametrize(
    ("state", "clean"),
    [("shut down", True), ("shut down in recovery", True), ("in production", False), ("in archive recovery", False)],
)
def test_only_a_clean_shutdown_is_one(state, clean):
    assert shut_down(control(state)) is clean


def test_a_replica_knows_of_more_than_its_last_checkpoint():
    assert last_position(control()) == 0x30000D8
    assert last_position(control(minimum="0/3000150")) == 0x3000150
    assert last_position("nothing known") is None


def test_what_lies_beyond_the_fork_is_counted_in_bytes():
    assert beyond_fork(control(), DIVERGED) == 0xD8 - 0x48
    assert beyond_fork(control(minimum="1/0"), DIVERGED) == 2**32 - 0x3000048


def test_nothing_lies_beyond_where_no_rewind_was_required_and_unknown_words_are_not_guessed():
    assert beyond_fork(control(), "pg_rewind: no rewind required\n") == 0
    assert beyond_fork(control(), "pg_rewind: something new\n") is None
    assert beyond_fork("nothing known", DIVERGED) is None


@pytest.mark.parametrize(
    ("title", "process", "found"),
    [
        ("postgres: us-east/1: walreceiver streaming 0/3000060", "walreceiver", True),
        ("postgres: us-east/1: walreceiver", "walreceiver", True),
        ("postgres: us-east/1: background writer", "bgwriter", True),
        ("postgres: us-east/1: walsender chaoskit 127.0.0.1(4711) streaming 0/3000060", "walreceiver", False),
        ("postgres: us-east/1: chaoskit walreceiver 127.0.0.1(4711) idle", "walreceiver", False),
        ("postgres: us-east/1: walreceivers", "walreceiver", False),
    ],
)
def test_a_process_is_known_by_the_first_words_of_its_title(title, process, found):
    assert kind_is(title, "us-east/1", process) is found
