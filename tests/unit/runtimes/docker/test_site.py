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

    def prove_fence(self):
        self.done.append("fence proved")

    def prove_isolation(self):
        self.done.append("isolation proved")


def test_isolation_is_proved_when_the_fence_stands_and_every_server_listens():
    parts = Parts()
    assert assembled(parts, "wan") == "wan"
    assert [done for done in parts.done if "fence" in done] == ["fence", "fence proved"]
    assert (parts.done[-1], len(parts.done)) == ("isolation proved", 4)
