"""The page says what the result says, in words that need no script, and lets nothing in or out."""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from chaoskit.report.figures import LONGEST, printable
from chaoskit.report.html import render
from chaoskit.report.words import FINDINGS, repeat_commands

Json = Mapping[str, Any]
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&{{ 7*7 }}"
SECTIONS = ["verdict", "objectives", "faults", "lanes", "recovery", "waterfall", "losses", "findings", "latency",
            "events", "topology", "price", "finding=lost_writes", "conditions", "instrument", "environment",
            "repeat"]  # fmt: skip


class Page(HTMLParser):
    """The page's elements, and the text that is left without scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._inside: str = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def ids(self) -> set[str | None]:
        return {attrs["id"] for _, attrs in self.elements if "id" in attrs}


@pytest.fixture
def page(result: Json, lanes: Json, events: Sequence[Json]) -> Page:
    return Page(render(result, lanes, events))


def test_the_answer_comes_first(page: Page) -> None:
    answer = page.text.index("eu-west could not write for 7.4-7.5 s")
    assert page.text.index("FAIL") < answer < page.text.index("Question") < page.text.index("max 15s")


def test_every_section_is_present(page: Page) -> None:
    assert set(SECTIONS) <= page.ids()


@pytest.mark.parametrize("figure", [
    "7.60-7.68 s", "max 15s", "83.65%", "region-loss-async.chaos.yaml:41:5",  # objectives
    "38 of 38 probes that crossed the links went unanswered", "within 1.4 ms", "+10.000 s to +40.000 s",  # fault
    "7.41-7.47 s", "0.000-0.050 s", "+17.410 s … +18.070 s", "751 of 900", "83.44%",  # recovery
    "14 of 4,012 acknowledged writes are gone", "84 ms", "18.0 KiB", "3,998", "14 lost",  # losses
    "3.90 s", "3.00-4.00 s",  # waterfall
    "us-east-88123 was acknowledged at +9.953 s", "Unknown: no rank for 3 keys",  # findings
    "11.0 ms", "49.8 /s", "14,210 operations", "timeout",  # latency
    "eu-west/1 is the new primary, timeline 2, forked at 0/50311A8", "us-east/1 could not be fenced",  # story
        "startup: received promote request", "clients of eu-west write again", "deposed, stopped",  # story, stages
        "8.6 MiB in all", "12.50%",  # price
    "1,700.0 ms", "1.9 ms", "tmpfs", "2.12.0",  # conditions
    "chaoskit run reports/region-loss-async/20260131T031244Z-k3f9/scenario.resolved.yaml --seed 4711 --trials 1",
])  # fmt: skip
def test_figures_of_the_result_are_in_tables_that_need_no_script(page: Page, figure: str) -> None:
    assert figure in page.text


def test_the_command_that_repeats_a_run_makes_one_run_of_what_was_run(result: Json) -> None:
    commands = dict(repeat_commands({**result, "run_dir": "my runs/one"}))
    assert commands["Run it again"] == "chaoskit run 'my runs/one/scenario.resolved.yaml' --seed 4711 --trials 1"


def test_every_finding_is_explained(page: Page, result: Json) -> None:
    for name in result["findings"]:
        assert name in page.text
        assert FINDINGS[name] in page.text


def test_a_region_whose_clients_were_lost_is_named_not_measured(page: Page) -> None:
    assert "us-east: left out, its clients were lost with the region" in page.text


def test_censored_recovery_is_never_a_number_alone(result: dict[str, Any], lanes: Json) -> None:
    result["rto"][4] |= {"censored": True, "lo_s": 29.95, "hi_s": None}
    assert "not recovered, out for 29.95 s when the run ended" in Page(render(result, lanes, [])).text


def test_a_recovery_that_met_an_outage_or_that_nobody_looked_at_cannot_be_told(
    result: dict[str, Any], lanes: Json
) -> None:
    result["rto"][4] |= {"overtaken": "cut", "lo_s": None, "hi_s": None}
    assert "cannot be told, out because of cut" in Page(render(result, lanes, [])).text
    result["rto"][4] |= {"overtaken": "", "lo_s": None, "hi_s": None}
    assert "cannot be told, no probe was sent afterwards" in Page(render(result, lanes, [])).text


def test_a_cause_that_struck_a_stream_twice_has_two_rows(result: dict[str, Any], lanes: Json) -> None:
    again = {**result["rto"][4], "cause": "failback"}
    result["rto"] += [{**again, "lo_s": 1.25, "hi_s": 1.25}, {**again, "lo_s": 2.75, "hi_s": 2.75}]
    text = Page(render(result, lanes, [])).text
    assert "1.25 s" in text
    assert "2.75 s" in text


def test_an_outage_that_the_loss_of_its_clients_cut_short_says_so(result: dict[str, Any], lanes: Json) -> None:
    result["outages"][0] |= {"ended": False, "end_hi_s": None, "clients_lost_s": 12.0}
    assert "not before its clients were lost at +12.000 s" in Page(render(result, lanes, [])).text


def test_what_became_of_a_deposed_primary_is_told(result: dict[str, Any], lanes: Json) -> None:
    row = {"step": "lose-us-east", "node": "us-east/1", "how": "rewind", "from_s": 16.8, "took_s": 3.32,
           "redundancy_s": 11.37, "bytes": 640, "ok": True, "why": ""}  # fmt: skip
    never = {**row, "redundancy_s": None, "bytes": None, "why": "it holds 3 rows more"}
    text = Page(render(result | {"failback": [row, never]}, lanes, [])).text
    for word in ("+16.800 s", "11.37 s", "rewind", "640 B", "not restored", "it holds 3 rows more"):
        assert word in text


def test_an_action_is_done_and_never_healed(result: dict[str, Any], lanes: Json) -> None:
    result["faults"][0] |= {"action": True, "acted_s": 12.5, "healed_ns": None, "healed_by": None}
    text = Page(render(result, lanes, [])).text
    assert "+10.000 s to +12.500 s" in text
    assert "not healed" not in text


def test_an_objective_that_is_expected_to_be_missed_says_why_and_where(result: dict[str, Any], lanes: Json) -> None:
    result["objectives"][0] |= {"expectation": "missed", "because": "the runbook is slow", "phase": "during",
                                "scope": {"step": "lose-us-east"}}  # fmt: skip
    text = Page(render(result, lanes, [])).text
    assert "max 15s; to be missed: the runbook is slow" in text
    assert "ap-south write established, during lose-us-east" in text


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({"event": "failed_back", "node": "us-east/1",
          "detail": {"how": "rewind", "source": "eu-west/1", "bytes": 2048}},
         "us-east/1 is a replica of eu-west/1 (rewind); 2.0 KiB of its WAL had diverged"),
        ({"event": "not_failed_back", "node": "us-east/1", "detail": {"how": "rewind", "why": "it differs"}},
         "us-east/1 could not be made a replica (rewind): it differs"),
        ({"event": "clients_back", "region": "us-east"}, "the clients of us-east are back"),
        ({"event": "skipped", "step": "x", "detail": {"why": "taken"}}, "it was not done: taken"),
        ({"event": "acted", "step": "x", "detail": {"ok": False, "why": "behind"}}, "it failed: behind"),
        ({"event": "demoted", "node": "us-east/1", "detail": {"how": "fenced"}}, "takes no writes any more: fenced"),
    ],
)  # fmt: skip
def test_events_are_told_in_words(result: Json, lanes: Json, event: dict[str, Any], sentence: str) -> None:
    assert sentence in Page(render(result, lanes, [{"t_ns": 1, **event}])).text


@pytest.mark.parametrize(("took_effect", "words"), [(True, "proved"), (None, "not proved"), (False, "disproved")])
def test_a_fault_says_whether_it_was_proved(
    result: dict[str, Any], lanes: Json, took_effect: bool | None, words: str
) -> None:
    result["faults"][0]["took_effect"] = took_effect
    assert f"lose-us-east {words} us-east is lost" in Page(render(result, lanes, [])).text


def test_a_heal_that_failed_is_told(result: dict[str, Any], lanes: Json) -> None:
    result["faults"][0] |= {"heal_took_effect": False, "heal_proof": "eu-west still gets no answer"}
    assert "Heal disproved: eu-west still gets no answer" in Page(render(result, lanes, [])).text


def test_a_region_that_went_dark_claims_no_availability_in_its_lane(page: Page) -> None:
    assert "us-east · write established its clients were lost with the region" in page.text


def test_nothing_is_requested_from_anywhere(page: Page) -> None:
    for tag, attrs in page.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video", "source"}
        assert not {"src", "srcset", "action", "style", "onerror", "onload", "onclick"} & attrs.keys()
        assert (attrs.get("href") or "#").startswith("#")


def test_styles_load_nothing(result: Json, lanes: Json) -> None:
    style = "".join(re.findall(r"<style>(.*?)</style>", render(result, lanes, []), re.DOTALL))
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_only_the_pages_own_scripts(page: Page) -> None:
    policy = next(a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a) or ""
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_the_library_keeps_its_licence(page: Page) -> None:
    assert "Copyright (c) 2021, Leon Sorokin" in page.scripts[1]
    assert "Permission is hereby granted" in page.scripts[1]


def test_hostile_words_stay_words(result: dict[str, Any], lanes: dict[str, Any], events: list[dict[str, Any]]) -> None:
    clean = Page(render(result, lanes, events))
    page = Page(render(poisoned(result), poisoned(lanes), poisoned(events)))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in clean.elements}
    assert len(page.scripts) == 3
    assert page.scripts[1:] == clean.scripts[1:]
    assert HOSTILE in page.text
    assert json.loads(page.scripts[0])["lanes"][0]["region"].endswith(HOSTILE)


def poisoned(value: Any) -> Any:
    """Every word of ``value``, keys included where they are names, with something nasty at its end."""
    if isinstance(value, dict):
        named = {"by_region", "rtt_ms", "versions", "by_outcome", "probe_lateness_p99_ms_by_region"}
        return {
            k: {key + HOSTILE: poisoned(inner) for key, inner in v.items()} if k in named else poisoned(v)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [poisoned(item) for item in value]
    return value + HOSTILE if isinstance(value, str) else value


def test_control_and_direction_characters_are_shown_not_obeyed() -> None:
    assert printable("a\x1b[31mb\u202ec\x7f") == "a␛[31mb\ufffdc\ufffd"


def test_a_long_word_is_cut() -> None:
    assert len(printable("x" * 1_000_000)) < LONGEST + 20


def test_a_result_that_knows_nothing_still_makes_a_page() -> None:
    page = Page(render({}, {}, []))
    assert "INCONCLUSIVE" in page.text
    assert "PASS" not in page.text
    assert "How many acknowledged writes are gone is unknown" in page.text


@pytest.mark.parametrize("verdict", ["pass", "fail", "inconclusive"])
def test_a_verdict_is_a_word_not_only_a_colour(result: dict[str, Any], lanes: Json, verdict: str) -> None:
    result["verdict"] = verdict
    assert verdict.upper() in Page(render(result, lanes, [])).text


def test_an_inconclusive_run_says_why(result: dict[str, Any], lanes: Json) -> None:
    result |= {"verdict": "inconclusive", "summary": "INCONCLUSIVE. We cannot tell.", "reason": "the prober was late"}
    result["instrument"]["doubts"] = ["probes of eu-west were 31 ms late"]
    text = Page(render(result, lanes, [])).text
    assert "We cannot tell. the prober was late probes of eu-west were 31 ms late" in text


def test_long_lists_are_cut_and_say_so(result: dict[str, Any], lanes: Json) -> None:
    result["outages"] = [copy.copy(result["outages"][0]) for _ in range(5000)]
    text = Page(render(result, lanes, [{"t_ns": 1, "event": "log", "node": "a/1"}] * 5000)).text
    assert "4700 more in result.json" in text
    assert "4601 more in events.ndjson" in text
    assert "clients of us-east cannot write any more" in text  # the servers' own words give way first
