"""A lost region's clients come back as new sessions."""

import psutil
import pytest

from chaoskit.clock import NS

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two workers"])
def returned(request, bench):
    made = bench(us_east=2, eu_west=1, load={"workers": {"us-east": request.param}})
    made.begin()
    made.lose("us-east")
    made.lost_ns, made.before = made.clock.now_ns(), made.load.operations()["us-east"]
    made.load.restore("us-east")
    made.until(lambda: made.load.operations()["us-east"] > made.before + 10, "its users work")
    made.until(lambda: made.region_probes("us-east", since_ns=made.lost_ns) > 20, "its probes succeed")
    made.states = {name: process.status() for name, process in made.processes.items() if process.is_running()}
    made.finish()
    return made


def theirs(made, history):
    return history[(history["region"] == "us-east") & history["client"].str.endswith("#2")]


def test_there_are_as_many_users_as_before_in_sessions_of_their_own(returned):
    after = theirs(returned, returned.users)
    before = returned.users[(returned.users["region"] == "us-east") & ~returned.users["client"].str.contains("#")]
    assert after["session"].nunique() == before["session"].nunique() == 2
    assert not set(after["session"]) & set(before["session"])
    assert after["invoked_ns"].min() > returned.lost_ns


def test_values_stay_unique_and_streams_complete(returned):
    assert returned.writes["value"].is_unique
    assert returned.incomplete == []
    assert returned.load.broken() == []
    names = {path.stem for path in returned.load.streams()}
    assert {"us-east.probes", "us-east.probes#2", "eu-west.users", "eu-west.probes"} <= names


def test_the_new_prober_keeps_to_the_grid_of_the_old_one(returned):
    probes = returned.probed[returned.probed["region"] == "us-east"]
    for (_, connection), rows in probes.groupby(["kind", "connection"]):
        interval_ns = NS // 5 if connection == "fresh" else NS // 20
        assert rows["client"].nunique() == 2
        assert set((rows["scheduled_ns"] - rows["scheduled_ns"].min()) % interval_ns) == {0}
        assert rows["scheduled_ns"].is_unique


def test_the_streams_of_both_generations_are_counted_as_one(returned):
    lanes = returned.load.availability(0, returned.clock.now_ns())
    assert len(lanes) == 8
    tallies = returned.load.tallies()
    sums = {name: (sum(tally.answered), sum(tally.answered) + tally.failed) for name, tally in tallies.items()}
    assert sums == lanes
    probes = returned.probed
    recorded = probes.groupby(["region", "kind", "connection"]).size()
    assert {name: finished for name, (_, finished) in lanes.items()} == {
        f"{region}/{kind.removeprefix('probe_')}/{connection}": count
        for (region, kind, connection), count in recorded.items()
    }


def test_the_frozen_processes_are_gone_and_in_the_end_all_are(returned):
    assert psutil.STATUS_STOPPED not in returned.states.values()
    assert returned.left() == []


def test_a_stop_while_clients_come_back_leaves_nothing_and_does_not_hang(bench):
    made = bench(us_east=1)
    made.begin()
    made.lose("us-east")
    made.load.restore("us-east")
    made.finish()
    assert made.left() == []
    assert made.load.broken() == []


def test_a_region_that_was_not_lost_keeps_its_clients(bench):
    made = bench(us_east=1)
    made.begin()
    made.load.restore("us-east")
    made.finish()
    assert set(made.processes) == {"load.us-east.users", "load.us-east.probes"}
    assert set(made.users["client"]) == {"us-east.users"}


def test_a_region_can_be_lost_and_come_back_again(bench):
    made = bench(us_east=1)
    made.begin()
    for _ in range(2):
        made.lose("us-east")
        lost_ns = made.clock.now_ns()
        made.load.restore("us-east")
        made.until(lambda since_ns=lost_ns: made.region_probes("us-east", since_ns=since_ns) > 20, "probes succeed")
    made.finish()
    assert made.incomplete == []
    assert {"us-east.probes#2", "us-east.probes#3"} <= set(made.history["client"])
