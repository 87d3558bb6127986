"""The report: one offline page that answers first and explains below."""

from collections.abc import Mapping, Sequence
from typing import Any

from chaoskit.report import (
    conditions,
    distributions,
    failback,
    faults,
    losses,
    objectives,
    price,
    recovery,
    series,
    spacetime,
    story,
    topology,
    waterfall,
    words,
)
from chaoskit.report.embed import as_json, assets
from chaoskit.report.pages import environment
from chaoskit.report.reading import part, text


def render(result: Mapping[str, Any], lanes: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    """Return the page as HTML.

    Args:
        result: ``result.json``; what it lacks is left out or said to be unknown.
        lanes: ``lanes.json``: per stream, instants in seconds since t0 (ascending), latency in ms or null, ok.
        events: The lines of ``events.ndjson``.

    Raises:
        StackError: The package was never built, so its charts are missing.
    """
    template = environment().get_template("report.html.jinja")
    return template.render(**_head(result), **_tables(result, lanes), **_charts(result, lanes, events))


def _head(result: Mapping[str, Any]) -> dict[str, object]:
    embedded = assets()
    return {
        "assets": embedded,
        "policy": embedded.policy,
        "headline": words.headline(result),
        "title": words.title(result),
        "question": text(result, "question"),
        "hypothesis": text(result, "hypothesis"),
        "setting": words.setting(result),
        "runtime": text(result, "runtime"),
        "started_at": text(result, "started_at"),
        "doubts": conditions.doubts(result),
    }


def _tables(result: Mapping[str, Any], lanes: Mapping[str, Any]) -> dict[str, object]:
    return {
        "objectives": objectives.objective_rows(result),
        "faults": faults.fault_rows(result),
        "rto": recovery.rto_table(result),
        "outages": recovery.outage_rows(result),
        "more_outages": recovery.more_outages(result),
        "downtime": recovery.downtime_rows(result),
        "failbacks": failback.failback_rows(result),
        "waterfalls": waterfall.waterfalls(result),
        "loss": losses.loss_sentence(result),
        "answers": tuple(losses.ANSWERS.values()),
        "ledger": losses.ledger_rows(result),
        "findings": losses.finding_rows(result),
        "latency": conditions.latency_rows(result),
        "users": conditions.user_rows(result),
        "errors": conditions.error_rows(result),
        "operations": conditions.operations_sentence(result),
        "steps": distributions.step_shapes(lanes),
        "more_shapes": distributions.more_shapes(lanes),
        "stages": topology.drawings(result),
        "spacetimes": spacetime.spacetimes(result, lanes),
        "crossed": price.crossed(result),
        "cpu": price.cpu_rows(result),
        "instrument": conditions.instrument_facts(result),
        "environment": conditions.environment_facts(result),
        "commands": words.repeat_commands(result),
    }


def _charts(
    result: Mapping[str, Any], lanes: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> dict[str, object]:
    drawn = series.drawing(result, lanes, events)
    told = story.story(result, events)
    downtime = recovery.downtime_rows(result)
    return {
        "lanes": [
            {
                "region": region,
                "operation": operation,
                "streams": [row for row in downtime if (row.region, row.operation) == (region, operation)],
            }
            for region, operation in series.lane_names(lanes)
        ],
        "story": story.shortened(told),
        "more_events": max(0, len(told) - story.MOST_ROWS),
        "lag": bool(part(part(lanes, "lag"), "bytes")),
        "thinned": drawn.thinned,
        "data": as_json(drawn.data),
    }
