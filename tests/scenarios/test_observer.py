"""The measured RTO is held against an observer that no proxy delays and no probe grid quantises."""

import os
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaoskit import judging, planning, scenario_file
from chaoskit.clock import NS, MonotonicClock
from chaoskit.engine.journal import Journal
from chaoskit.engine.lock import host_lock
from chaoskit.engine.run import Run
from chaoskit.engine.rundir import create
from chaoskit.model.event import Name
from chaoskit.processes import Launcher
from chaoskit.sql import Session, Unanswered
from chaoskit.wiring.local import kit
from chaoskit.wiring.parts import parts

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SCENARIO = Path(__file__).parents[2] / "scenarios" / "region-loss-async.chaos.yaml"
POLL_S = 0.005


class Observer:
    """Polls every standby's own port from the moment the stack is up; notes when one first takes a write."""

    def __init__(self, clock):
        self.clock, self.first_commit_ns, self.done = clock, {}, threading.Event()

    def watch(self, node, target):
        session = Session(target, self.clock)
        while not self.done.is_set() and node not in self.first_commit_ns:
            try:
                # A transaction of its own that needs a primary, and that no table shows.
                reply = session.ask(["SELECT pg_current_xact_id()"], timeout_s=1)[0]
            except Unanswered:
                continue
            if not reply.sqlstate:
                self.first_commit_ns[node] = reply.returned_ns
            self.done.wait(POLL_S)
        session.close()

    @contextmanager
    def over(self, stack, nodes):
        threads = [threading.Thread(target=self.watch, args=(node, stack.database.direct(node))) for node in nodes]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.done.set()
            for thread in threads:
                thread.join(10)


class WatchedRuntime:
    def __init__(self, runtime, observer):
        self.runtime, self.observer = runtime, observer

    @contextmanager
    def up(self, plan):
        topology = plan.scenario.stack.topology
        standbys = [node.name for node in topology.nodes if node.name != topology.primary]
        with self.runtime.up(plan) as stack, self.observer.over(stack, standbys):
            yield stack


@pytest.fixture(scope="module")
def observed(tmp_path_factory):
    root = tmp_path_factory.mktemp("observed")
    scenario = scenario_file.load(SCENARIO)
    plan = planning.plan(scenario, seed=7, run="0b5e41")
    clock = MonotonicClock()
    observer = Observer(clock)
    with host_lock(waiting=lambda: None):
        directory = create(root, scenario, plan.run, datetime.now(UTC))
        directory.write_text(judging.SCENARIO, SCENARIO.read_text())
        directory.write_json("run.json", {"run": plan.run, "seed": 7, "source": str(SCENARIO), "runtime": "local"})
        journal = Journal(directory.journal, run=plan.run, index=root / "index")
        launcher = Launcher(run=plan.run, logs=directory.logs, started=journal.process)
        runtime = kit(os.environ, lambda _text: None).runtime(journal, launcher, clock, directory.logs)
        made = parts(runtime, journal, launcher, clock, directory.streams, master_bind="127.0.0.1")
        made = replace(made, runtime=WatchedRuntime(made.runtime, observer))
        never = threading.Event()
        Run(plan, made, directory, journal=journal, clock=clock, interrupted=never, watch=lambda _p: None).execute()
        journal.close()
    record = judging.load(directory.path)
    return record, judging.judge(directory.path).result, observer.first_commit_ns


def truth_s(record, first_commit_ns, region):
    """Seconds from the onset until a client of the region could first have had a write committed."""
    onset_ns = next(e.t_ns for e in record.events if e.event is Name.START)
    routed_ns = next(e.t_ns for e in record.events if e.event is Name.ROUTED and e.region == region)
    return (max(routed_ns, *first_commit_ns.values()) - onset_ns) / NS


@pytest.mark.parametrize("connection", ["established", "fresh"])
@pytest.mark.parametrize("region", ["eu-west", "ap-south"])
def test_the_instant_at_which_writes_were_possible_again_lies_inside_the_interval(observed, region, connection):
    record, result, first_commit_ns = observed
    row = next(
        row
        for row in result["rto"]
        if (row["region"], row["operation"], row["connection"]) == (region, "write", connection)
    )
    assert row["lo_s"] <= truth_s(record, first_commit_ns, region) <= row["hi_s"]


def test_exactly_one_standby_ever_took_a_write(observed):
    _, _, first_commit_ns = observed
    assert list(first_commit_ns) == ["eu-west/1"]


def test_what_the_old_primary_alone_holds_is_what_was_lost_or_never_answered(observed):
    record, result, _ = observed
    old = set(record.final[(record.final.audit == "before_failback") & (record.final.node == "us-east/1")]["value"])
    new = set(record.final[record.final.authoritative]["value"])
    writes = record.history[record.history["kind"].isin(["write", "probe_write"])]
    acknowledged = set(writes[writes["outcome"].isin(["ok", "ok_warned"])]["value"])
    unknown = set(writes[writes["outcome"] == "unknown"]["value"])
    assert old - new <= acknowledged | unknown
    assert acknowledged - new == (old - new) & acknowledged
    assert len(acknowledged - new) == result["rpo"]["lost_writes"] > 0
