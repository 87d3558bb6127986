import pytest

from chaoskit.errors import StackError
from chaoskit.failover.none import NoFailoverManager


def test_where_nobody_fails_over_nothing_is_held_and_a_switchover_says_who_stays_primary() -> None:
    manager = NoFailoverManager("us-east/1")
    assert manager.deposed() == ()
    assert not manager.holds("us-east/1")
    with pytest.raises(StackError, match="us-east/1 is primary"):
        manager.switchover("eu-west/1")
