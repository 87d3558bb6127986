"""How a series of runs is told: one exit code, one line per run."""

from itertools import permutations

import pytest

from chaoskit.errors import Exit
from chaoskit.session.outcomes import Outcome, combined, outcome_table


def outcome(name: str = "loss", code: Exit | None = Exit.PASS, told: str = "", report: str = "") -> Outcome:
    return Outcome(name=name, exit=code, told=told, report=report)


@pytest.mark.parametrize(
    ("exits", "code"),
    [
        ([Exit.PASS], 0),
        ([Exit.PASS, Exit.FAIL, Exit.INCONCLUSIVE, Exit.ENVIRONMENT], 1),
        ([Exit.PASS, Exit.INCONCLUSIVE, Exit.ENVIRONMENT], 3),
        ([Exit.PASS, Exit.INCONCLUSIVE], 4),
        ([Exit.PASS, Exit.FAIL, Exit.INTERRUPTED], 130),
        ([Exit.PASS, None], 0),
    ],
)
def test_of_several_runs_the_gravest_decides_in_any_order(exits: list[Exit | None], code: int) -> None:
    assert {combined(order) for order in permutations(exits)} == {Exit(code)}


def test_where_every_run_was_skipped_nothing_passed() -> None:
    assert combined([None, None]) is Exit.ENVIRONMENT


def test_each_run_has_one_line_with_its_verdict_what_decided_and_its_report() -> None:
    lines = outcome_table(
        [
            outcome("loss 1/2", Exit.PASS, "rto 7.41-7.47 s (max 15s)", "reports/loss/a/report.html"),
            outcome("loss 2/2", Exit.FAIL, "lost_writes 3\n(max 0)", "reports/loss/b/report.html"),
            outcome("new", None, "skipped: it needs PostgreSQL 19"),
            outcome("broken", Exit.ENVIRONMENT, "no toxiproxy-server 2.12.0"),
        ],
        asked=5,
    ).plain.splitlines()
    assert lines == [
        "✓ pass   loss 1/2  rto 7.41-7.47 s (max 15s)        reports/loss/a/report.html",
        "✕ fail   loss 2/2  lost_writes 3 (max 0)            reports/loss/b/report.html",
        "skipped  new       skipped: it needs PostgreSQL 19",
        "not run  broken    no toxiproxy-server 2.12.0",
        "5 runs: 1 pass, 1 fail, 1 skipped, 1 not run, 1 not started",
    ]


def test_a_name_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in outcome_table([outcome(told="\x1b[2J")], asked=1).plain
