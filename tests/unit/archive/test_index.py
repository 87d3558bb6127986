"""The page over all runs leads to every report, shows what changed, and lets nothing act that is not ours."""

import json
import os
import re
from datetime import datetime, timedelta, timezone
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from chaoskit.archive.history import keep, night_name
from chaoskit.archive.index import INDEX, look, renew, renew_after_run
from chaoskit.archive.shelf import read_shelf
from chaoskit.report.index import change_sentences

HOSTILE = "<script>alert(1)</script>\u202egnp.\x1b[31m"


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name == "href"]


def parsed(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def test_every_report_is_linked_by_a_path_that_opens_from_the_page(run_directory, tmp_path) -> None:
    root = tmp_path / "reports"
    for name in ("a", "b #1?", "c%20"):
        run_directory(name)
    links = parsed(renew(root))
    assert len(links.found) == 3
    assert all((root / unquote(link)).exists() and "://" not in link for link in links.found)


def test_names_of_folders_and_messages_are_text(run_directory, tmp_path) -> None:
    run_directory("a", scenario=HOSTILE, reason=HOSTILE, verdict="inconclusive")
    run_directory(HOSTILE.replace("/", "|"))
    (run_directory("torn" + HOSTILE.replace("/", "|")) / "result.json").write_text("{")
    page = renew(tmp_path / "reports")
    text = page.read_text(encoding="utf-8")
    assert "script" not in parsed(page).tags
    assert not re.search("[\u202e\x1b]", text)
    assert "&lt;script&gt;" in text


def test_a_name_that_is_no_text_leads_to_its_report_all_the_same(run_directory, tmp_path) -> None:
    run_directory(os.fsdecode(b"\xff\xfe"), reason="\ud800", verdict="inconclusive")
    (link,) = parsed(renew(tmp_path / "reports")).found
    assert (tmp_path / "reports" / os.fsdecode(unquote_to_bytes(link))).exists()


def test_the_page_asks_for_nothing_and_runs_nothing(run_directory, tmp_path) -> None:
    run_directory("a")
    text = unescape(renew(tmp_path / "reports").read_text(encoding="utf-8"))
    assert "default-src 'none'; style-src 'sha256-" in text
    assert "src=" not in text
    assert "http:" not in text


def test_runs_without_a_result_are_listed(run_directory, tmp_path) -> None:
    (run_directory("gone") / "result.json").unlink()
    text = renew(tmp_path / "reports").read_text(encoding="utf-8")
    assert "crash-restart/gone" in text
    assert "still running, or was killed" in text


def test_a_page_that_cannot_be_written_is_said_and_fails_no_run(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / INDEX).mkdir()
    renew_after_run(tmp_path, said.append)
    assert len(said) == 1
    assert "could not be renewed" in said[0]


def shifted(history: Path, night: str, by_s: float, version: str) -> None:
    """Add a night to a history: the stored one, with that RTO and PostgreSQL."""
    for number, path in enumerate(sorted((history / "crash-restart").glob("2026*.json"))[:5]):
        row = json.loads(path.read_text())
        row |= {"night": night, "run": f"{night}-{number}"}
        row["environment"]["versions"]["postgresql"] = version
        observed = row["objectives"][0]["observed"]
        observed["lo"], observed["hi"] = observed["lo"] + by_s, observed["hi"] + by_s
        (history / "crash-restart" / f"z{night}-{number}.json").write_text(json.dumps(row))


def test_a_change_is_told_with_what_else_was_new_by_then(history: Path) -> None:
    for day in range(1, 31):
        shifted(history, f"2027-01-{day:02d}", 0.0 if day < 22 else 1.0, "18.4" if day < 22 else "18.5")
    (sentence,) = change_sentences(look(read_shelf(history), history))
    assert "write-rto of crash-restart is worse since 2027-01-22, told by 2027-01-2" in sentence
    assert "New by then: postgresql version 18.4 → 18.5." in sentence
    assert '<line class="change"' in renew(history).read_text(encoding="utf-8")


def test_a_kept_run_is_small_and_its_scenario_is_kept_once(run_directory, tmp_path) -> None:
    history = tmp_path / "history"
    paths = [keep(run_directory(name), history, "2026-11-22 02:00") for name in ("a", "b")]
    assert [path.name for path in paths] == ["20261122T0200-a.json", "20261122T0200-b.json"]
    assert len(list((history / "crash-restart").glob("scenario-*.yaml"))) == 1
    assert {run.night for run in read_shelf(history).runs} == {"2026-11-22 02:00"}
    assert max(path.stat().st_size for path in paths) < 5000


def test_each_variant_has_its_own_nights_and_its_own_part_of_the_page(run_directory, tmp_path) -> None:
    for variant in ("any1", "async", None):
        for number in range(2):
            directory = run_directory(f"{variant}-{number}", below="elsewhere", variant=variant)
            (directory / "scenario.resolved.yaml").write_text(f"name: crash-restart # {variant}\n")
            keep(directory, tmp_path / "history", "2026-11-22 02:00")
    folder = tmp_path / "history" / "crash-restart"
    assert {path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.json")} == {".", "any1", "async"}
    assert [len([*below.glob("scenario-*.yaml")]) for below in (folder, folder / "any1", folder / "async")] == [1] * 3
    overview = look(read_shelf(tmp_path / "history"), tmp_path)
    assert [(section.name, len(section.runs)) for section in overview.sections] == [
        *[("crash-restart", 2), ("crash-restart[any1]", 2), ("crash-restart[async]", 2)],
    ]
    for section in overview.sections:
        assert {len(night.figures) for one in section.watched for night in one.series.nights} == {2}


def test_a_night_is_named_by_utc() -> None:
    assert night_name(datetime(2026, 11, 22, 2, 59, 59, tzinfo=timezone(timedelta(hours=3)))) == "2026-11-21 23:59"
