"""``chaoskit plan``: what a run would do, break and cost, without starting anything."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.text import Text

from chaoskit import planning
from chaoskit.cli.plan_view import plan_view
from chaoskit.cli.selection import Filter, load
from chaoskit.cli.voice import answer, result
from chaoskit.model.plan import Plan
from chaoskit.planning.blast import Blast, blasts
from chaoskit.planning.links import links
from chaoskit.planning.price import price
from chaoskit.session.trials import base_seed, draw_seed


def show_plan(path: Path, *, sets: tuple[str, ...], wanted: Filter, seed: int | None, json: bool) -> None:
    """Show the plan of each variant of a scenario; ``seed`` None: the file's, or drawn once for all.

    Raises:
        UsageError: The file is wrong, or no variant is selected.
    """
    drawn, found = draw_seed(), wanted.keep(load([path], sets))
    plans = [planning.plan(one.scenario, seed=base_seed(one.scenario, seed, drawn), run="000000") for one in found]
    if json:
        for plan in plans:
            result(plan_document(plan))
    else:
        answer(Text("\n\n").join(map(plan_view, plans)))


def plan_document(plan: Plan) -> dict[str, Any]:
    """``plan.json`` and what only a dry run tells: nodes, links, what each step touches, and the price."""
    topology = plan.scenario.stack.topology
    return {
        **planning.as_json(plan),
        "nodes": [
            {
                "name": node.name,
                "region": node.region,
                "role": "primary" if node.name == topology.primary else "replica",
            }
            for node in topology.nodes
        ],
        "links": [asdict(link) for link in links(plan)],
        "blast": [_blast(blast) for blast in blasts(plan)],
        "price": asdict(price(plan)),
    }


def _blast(blast: Blast) -> dict[str, Any]:
    return {
        "step": blast.step,
        "stopped": list(blast.stopped),
        "strained": list(blast.strained),
        "destroyed": list(blast.destroyed),
        "lost_clients": list(blast.lost_clients),
        "client_regions": list(blast.client_regions),
        "nodes": list(blast.nodes),
        "dials": [dial.name for dial in blast.dials],
        "depends": blast.depends,
    }
