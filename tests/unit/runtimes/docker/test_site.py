"""The order in which the parts of a stack of containers come to stand."""

from chaoskit.runtimes.docker.site import assembled


class Parts:
    """Remembers what was asked of it."""

    def __init__(self):
        self.done = []

    def fence(self):
        self.done.append("fence")

    def cluster(self, wan):
        self.done.append("cluster")
        return wan

    def prove_isolation(self):
        self.done.append("prove")


def test_isolation_is_proved_when_the_fence_stands_and_every_server_listens():
    parts = Parts()
    assert assembled(parts, "wan") == "wan"
    assert (sorted(parts.done[:2]), parts.done[2:]) == (["cluster", "fence"], ["prove"])
