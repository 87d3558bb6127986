"""What is seen while a run goes on."""

import io

import pytest
from rich.console import Console

from chaoskit.cli.live import line, plain
from chaoskit.cli.live_table import view
from chaoskit.engine.progress import Progress

FULL = Progress(
    phase="lose-us-east",
    t_s=12.34,
    end_s=22.0,
    upcoming=("the audit", 9.66),
    availability={"us-east": {"write": None}, "eu-west": {"write": 0.0, "read": 1.0}},
    operations={"us-east": 1203, "eu-west": 40},
    primary="eu-west/1",
    standing=("lose-us-east",),
    latency_ms={"eu-west": (3.2, 1204.0)},
    lag_bytes={"eu-west/1": 10, "eu-west/2": 2 * 1024**2},
    events=tuple(f"+  {n}.0 s  event {n}" for n in range(8)),
)


def shown(progress: Progress, width: int = 80) -> list[str]:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(view("loss 2/5", progress))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(phase="starting"), "starting"),
        (
            Progress(
                phase="lose-us-east",
                t_s=12.34,
                upcoming=("the audit", 3.6),
                availability={"us-east": {"write": None}, "eu-west": {"write": 0.0, "read": 1.0}},
                operations={"eu-west": 2, "ap-south": 40},
            ),
            "+ 12.3 s lose-us-east   us-east writes --   eu-west writes 0% reads 100%   42 operations"
            "   next: the audit in 4 s",
        ),
        (Progress(phase="healthy", upcoming=("cut when promoted", None)), "healthy   next: cut when promoted"),
    ],
)
def test_the_line_says_the_phase_the_regions_and_what_comes_next(progress: Progress, words: str) -> None:
    assert line(progress).plain == words


def test_the_view_tells_where_the_run_is_and_how_each_region_fares() -> None:
    lines = [" ".join(text.split()) for text in shown(FULL)]
    assert lines[:5] == [
        "loss 2/5 +12.3 of 22 s primary eu-west/1",
        "lose-us-east next: the audit in 10 s",
        "region writes reads p50 p99 users did replica lag",
        "us-east -- -- -- -- 1,203 --",
        "eu-west 0% 100% 3 ms 1.20 s 40 2.0 MiB",
    ]


def test_the_view_ends_with_the_last_events() -> None:
    assert [text.split()[-1] for text in shown(FULL)[-5:]] == ["3", "4", "5", "6", "7"]


def test_before_anything_is_known_the_view_is_two_lines() -> None:
    assert [text.strip() for text in shown(Progress(phase="starting"))] == ["loss 2/5", "starting"]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_view_is_never_wider_than_the_terminal_nor_wraps(width: int) -> None:
    long = Progress(**{**{name: getattr(FULL, name) for name in FULL.__slots__}, "events": ("word " * 50,)})
    lines = shown(long, width)
    assert max(len(text) for text in lines) <= width
    assert len(lines) == 6


def test_a_server_s_words_cannot_steer_the_terminal() -> None:
    told = Progress(phase="healthy", availability={"eu-west": {}}, events=("\x1b[2J[red]",))
    assert shown(told)[-1].strip() == "␛[2J[red]"


def test_without_a_terminal_each_event_is_told_once_and_the_state_now_and_then() -> None:
    told: list[str] = []
    watch = plain(told.append)
    for t_s in (0.0, 0.25, 0.5, 5.0):
        watch(
            Progress(phase="healthy", t_s=t_s, events=("+  0.1 s  a",) if t_s < 0.5 else ("+  0.1 s  a", "+  0.4 s  b"))
        )
    assert told == ["+  0.1 s  a", "+  0.0 s healthy", "+  0.4 s  b", "+  5.0 s healthy"]
