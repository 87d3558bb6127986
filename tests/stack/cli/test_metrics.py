"""A real Prometheus watches a real run, and a Grafana that is not there disturbs it in nothing."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import requests

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.processes import Launcher

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SCENARIO = """\
chaoskit: 1
name: watched-cut
question: What does Prometheus see of a cut?
stack:
  regions: [us-east, eu-west]
  primary: us-east
  network: {rtt: {default: 10ms}}
load: {users: {default: 1}, probes: {rate: 10/s, timeout: 500ms}}
steady_state: {for: 1s, availability: 90%, within: 30s}
timeline:
  cut: {at: 3s, for: 4s, fault: partition, link: us-east <-> eu-west}
duration: 11s
"""
CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs: [{{job_name: chaoskit, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""
DASHBOARD = Path(__file__).parents[3] / "docs" / "grafana" / "chaoskit.json"
WRITES = '{region="eu-west", operation="write", connection="established"}'
Labels = frozenset[tuple[str, str]]


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        why = f"no {name} on PATH: apt install --no-install-recommends prometheus"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Prometheus:
    """A server that asks one port once a second."""

    def __init__(self, room: Path, asked: int) -> None:
        self.port, self.clock = free_port(), MonotonicClock()
        config = room / "prometheus.yml"
        config.write_text(CONFIG.format(port=asked))
        launcher = Launcher(run="tests", logs=room, started=lambda _name, _process: None)
        own = (f"--web.listen-address=127.0.0.1:{self.port}", f"--storage.tsdb.path={room / 'data'}")
        self.process = launcher.start("prometheus", [program("prometheus"), f"--config.file={config}", *own])
        wait_for(self._why_not, clock=self.clock, timeout_s=60, what="Prometheus is not ready")

    def series(self, query: str) -> Mapping[Labels, list[tuple[float, float]]]:
        """(instant, value) of each series at each whole second of the last two minutes."""
        now_s = int(float(self._get("query", query="time()")["result"][1]))
        asked = {"query": query, "start": str(now_s - 120), "end": str(now_s), "step": "1"}
        return {
            frozenset(row["metric"].items()): [(at_s, float(value)) for at_s, value in row["values"]]
            for row in self._get("query_range", **asked)["result"]
        }

    def only(self, query: str) -> list[tuple[float, float]]:
        (values,) = self.series(query).values()
        return values

    def _get(self, what: str, **parameters: str) -> dict[str, Any]:
        answer = requests.get(f"http://127.0.0.1:{self.port}/api/v1/{what}", params=parameters, timeout=10).json()
        assert answer["status"] == "success", answer
        return dict(answer["data"])

    def _why_not(self) -> str | None:
        try:
            code = requests.get(f"http://127.0.0.1:{self.port}/-/ready", timeout=5).status_code
        except requests.ConnectionError as error:
            return str(error)
        return None if code == requests.codes.ok else f"it answers {code}"


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A run that is over, and who watched it."""

    prometheus: Prometheus
    said: str
    result: dict[str, Any]
    events: list[dict[str, Any]]
    during: str  # what the port said while the cut stood

    def during_the_cut(self, query: str, *, stood: bool) -> list[float]:
        """The values of a series while the fault stood, or while it did not."""
        active = dict(self.prometheus.only('chaoskit_fault_active{region="eu-west"}'))
        return [value for at_s, value in self.prometheus.only(query) if active.get(at_s) == stood]


@pytest.fixture(scope="module")
def watched(command_lines: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    chaoskit, port = command_lines(), free_port()
    chaoskit.scenario.write_text(SCENARIO)
    prometheus = Prometheus(tmp_path_factory.mktemp("prometheus"), port)
    try:
        nobody = f"http://127.0.0.1:{free_port()}"
        session = chaoskit.start("--json", "--seed", "7", "--prometheus", str(port), "--grafana", nobody)
        session.await_words("proved cut onset")
        during = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
        result = json.loads(session.finish()[1])
        events = (Path(result["run_dir"]) / "events.ndjson").read_text().splitlines()
        yield Watched(
            prometheus=prometheus,
            said=session.said(),
            result=result,
            events=[json.loads(line) for line in events],
            during=during,
        )
    finally:
        prometheus.process.stop()


def test_a_fault_goes_up_and_down_again(watched: Watched) -> None:
    values = [
        value
        for _, value in watched.prometheus.only(
            'chaoskit_fault_active{region="eu-west", step="cut", fault="partition"}'
        )
    ]
    assert [value for value, _ in groupby(values)] == [0, 1, 0]


def test_availability_dips_where_the_cut_is_felt_and_comes_back(watched: Watched) -> None:
    values = [value for _, value in watched.prometheus.only(f"chaoskit_probe_success_ratio{WRITES}")]
    lowest = values.index(min(values))
    assert values[lowest] < 0.5
    assert max(values[:lowest]) > 0.9
    assert max(values[lowest:]) > 0.9


def test_the_replica_falls_behind_while_it_is_cut_off(watched: Watched) -> None:
    query = 'chaoskit_replica_lag_bytes{region="eu-west", node="eu-west/1"}'
    assert max(watched.during_the_cut(query, stood=True)) > 4096


def test_errors_are_counted_and_no_counter_runs_backwards(watched: Watched) -> None:
    failed = watched.prometheus.only(f'chaoskit_probes_total{WRITES[:-1]}, outcome="failed"}}')
    assert failed[-1][1] > failed[0][1]
    for counter in ("probes_total", "operations_total", "probe_duration_seconds_bucket", "probe_duration_seconds_sum"):
        series = watched.prometheus.series(f"chaoskit_{counter}")
        assert series
        for values in series.values():
            assert [value for _, value in values] == sorted(value for _, value in values)


def test_promtool_finds_no_fault_with_what_is_served(watched: Watched) -> None:
    command = [program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=watched.during, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_query_of_the_dashboard_finds_something(watched: Watched) -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    queries += [one["expr"] for one in dashboard["annotations"]["list"] if "expr" in one]
    assert len(queries) > 10
    for query in queries:
        assert watched.prometheus.series(query.replace("$__rate_interval", "5s").replace("$region", ".*")), query


def test_a_grafana_that_is_not_there_is_said_once_kept_as_an_event_and_changes_nothing(watched: Watched) -> None:
    assert watched.said.count("Grafana was not told of cut") == 1
    assert [event["step"] for event in watched.events if event["event"] == "not_annotated"] == ["cut"]
    assert "Grafana" not in json.dumps(watched.result)
