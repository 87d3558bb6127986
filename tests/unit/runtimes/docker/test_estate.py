"""How long an engine is watched before a run's things count as gone."""

from contextlib import suppress
from types import SimpleNamespace

import pytest

from chaoskit.runtimes.docker import estate as room
from chaoskit.runtimes.docker.ownership import Removed


@pytest.fixture
def removals(monkeypatch):
    """What each removal was asked for."""
    asked = []

    def remove(_api, _run, *, quiet_s):
        asked.append(quiet_s)
        return Removed()

    monkeypatch.setattr(room, "remove", remove)
    monkeypatch.setattr(room, "connect", lambda _address: SimpleNamespace(close=lambda: None))
    return asked


def entered(dismissed):
    reaper = SimpleNamespace(leave=lambda: None, dismiss=dismissed.append)
    launcher = SimpleNamespace(outliving=lambda *_, **__: reaper)
    return room.estate("unix:///x", run="abc", launcher=launcher, intend=lambda _: None, removed=lambda _: None)


def test_after_a_failure_what_is_still_under_way_in_the_engine_is_waited_for(removals):
    dismissed = []
    with suppress(RuntimeError), entered(dismissed):
        raise RuntimeError("Compose was killed")
    assert removals[0] > 0
    assert dismissed == [room.FAREWELL]


def test_at_the_end_of_a_run_nothing_is_waited_for(removals):
    with entered([]):
        pass
    assert removals == [0]
