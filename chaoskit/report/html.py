"""The report: one offline page that answers first and explains below."""

from collections.abc import Mapping, Sequence
from typing import Any

from chaoskit.report import (
    conditions,
    failback,
    faults,
    losses,
    objectives,
    recovery,
    series,
    timeline,
    waterfall,
    words,
)
from chaoskit.report.embed import as_json, assets
from chaoskit.report.pages import environment
from chaoskit.report.reading import text


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
    return template.render(**_head(result), **_tables(result, events), **_charts(result, lanes, events))


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


def _tables(result: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> dict[str, object]:
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
        "events": timeline.event_rows(result, events),
        "more_events": max(0, len(events) - timeline.MOST_EVENTS),
        "instrument": conditions.instrument_facts(result),
        "environment": conditions.environment_facts(result),
        "commands": words.repeat_commands(result),
    }


def _charts(
    result: Mapping[str, Any], lanes: Mapping[str, Any], events: Sequence[Mapping[str, Any]]
) -> dict[str, object]:
    drawn = series.drawing(result, lanes, events)
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
        "thinned": drawn.thinned,
        "data": as_json(drawn.data),
    }
