import pytest

from chaoskit.engine.progress import shares, told
from chaoskit.model.event import Event, Name


def test_the_streams_of_a_region_become_one_share_per_operation() -> None:
    counts = {"eu-west/write/established": (5, 10), "eu-west/read/fresh": (10, 10), "us-east/write/fresh": (0, 4)}
    assert shares(counts) == {"eu-west": {"write": 0.5, "read": 1.0}, "us-east": {"write": 0.0}}


def test_a_region_without_probes_has_no_share() -> None:
    assert shares({"eu-west/write/established": (0, 0)}) == {"eu-west": {"write": None}}
    assert shares({}) == {}


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event(t_ns=7_000_000_000, event=Name.START, step="cut"), "+  5.0 s  start of cut"),
        (Event(t_ns=1_500_000_000, event=Name.DETECTED, detail={"node": "us-east/1"}), "+ -0.5 s  detected us-east/1"),
        (
            Event(t_ns=11_040_000_000, event=Name.FENCED, node="us-east/1", detail={"ok": False, "why": "no\nanswer"}),
            "+  9.0 s  not fenced us-east/1 (no answer)",
        ),
        (
            Event(t_ns=2_000_000_000, event=Name.ROUTED, region="ap-south", node="b/1", detail={"endpoint": "write"}),
            "+  0.0 s  routed ap-south write b/1",
        ),
        (
            Event(t_ns=3_000_000_000, event=Name.UNREACHED, detail={"what": "fence b/1", "why": "no answer"}),
            "+  1.0 s  unreached fence b/1 (no answer)",
        ),
        (Event(t_ns=2_000_000_000, event=Name.LOG, node="b/1", detail={"line": "x"}), None),
    ],
)
def test_an_event_is_told_in_a_line_if_it_is_worth_one(event: Event, words: str | None) -> None:
    assert told(event, t0_ns=2_000_000_000) == words
