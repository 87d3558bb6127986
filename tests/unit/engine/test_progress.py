from chaoskit.engine.progress import shares


def test_the_streams_of_a_region_become_one_share_per_operation() -> None:
    counts = {"eu-west/write/established": (5, 10), "eu-west/read/fresh": (10, 10), "us-east/write/fresh": (0, 4)}
    assert shares(counts) == {"eu-west": {"write": 0.5, "read": 1.0}, "us-east": {"write": 0.0}}


def test_a_region_without_probes_has_no_share() -> None:
    assert shares({"eu-west/write/established": (0, 0)}) == {"eu-west": {"write": None}}
    assert shares({}) == {}
