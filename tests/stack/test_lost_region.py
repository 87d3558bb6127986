"""A region that is lost, seen from its machine: what stands still, and that nobody goes past the WAN."""

import psutil
import pytest

from chaoskit.clock import NS
from chaoskit.model.fault import RegionLoss
from chaoskit.model.place import places
from chaoskit.processes import alive

pytestmark = pytest.mark.stack
NODES = ("us-east/1", "eu-west/1", "ap-south/1")


def test_a_lost_region_stands_still_and_nobody_dials_past_the_wan(live, bring_up, faults_on, tree, tmp_path):
    with bring_up(live) as live.stack:
        lost = faults_on(live, tmp_path / "streams")
        try:
            lost.work()
            assert outsiders(live) == set()
            loss = lost.struck(RegionLoss(target=places("us-east")))
            assert stopped(live) == {"us-east/1", "load.us-east.users", "load.us-east.probes"}
            assert {p.status() for p in tree(live, "us-east/1") if alive(p)} == {psutil.STATUS_STOPPED}
            assert outsiders(live) == set()
            frozen = tree(live, "us-east/1")
            loss.heal()
            assert [p for p in frozen if alive(p)] == []
            assert loss.settled().ok is True
        finally:
            lost.load.stop(live.clock.now_ns() + 2 * NS)
    assert [name for name, process in live.processes.items() if alive(process)] == []


def outsiders(live):
    """Who, beside the WAN, has a connection to a node's own port."""
    names = {process.pid: name for name, process in live.processes.items()}
    callers = set()

    def known():
        callers.clear()
        callers.update(dialling(live))
        return None not in callers  # one that ended while the list was made has no owner any more

    live.until(known, "every connection has an owner")
    assert callers, "nobody is connected, so nothing was inspected"
    return {names.get(pid, f"pid {pid}") for pid in callers} - {"toxiproxy"}


def dialling(live):
    """Pids with an established connection to a node's own port."""
    own = {live.stack.database.direct(node).port for node in NODES}
    found = psutil.net_connections(kind="tcp")
    return {c.pid for c in found if c.status == psutil.CONN_ESTABLISHED and c.raddr and c.raddr.port in own}


def stopped(live):
    return {name for name, process in live.processes.items() if process.status() == psutil.STATUS_STOPPED}
