"""The recorder's streams: what survives, what is missed, and how they are joined."""

import pyarrow.parquet as pq
import pytest

from chaoskit.load.attempt import Operation
from chaoskit.load.recorder import Recorder
from chaoskit.load.streams import read_stream, read_streams, write_parquet
from chaoskit.model.history import HISTORY_COLUMNS

ROW = Operation(
    op=0, client="us-east.users", session="us-east.users/0", region="us-east", host="h", node=None, pg_timeline=None,
    kind="write", connection="established", key="k", value="v", version=None, lsn=None, scheduled_ns=1, invoked_ns=1,
    returned_ns=None, outcome="unknown", error="timeout",
)  # fmt: skip


@pytest.fixture
def record(tmp_path):
    def write(name, *batches, end=True):
        recorder = Recorder(tmp_path / f"{name}.arrow")
        for batch in batches:
            for invoked_ns in batch:
                recorder.append(ROW._replace(client=name, invoked_ns=invoked_ns))
            recorder.flush()
        if end:
            recorder.close()
        return tmp_path / f"{name}.arrow"

    return write


def test_an_operation_has_the_columns_of_the_history_in_their_order():
    assert Operation._fields == tuple(HISTORY_COLUMNS)


def test_streams_are_joined_by_invocation_and_numbered(record):
    table, incomplete = read_streams([record("a", [5, 1], [3]), record("b", [4, 2])])
    assert incomplete == []
    assert table["invoked_ns"].to_pylist() == [1, 2, 3, 4, 5]
    assert table["op"].to_pylist() == [0, 1, 2, 3, 4]
    assert table["client"].to_pylist() == ["a", "b", "a", "b", "a"]
    assert table.column_names == list(HISTORY_COLUMNS)


def test_what_was_flushed_is_there_without_an_end_marker_and_the_stream_is_called_incomplete(record):
    table, incomplete = read_streams([record("a", [1], [2], end=False), record("b", [3])])
    assert incomplete == ["a"]
    assert table["invoked_ns"].to_pylist() == [1, 2, 3]


def test_a_stream_torn_anywhere_yields_its_whole_batches_and_is_never_called_complete(record, tmp_path):
    whole = record("a", [1, 2], [3], [4]).read_bytes()
    found = []
    for size in range(len(whole)):
        torn = tmp_path / "torn.arrow"
        torn.write_bytes(whole[:size])
        batches, complete = read_stream(torn)
        assert not complete
        found.append(sum(len(batch) for batch in batches))
    assert found == sorted(found)
    assert set(found) == {0, 2, 3, 4}


def test_a_stream_that_was_never_written_is_incomplete(tmp_path):
    table, incomplete = read_streams([tmp_path / "eu-west.probes.arrow"])
    assert incomplete == ["eu-west.probes"]
    assert len(table) == 0
    assert table.column_names == list(HISTORY_COLUMNS)


def test_rows_after_the_end_are_ignored(tmp_path):
    recorder = Recorder(tmp_path / "a.arrow")
    recorder.append(ROW)
    recorder.close()
    recorder.append(ROW)
    recorder.flush()
    recorder.close()
    batches, complete = read_stream(tmp_path / "a.arrow")
    assert (sum(len(batch) for batch in batches), complete) == (1, True)


def test_the_parquet_file_holds_the_same_rows(record, tmp_path):
    table, _ = read_streams([record("a", [2, 1])])
    write_parquet(table, tmp_path / "history.parquet")
    assert pq.read_table(tmp_path / "history.parquet").to_pylist() == table.to_pylist()
