"""The dashboard and the list of metrics say what is served."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chaoskit.engine.progress import Progress
from chaoskit.load.meter import Meter
from chaoskit.model.plan import Plan
from chaoskit.monitoring.exposition import Exposition

DOCS = Path(__file__).parents[3] / "docs"
SUFFIXES = re.compile("_(bucket|count|sum)$")


@pytest.fixture
def served(plan: Plan) -> dict[str, set[str]]:
    """Every metric by its name in a query, and its labels."""
    exposition, stream = Exposition(plan, trial=1), "eu-west/write/fresh"
    exposition.watch(
        Progress(
            phase="healthy",
            probed={stream: (1, 1)},
            tallies={stream: Meter().tally()},
            operations={"eu-west": 1},
            primary="us-east/1",
            lag_bytes={"eu-west/1": 0},
        )
    )
    samples = [sample for family in exposition.collect() for sample in family.samples]
    return {SUFFIXES.sub("", sample.name): set(sample.labels) - {"le"} for sample in samples}


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    return dict(json.loads((DOCS / "grafana" / "chaoskit.json").read_text(encoding="utf-8")))


def test_the_dashboard_asks_for_what_is_served_and_for_all_of_it(
    dashboard: dict[str, Any], served: dict[str, set[str]]
) -> None:
    asked = {SUFFIXES.sub("", name) for name in re.findall(r"chaoskit_\w+", json.dumps(dashboard))}
    assert asked == set(served)


def test_the_dashboard_can_be_imported_with_any_prometheus(dashboard: dict[str, Any]) -> None:
    assert isinstance(dashboard["schemaVersion"], int)
    assert dashboard["id"] is None
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    own = {"type": "prometheus", "uid": "${datasource}"}
    targets = [target for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert all(one["datasource"] == own for one in [*targets, variables["region"]])


def test_panels_have_places_of_their_own(dashboard: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_metric_is_listed_with_its_labels(served: dict[str, set[str]]) -> None:
    rows = re.findall(r"^\| `(chaoskit_\w+)` \| [^|]+ \| ([^|]+) \|", (DOCS / "metrics.md").read_text(), re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == served
