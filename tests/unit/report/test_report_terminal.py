"""The terminal tells the page's story, in its words, whatever the names contain."""

import io
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from chaoskit.report.html import render
from chaoskit.report.terminal import decisive, verdict_table

Json = Mapping[str, Any]


def shown(result: Json, width: int = 120) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(verdict_table(result))
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_the_sentence_comes_first(result: Json) -> None:
    assert shown(result).startswith("✕ FAIL After us-east was lost, eu-west could not write for 7.4-7.5 s")


def test_every_objective_has_its_row(result: Json) -> None:
    text = shown(result)
    assert "write-rto ap-south write established 7.60-7.68 s max 15s ✓ pass" in text
    assert "lost_writes whole run 14 max 0 ✕ fail" in text
    assert "stale_reads whole run unknown max 0 ? inconclusive" in text


def test_what_did_not_pass_says_why_and_where_it_was_asked(result: Json) -> None:
    text = shown(result)
    assert "no rank for 3 keys: they are in no surviving state (region-loss-async.chaos.yaml:41:5)" in text


def test_every_fault_has_its_proof(result: Json) -> None:
    assert "proved: 38 of 38 probes that crossed the links went unanswered before the freeze" in shown(result)


def test_page_and_terminal_say_the_same(result: Json, lanes: Json) -> None:
    page = " ".join(render(result, lanes, []).split())
    for sentence in ("14 of 4,012 acknowledged writes are gone.", "38 of 38 probes", "7.60-7.68 s", "none may be"):
        assert sentence in shown(result)
        assert sentence in page


def test_names_cannot_colour_or_steer_the_terminal(result: dict[str, Any]) -> None:
    result["objectives"][0]["name"] = "[red]rto[/red]\x1b[2J"
    assert "[red]rto[/red]␛[2J" in shown(result)


def test_a_run_without_objectives_says_so() -> None:
    assert "No objectives: nothing was judged." in shown({"verdict": "inconclusive", "summary": "Nothing was asked."})


def test_doubts_are_told(result: dict[str, Any]) -> None:
    result["instrument"]["doubts"] = ["probes of eu-west were 31 ms late"]
    assert "doubt probes of eu-west were 31 ms late" in shown(result)


def test_it_fits_eighty_columns(result: Json) -> None:
    console = Console(width=80, file=io.StringIO())
    console.print(verdict_table(result))
    assert isinstance(console.file, io.StringIO)
    assert max(len(line) for line in console.file.getvalue().splitlines()) <= 80


def test_what_decided_a_failed_run_is_the_first_objective_that_failed(result: dict[str, Any]) -> None:
    assert decisive(result) == "lost_writes 14 (max 0)"
    result["objectives"][0]["verdict"] = "fail"
    assert decisive(result) == "write-rto ap-south write established 7.60-7.68 s (max 15s) and 1 more"


def test_what_decided_a_passed_run_is_what_its_author_asked_first(result: dict[str, Any]) -> None:
    result["verdict"] = "pass"
    for objective in result["objectives"]:
        objective["verdict"] = "pass"
    assert decisive(result) == "write-rto ap-south write established 7.60-7.68 s (max 15s)"


def test_what_decided_an_inconclusive_run_is_its_reason() -> None:
    assert decisive({"verdict": "inconclusive", "reason": "No steady state"}) == "No steady state"
    assert decisive({}) == "The result has no summary."
