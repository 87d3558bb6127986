"""A probe ends at its deadline; its operation ends when it is answered."""

import pytest

from chaoskit.load.attempt import Who
from chaoskit.load.ending import Ending, unknown
from chaoskit.load.lane import LaneLog
from chaoskit.load.orders import FAILED, Lane
from chaoskit.load.recorder import Recorder
from chaoskit.load.streams import read_streams
from chaoskit.model.history import Outcome
from chaoskit.sql import Reply

TIMEOUT_NS = 100


class Book:
    """A lane's log and what it has recorded."""

    def __init__(self, path, operation="read"):
        self.path, self.recorder = path, Recorder(path)
        lane = Lane(operation=operation, connection="established", interval_ns=10, phase_ns=0)
        who = Who(client="us-east.probes", region="us-east", host="h")
        self.log = LaneLog(lane, who, self.recorder, keys=3, timeout_ns=TIMEOUT_NS)

    def rows(self):
        self.recorder.close()
        return read_streams([self.path])[0].to_pylist()


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "a.arrow")


def answered(at_ns):
    reply = Reply(rows=(("v", "7", "us-east/1", "0000000a"),), returned_ns=at_ns)
    return Ending(outcome=Outcome.OK, returned_ns=at_ns, replies=(reply,))


def test_an_answer_in_time_is_a_successful_probe(book):
    flight = book.log.start(0, 2)
    book.log.over(flight, answered(TIMEOUT_NS))
    assert book.log.take_ticks() == [(0, TIMEOUT_NS)]
    assert book.log.pending() == []
    (row,) = book.rows()
    assert (row["scheduled_ns"], row["invoked_ns"], row["returned_ns"]) == (0, 2, TIMEOUT_NS)
    assert (row["value"], row["version"], row["node"], row["pg_timeline"]) == ("v", 7, "us-east/1", 10)


def test_an_answer_after_the_deadline_is_a_failed_probe_and_an_operation_that_succeeded_late(book):
    flight = book.log.start(0, 0)
    assert list(book.log.expire(TIMEOUT_NS)) == [flight]
    assert book.log.take_ticks() == [(0, FAILED)]
    book.log.over(flight, answered(5 * TIMEOUT_NS))
    assert book.log.take_ticks() == []
    (row,) = book.rows()
    assert (row["outcome"], row["returned_ns"]) == ("ok", 5 * TIMEOUT_NS)


def test_a_late_answer_that_is_seen_before_the_deadline_was_noticed_is_a_failed_probe_too(book):
    book.log.over(book.log.start(0, 0), answered(TIMEOUT_NS + 1))
    assert book.log.take_ticks() == [(0, FAILED)]


def test_the_first_reply_in_time_is_a_successful_probe_however_long_the_others_take(book):
    flight = book.log.start(0, 0)
    book.log.heard(flight, answered(TIMEOUT_NS - 1))
    assert list(book.log.expire(5 * TIMEOUT_NS)) == [flight]
    assert book.log.take_ticks() == [(0, TIMEOUT_NS - 1)]
    assert book.log.pending() == [flight]
    book.log.over(flight, flight.heard)
    assert book.log.take_ticks() == []
    (row,) = book.rows()
    assert (row["outcome"], row["returned_ns"]) == ("ok", TIMEOUT_NS - 1)


def test_what_is_pending_is_what_was_neither_answered_nor_given_up(book):
    first, second, third = (book.log.start(at_ns, at_ns) for at_ns in (0, 10, 20))
    assert list(book.log.expire(TIMEOUT_NS)) == [first]
    book.log.over(second, answered(30))
    assert book.log.pending() == [first, third]
    for flight in book.log.pending():
        book.log.over(flight, unknown("client lost"))
    assert book.log.pending() == []
    assert sorted(row["outcome"] for row in book.rows()) == ["ok", "unknown", "unknown"]


def test_deadlines_come_in_the_order_of_the_grid_and_skip_what_is_over(book):
    first, second = book.log.start(0, 0), book.log.start(10, 10)
    assert book.log.next_deadline_ns() == TIMEOUT_NS
    book.log.over(first, answered(5))
    assert book.log.next_deadline_ns() == 10 + TIMEOUT_NS
    book.log.over(second, answered(15))
    assert book.log.next_deadline_ns() is None


def test_a_probe_without_a_slot_is_a_failure_at_its_scheduled_instant(book):
    book.log.refuse(40)
    assert book.log.take_ticks() == [(40, FAILED)]
    (row,) = book.rows()
    assert (row["outcome"], row["error"]) == ("fail", "no free slot")
    assert row["scheduled_ns"] == row["invoked_ns"] == row["returned_ns"] == 40


def test_a_probe_that_starts_after_its_own_deadline_is_not_sent(book):
    assert book.log.start(0, TIMEOUT_NS) is None
    assert book.log.take_ticks() == [(0, FAILED)]
    (row,) = book.rows()
    assert (row["outcome"], row["invoked_ns"]) == ("fail", TIMEOUT_NS)


def test_probes_have_sessions_and_values_of_their_own_and_rotate_over_keys(tmp_path):
    book = Book(tmp_path / "b.arrow", operation="write")
    attempts = [book.log.start(at_ns, at_ns).attempt for at_ns in range(4)]
    assert len({a.session for a in attempts}) == len({a.value for a in attempts}) == 4
    assert [a.key for a in attempts] == [f"probe/us-east/established/{n}" for n in (0, 1, 2, 0)]
