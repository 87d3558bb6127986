"""A plan as people read it: who is where, what happens when, what it touches, what it should cost."""

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from chaoskit import planning
from chaoskit.model.fault import Deed
from chaoskit.model.instant import Instant
from chaoskit.model.plan import Plan, PlannedStep, Prediction
from chaoskit.model.scenario import Runbook
from chaoskit.planning.blast import Blast, blasts
from chaoskit.planning.links import links
from chaoskit.planning.price import price
from chaoskit.scenario_file.deeds import own_keys

WIDTH = 28
MS = 1_000_000


def plan_view(plan: Plan) -> Text:
    """The whole plan, a paragraph for each of its questions."""
    text = Text()
    text.append(plan.scenario.title, style="bold")
    text.append(f"\n{plan.scenario.question}\n")
    text.append(f"seed {plan.seed}, {_s(plan.duration_ns)} after the steady state\n")
    for heading, lines in (
        ("nodes", _nodes(plan)),
        ("links", _links(plan)),
        ("timeline", _timeline(plan)),
        ("needs", _needs(plan)),
        ("predicted RTO", _predictions(plan.predictions)),
        ("price", _price(plan)),
        ("warnings", planning.warnings(plan)),
    ):
        rows = [*lines]
        if rows:
            text.append(f"\n{heading}\n", style="bold")
            text.append("".join(f"  {row}\n" for row in rows), style="yellow" if heading == "warnings" else "")
    text.rstrip()
    return text


def _nodes(plan: Plan) -> Iterator[str]:
    stack = plan.scenario.stack
    for node in stack.topology.nodes:
        yield f"{node.name:{WIDTH}}{'primary' if node.name == stack.topology.primary else 'replica'}"
    if isinstance(stack.failover, Runbook):
        yield f"{'operator':{WIDTH}}in {stack.failover.origin}"
    yield f"{'connections':{WIDTH}}at most {plan.max_connections} on one node"


def _links(plan: Plan) -> Iterator[str]:
    for link in links(plan):
        ends = f"inside {link.left}" if link.left == link.right else f"{link.left} <-> {link.right}"
        yield f"{ends:{WIDTH}}{link.rtt_ns / MS:5g} ms{link.proxies:5} proxies"


def _timeline(plan: Plan) -> Iterator[str]:
    touched = {blast.step: blast for blast in blasts(plan)}
    yield f"{'+0 s':8}  steady state confirmed: t0"
    for step in plan.steps:
        yield f"{_instant(step.at):8}  {step.name}: {_deed(step.deed)}{_until(step)}"
        yield from (f"{'':12}{line}" for line in _touched(touched[step.name], plan))
    yield f"{_instant(Instant(offset_ns=plan.duration_ns)):8}  load stops, what stands is healed, every node is read"


def _instant(instant: Instant) -> str:
    """``+5 s``, ``when promoted + 10 s``, ``at the end of cut``."""
    after, offset = instant.after, _s(abs(instant.offset_ns))
    if after is None:
        return f"+{offset}"
    sign = "-" if instant.offset_ns < 0 else "+"
    return f"when {after} {sign} {offset}" if instant.offset_ns else f"when {after}"


def _deed(deed: Deed) -> str:
    """The word, what it strikes, and its other keys as a file writes them: ``latency us-east <-> rest, add 100ms``."""
    (_, struck), *others = own_keys(deed).items()
    return ", ".join([f"{deed.word} {struck}", *(f"{key} {value}" for key, value in others)])


def _until(step: PlannedStep) -> str:
    if step.fault is None:
        return ""
    if step.for_ns is not None:
        return f", for {_s(step.for_ns)}"
    return ", to the end of the run" if step.until is None else f", until {_instant(step.until)}"


def _touched(blast: Blast, plan: Plan) -> Iterator[str]:
    if blast.stopped:
        yield f"stops {_names(blast.stopped)}"
    if blast.strained:
        yield f"changes the machine of {_names(blast.strained)}"
    if blast.destroyed:
        yield f"removes the data of {_names(blast.destroyed)}"
    if blast.lost_clients:
        yield f"the clients of {_names(blast.lost_clients)} are lost with it"
    if blast.dials:
        yield f"touches {len(blast.dials)} of {len(plan.dials)} paths, of"
        if blast.client_regions:
            yield f"  the clients of {_names(blast.client_regions)}"
        yield f"  the nodes {_names(blast.nodes)}"
    if blast.depends:
        yield "as at the start of the run: roles are decided when it strikes"


def _needs(plan: Plan) -> Iterator[str]:
    for need in planning.needs(plan.scenario):
        yield f"{need.ability:{WIDTH}}for {need.step}: {need.what}; containers have them"


def _names(words: Sequence[str]) -> str:
    return ", ".join(words)


def _predictions(predictions: Mapping[str, Prediction]) -> Iterator[str]:
    for step, prediction in predictions.items():
        yield f"after {step}"
        for part, (low_ns, high_ns) in prediction.parts.items():
            yield f"  {part:{WIDTH - 2}}{_range(low_ns, high_ns)}"
        low_ns, high_ns = (sum(ends) for ends in zip(*prediction.parts.values(), strict=True))
        yield f"  {'together':{WIDTH - 2}}{_range(low_ns, high_ns)}"


def _price(plan: Plan) -> Iterator[str]:
    cost = price(plan)
    processes = cost.server_processes + cost.load_processes + 2
    yield f"{'processes':{WIDTH}}{processes}: {cost.load_processes} of the load, {cost.server_processes} of PostgreSQL"
    yield f"{'sessions':{WIDTH}}{cost.sessions}, through {cost.proxies} proxies"
    yield f"{'operations':{WIDTH}}{cost.probes_hz:.0f} probes/s, users up to {cost.users_hz:.0f}/s"
    yield f"{'CPU':{WIDTH}}about {cost.cpu_cores:.1f} cores"
    yield f"{'memory':{WIDTH}}about {_rough(cost.memory_bytes)}"
    yield f"{'data':{WIDTH}}about {_rough(cost.room_bytes)}, in memory where /dev/shm has room"


def _range(low_ns: int, high_ns: int) -> str:
    return _s(low_ns) if low_ns == high_ns else f"{low_ns / 1e9:.1f} to {high_ns / 1e9:.1f} s"


def _rough(size_bytes: int) -> str:
    """Two digits: it is an estimate."""
    return f"{float(f'{size_bytes / 1e6:.2g}'):,.0f} MB"


def _s(length_ns: int) -> str:
    return f"{length_ns / 1e9:g} s"
