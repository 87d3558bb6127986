"""Versions of PostgreSQL: the one that the scenario asks for runs, or none."""

import os

import pytest

from chaoskit.errors import StackError
from chaoskit.runtimes.local.stack import LocalRuntime
from chaoskit.wiring.local import kit

pytestmark = pytest.mark.stack


def test_another_version_than_the_scenarios_is_refused_before_anything_starts(live_of, bring_up, three_regions):
    live = live_of(three_regions("postgres: {version: 17}"))
    with pytest.raises(StackError, match="asks for PostgreSQL 17, this is 18") as refused, bring_up(live):
        pass
    assert "CHAOSKIT_PG_BIN" in refused.value.fix
    assert (live.processes, live.directories) == ({}, [])


@pytest.fixture
def another_version():
    """Programs of another major version, named by CHAOSKIT_TEST_PG_BIN."""
    if "CHAOSKIT_TEST_PG_BIN" not in os.environ:
        pytest.skip("CHAOSKIT_TEST_PG_BIN names no PostgreSQL of another version")
    return kit(dict(os.environ) | {"CHAOSKIT_PG_BIN": os.environ["CHAOSKIT_TEST_PG_BIN"]}, print).tools


def test_the_programs_that_were_chosen_are_the_ones_that_run(live_of, three_regions, another_version):
    major = another_version.postgres_major
    live = live_of(three_regions(f"postgres: {{version: {major}}}"))
    runtime = LocalRuntime(another_version, launcher=live.launcher, clock=live.clock, intend=live.journal.directory)
    with runtime.up(live.plan) as live.stack:
        assert live.rows("eu-west/1", "SELECT current_setting('server_version_num')::int / 10000") == [(str(major),)]
        assert live.stack.environment()["versions"]["postgresql"].startswith(str(major))
