import pytest

from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party, Role
from chaoskit.protocols import Stream


@pytest.fixture
def stream() -> Stream:
    """Clients of us-east to the node of eu-west."""
    return Stream(
        Dial(
            source=Party(region="us-east", role=Role.CLIENTS),
            target=Party(region="eu-west", role=Role.NODE, number=1),
        ),
        True,
    )
