from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np

from chaoskit.analysis.evidence import Evidence, Finding
from chaoskit.analysis.facts import Facts
from chaoskit.analysis.faults import FaultRecord
from chaoskit.analysis.objectives import Judgement
from chaoskit.analysis.probes import ProbeStream
from chaoskit.analysis.rpo import Rpo
from chaoskit.analysis.summary import STRUCK, summarize
from chaoskit.model.fault import Deed
from chaoskit.model.scenario import Objective
from chaoskit.model.verdict import Verdict

MS = 1_000_000
Stream = Callable[..., ProbeStream]
Build = Callable[..., Facts]
LOSS = FaultRecord(step="lose", fault="region_loss", target="us-east", onset_first_ns=220 * MS, onset_last_ns=220 * MS)
ASKED = Objective(name="rto", measure="rto", unit="s", maximum=0.1, expected_text="max 100ms")
MISSED = (Judgement(objective=ASKED, verdict=Verdict.FAIL, reason="0.23 s, asked for: max 100ms"),)
LOST = Rpo(acknowledged=4012, lost_writes=14)


def test_a_pass_says_who_could_not_write_for_how_long_and_what_was_lost(stream: Stream, facts: Build) -> None:
    seen = facts(
        stream("....xx", region="us-east"),
        stream("....xx" + "." * 14),
        stream("....xxxx" + "." * 12, connection="fresh"),
        stream("....xxxxxx" + "." * 10, region="ap-south"),
        faults=[LOSS],
        lost={"us-east": 220 * MS},
        rpo=LOST,
    )
    assert summarize(Verdict.PASS, "", [LOSS], seen, ()) == (
        "PASS. After us-east was lost, eu-west could not write for 0.13-0.19 s and ap-south for 0.23-0.29 s; "
        "14 of 4,012 acknowledged writes are gone."
    )


def test_a_failure_says_what_was_missed(stream: Stream, facts: Build) -> None:
    seen = facts(stream("....xx" + "." * 14), faults=[LOSS], rpo=replace(LOST, lost_writes=1))
    told = summarize(Verdict.FAIL, "x", [LOSS], seen, MISSED)
    assert told.startswith("FAIL. After us-east was lost, eu-west could not write for 0.03-0.09 s; 1 of 4,012")
    assert told.endswith("is gone. Missed: rto (0.23 s, asked for: max 100ms).")


def test_a_region_that_never_recovered_is_told_after_those_that_did(stream: Stream, facts: Build) -> None:
    seen = facts(stream("....xxxx", region="ap-south"), stream("....xx" + "." * 14), faults=[LOSS])
    told = summarize(Verdict.FAIL, "x", [LOSS], seen, MISSED)
    assert "eu-west could not write for 0.03-0.09 s and ap-south could still not write when the run ended" in told


def test_an_inconclusive_run_says_why_first(stream: Stream, facts: Build) -> None:
    seen = facts(stream("." * 20), faults=[LOSS], rpo=Rpo(acknowledged=3, unknown="no audit"))
    assert summarize(Verdict.INCONCLUSIVE, "The prober was late.", [LOSS], seen, ()) == (
        "INCONCLUSIVE. We cannot tell: The prober was late. What was seen: after us-east was lost, every region went "
        "on writing; what was lost is not known (no audit)."
    )


def test_a_fault_that_stops_reads_alone_says_so(stream: Stream, facts: Build) -> None:
    reads = stream("....xx" + "." * 14, operation="read")
    seen = facts(reads, faults=[LOSS], lost={"us-east": 1})
    told = summarize(Verdict.PASS, "", [LOSS], seen, ())
    assert "every region that kept its clients went on writing, but eu-west could not read for 0.03-0.09 s" in told


def test_what_stopped_writes_at_the_heal_is_told_beside_that_they_went_on_before(stream: Stream, facts: Build) -> None:
    cut = replace(LOSS, fault="partition", target="us-east <-> rest", heal_first_ns=500 * MS, healed_ns=500 * MS,
                  healed_by="timeline")  # fmt: skip
    told = summarize(Verdict.PASS, "", [cut], facts(stream("." * 11 + "xxxx" + "." * 10), faults=[cut]), ())
    assert told == (
        "PASS. After us-east <-> rest was cut, every region went on writing; once it was healed, eu-west could not "
        "write for 0.20-0.26 s; no acknowledged write is gone."
    )


def test_a_region_that_met_another_outage_is_not_said_to_have_gone_on_writing(stream: Stream, facts: Build) -> None:
    def told(*streams: ProbeStream) -> str:
        return summarize(Verdict.PASS, "", [LOSS], facts(*streams, faults=[LOSS]), ())

    out, sound = stream("..eeee" + "." * 14), stream("." * 20, region="ap-south")
    for unseen in (out, stream("." * 4)):
        assert "was lost, nobody can tell whether any region went on writing" in told(unseen)
        assert "every other region went on writing, and nobody can tell whether eu-west did" in told(unseen, sound)


def test_a_baseline_says_how_well_it_went(stream: Stream, facts: Build) -> None:
    seen = facts(stream("." * 999 + "x"), stream("." * 10, region="ap-south"))
    assert summarize(Verdict.PASS, "", [], seen, ()) == (
        "PASS. Nothing was broken, and in every region at least 99.9% of the probes succeeded; "
        "no acknowledged write is gone."
    )


def test_more_faults_than_can_be_told_are_counted(stream: Stream, facts: Build) -> None:
    many = [replace(LOSS, step=str(n), fault=word, target="") for n, word in enumerate(["latency", "odd", "x", "y"])]
    told = summarize(Verdict.PASS, "", many, facts(stream("....")), ())
    assert "After 0 became slower" in told
    assert "; after 1 was struck" in told
    assert "2 more faults struck" in told


def test_what_a_role_stood_for_is_told_and_an_action_is_no_fault(stream: Stream, facts: Build) -> None:
    def told(word: str) -> str:
        fault = replace(LOSS, fault=word, target="primary", resolved="us-east/1")
        return summarize(Verdict.PASS, "", [fault], facts(stream("." * 20), faults=[fault]), ())

    assert told("freeze").startswith("PASS. After us-east/1 froze, every region went on writing")
    assert told("crash").startswith("PASS. After us-east/1 crashed,")
    assert told("switchover").startswith("PASS. After the planned change of primary to us-east/1,")


def test_every_word_of_the_language_has_its_clause() -> None:
    assert {deed.word for deed in get_args(Deed)} == set(STRUCK)


def test_a_bare_history_says_what_was_found(facts: Build, finding: Callable[..., Finding]) -> None:
    found = {"lost_writes": finding("some", 3), "ghosts": finding("some", 2), "phantom": finding("none")}
    seen = facts(
        evidence=Evidence(absent=np.zeros(0, dtype=bool), findings=found), rpo=Rpo(acknowledged=0, lost_writes=0)
    )
    assert summarize(Verdict.INCONCLUSIVE, "no objectives", [], seen, ()) == (
        "INCONCLUSIVE. We cannot tell: no objectives. What was seen: the history shows 2 ghosts; "
        "no write was acknowledged."
    )
    assert "nothing wrong" in summarize(Verdict.INCONCLUSIVE, "no objectives", [], facts(), ())


def test_a_fault_that_stopped_nobody_is_left_out_beside_one_that_did(stream: Stream, facts: Build) -> None:
    quiet = replace(
        LOSS, step="quiet", fault="latency", target="ap-south", onset_first_ns=60 * MS, onset_last_ns=60 * MS
    )
    seen = facts(stream("....xx" + "." * 14), faults=[quiet, LOSS], rpo=LOST)
    told = summarize(Verdict.PASS, "", [quiet, LOSS], seen, ())
    assert told.startswith("PASS. After us-east was lost, eu-west could not write")
    assert "slower" not in told
