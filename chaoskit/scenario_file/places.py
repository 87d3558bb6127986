"""Places and links: regions, nodes and roles, perhaps narrowed to a part, joined by ``+``."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaoskit.model import place as model
from chaoskit.model.fault import Link
from chaoskit.model.place import Part, Place, RoleWord, Situation, Term
from chaoskit.scenario_file.problems import Mark, Report, did_you_mean, one_of
from chaoskit.scenario_file.regions import NO_REGIONS, Regions, is_known
from chaoskit.scenario_file.tree import YamlNode, YamlScalar, described

_ARROW = re.compile(r"<->|->")
_PARTS = tuple(part.value for part in Part)
REST = RoleWord.REST.value
STAND_ALONE = tuple(role.value for role in RoleWord if role is not RoleWord.REST)
"""Role words that mean something without a link's other side."""
_FIXED = frozenset({RoleWord.ALL, RoleWord.REST})
_DRAWN = frozenset({RoleWord.ANY, RoleWord.REPLICA, RoleWord.SURVIVING})

Complaint = Callable[[Term], tuple[str, str] | None]
"""What is wrong with a term where it stands, and the way out; None: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What places stand on.

    Attributes:
        start: The situation in which the run begins; None: the stack could not be read that far.
        operator: The region from which the failover manager works; empty: there is none; None: not known.
    """

    regions: Regions
    start: Situation | None = None
    operator: str | None = None

    def told(self, *places: Place) -> Situation | None:
        """The situation in which it is certain whom the places stand for; None: only the run will tell.

        Without a failover manager the primary stays; what is drawn or depends on what was lost is never certain.
        """
        roles = {term.role for place in places for term in place} - {None, *_FIXED}
        return None if roles & _DRAWN or (roles and self.operator != "") else self.start


NO_GROUND = Ground(regions=NO_REGIONS)


def place(report: Report, node: YamlNode, ground: Ground, complaint: Complaint) -> Place | None:
    """Read a PLACE of which no term has a complaint."""
    if not isinstance(node, YamlScalar) or not node.text:
        report.add(node.mark, f"expected a place such as `us-east` or `primary`, found {described(node)}")
        return None
    before = report.count
    terms = _terms(report, node, 0, len(node.text), ground, lambda term: _no_rest(term) or complaint(term))
    return terms if report.count == before and ground.regions.complete else None


def _no_rest(term: Term) -> tuple[str, str] | None:
    return ("`rest` has a meaning only in a link", "name the place") if term.role is RoleWord.REST else None


def anything(_term: Term) -> None:
    """Complain of nothing."""


def link(report: Report, node: YamlNode, ground: Ground, complaint: Complaint = anything) -> Link | None:
    """Read a LINK: ``A <-> B + C``, ``A.clients -> rest``. Positions are those of the wrong word inside it."""
    arrow = _ARROW.search(node.text) if isinstance(node, YamlScalar) else None
    if not isinstance(node, YamlScalar) or arrow is None:
        report.add(node.mark, f"expected a link such as `us-east <-> rest`, found {described(node)}")
        return None
    before = report.count
    left = _side(report, node, 0, arrow.start(), ground, complaint)
    right = _side(report, node, arrow.end(), len(node.text), ground, complaint)
    if _is_rest(left) and _is_rest(right):
        report.add(node.mark, "`rest` stands on one side of a link only")
    if report.count > before or not ground.regions.complete:
        return None
    found = Link(left=left, right=right, both_ways=arrow.group() == "<->")
    _check_sides(report, node.mark, found, ground)
    return found if report.count == before else None


def _side(report: Report, node: YamlScalar, start: int, end: int, ground: Ground, complaint: Complaint) -> Place:
    if not node.text[start:end].strip():
        report.add(node.mark, "a link needs a place on each side")
        return ()
    terms = _terms(report, node, start, end, ground, complaint)
    if _is_rest(terms) and len(terms) > 1:
        report.add(node.mark, "`rest` is not joined with other places")
    return terms


def _is_rest(side: Place) -> bool:
    return any(term.role is RoleWord.REST for term in side)


def _check_sides(report: Report, mark: Mark, found: Link, ground: Ground) -> None:
    """Nobody stands on both sides and somebody on each, where that can be told before the run."""
    now = ground.told(found.left, found.right)
    if now is None:
        return
    left, right = found.ends(now)
    if not left or not right:
        report.add(mark, "no region is left for `rest`")
    elif shared := sorted(_shown(party.region, party.name, found) for party in left & right):
        report.add(mark, f"`{shared[0]}` stands on both sides of the link")


def _shown(region: str, party: str, found: Link) -> str:
    """A whole region by its name, where the link names it whole on both sides."""
    whole = Term(word=region)
    return region if whole in found.left and whole in found.right else party


def _terms(report: Report, node: YamlScalar, start: int, end: int, ground: Ground, complaint: Complaint) -> Place:
    """The terms of a part of the text; wrong ones are reported and left out."""
    found: list[Term] = []
    for text, offset in _words(node.text[start:end]):
        mark = node.within(start + offset)
        term = _term(report, mark, text, ground)
        if term is None:
            continue
        if problem := complaint(term):
            report.add(mark, *problem)
        elif term in found:
            report.add(mark, f"`{term}` is listed twice")
        found.append(term)
    return tuple(found)


def _words(text: str) -> Iterator[tuple[str, int]]:
    """What stands between the ``+``, each with its offset."""
    offset = 0
    for piece in text.split("+"):
        yield piece.strip(), offset + len(piece) - len(piece.lstrip())
        offset += len(piece) + 1


def _term(report: Report, mark: Mark, text: str, ground: Ground) -> Term | None:
    before = report.count
    word, dot, part = text.partition(".")
    if not word:
        report.add(mark, "a place is missing beside `+`" if not text else f"`{text}` is no place")
        return None
    if dot and part not in _PARTS:
        report.add(mark, f"`{word}` has no `{part}`", did_you_mean(part, _PARTS) or one_of(_PARTS))
        return None
    if word not in set(RoleWord) and not is_known(report, mark, word, ground.regions):
        return None
    term = Term(word=word, part=Part(part) if dot else None)
    _check_somebody(report, mark, term, ground)
    return term if report.count == before else None


def _check_somebody(report: Report, mark: Mark, term: Term, ground: Ground) -> None:
    """A node has neither clients nor a manager; nor has a region without the operator, and one node no replica."""
    if "/" in term.word and term.part in (Part.CLIENTS, Part.MANAGER):
        region = term.word.partition("/")[0]
        report.add(mark, f"a node has no `{term.part}` of its own", f"`{region}.{term.part}`")
    elif term.part is Part.MANAGER and ground.operator == "":
        report.add(mark, f"`{term}` is nobody: there is no failover manager", "remove it, or give the stack a runbook")
    elif term.part is Part.MANAGER and term.role is None and ground.operator not in (None, term.word):
        report.add(mark, f"`{term}` is nobody: the operator sits elsewhere", f"`{ground.operator}.manager`")
    elif term.role in (RoleWord.REPLICA, RoleWord.REPLICAS) and len(ground.regions.nodes) == 1:
        report.add(mark, f"`{term}` is nobody: the stack has one node")


def some_nodes(term: Term) -> tuple[str, str] | None:
    """Complain of whatever is not nodes."""
    if term.part in (Part.CLIENTS, Part.MANAGER):
        return f"`{term}` is no node", "a node (`us-east/1`) or `primary`, `replicas`, `replica`"
    if term.part is Part.NODES or "/" in term.word:
        return None
    if term.role in (RoleWord.PRIMARY, RoleWord.REPLICAS, RoleWord.REPLICA):
        return None
    return f"`{term}` is whole regions, and this takes nodes", f"`{term}.nodes`"


def whole_regions(term: Term) -> tuple[str, str] | None:
    """Complain of whatever is no region, nor a role that a region holds."""
    if term.part is not None:
        return f"`{term}` is a part of a region, and this takes whole regions", f"`{term.word}`"
    if "/" in term.word:
        return f"`{term}` is a node, and this takes whole regions", f"`{term.word.partition('/')[0]}`"
    return None


def named_regions(term: Term) -> tuple[str, str] | None:
    """Complain of whatever is no region by name; `rest` is several."""
    if term.role not in (None, RoleWord.REST):
        return f"`{term}` is a role, and this takes regions by name", "name a region"
    return whole_regions(term)


def node_names(found: Place, ground: Ground) -> frozenset[str]:
    """The nodes of a place, where that can be told before the run; else nothing."""
    now = ground.told(found)
    return frozenset() if now is None else frozenset(node.name for node in model.nodes(found, now))


def region_names(found: Place, ground: Ground) -> frozenset[str]:
    """The same for its regions."""
    now = ground.told(found)
    return frozenset() if now is None else frozenset(model.regions(found, now))
