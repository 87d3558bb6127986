"""What crossed the WAN, from the counters of Toxiproxy's own metrics page."""

import re
from collections.abc import Iterable, Mapping

from chaoskit.model.plan import Dial

RECEIVED = re.compile(r"^toxiproxy_proxy_received_bytes_total\{(?P<labels>.*)\} (?P<bytes>\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
Pair = tuple[str, str]


def crossed(page: str, dials: Iterable[Dial]) -> dict[Pair, int]:
    """Bytes by (from, to) region, a region with itself included, that were handed to the links of ``dials``.

    Toxiproxy counts a connection when it ends, so nothing of those that stand is in its page.
    """
    counted: dict[tuple[str, str], int] = {}
    for found in RECEIVED.finditer(page):
        labels = dict(LABEL.findall(found["labels"]))
        key = labels.get("proxy", ""), labels.get("direction", "")
        counted[key] = counted.get(key, 0) + int(float(found["bytes"]))
    return _by_pair(counted, dials)


def _by_pair(counted: Mapping[tuple[str, str], int], dials: Iterable[Dial]) -> dict[Pair, int]:
    pairs: dict[Pair, int] = {}
    for dial in dials:
        there, back = (dial.source.region, dial.target.region), (dial.target.region, dial.source.region)
        for pair, direction in ((there, "upstream"), (back, "downstream")):
            pairs[pair] = pairs.get(pair, 0) + counted.get((dial.name, direction), 0)
    return pairs
