"""A removal comes to its end, whatever the engine says."""

from docker.errors import NotFound

from chaoskit.runtimes.docker.ownership import RUN_LABEL, remove


class Stubborn:
    """An engine that goes on listing a volume which it says is gone."""

    def __init__(self):
        self.asked = 0

    def containers(self, **_):
        return []

    networks = containers

    def volumes(self, **_):
        return {"Volumes": [{"Name": "data", "Labels": {RUN_LABEL: "abc123"}}]}

    def remove_volume(self, _name):
        self.asked += 1
        raise NotFound("no such volume")


def test_what_is_listed_again_and_again_though_it_is_gone_is_no_progress():
    engine = Stubborn()
    done = remove(engine, "abc123", timeout_s=0.5)
    assert engine.asked > 1
    assert done.volumes == ("data",)
