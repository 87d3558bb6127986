import pytest

from chaoskit.cli.live import line
from chaoskit.engine.progress import Progress


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(phase="starting"), "starting"),
        (
            Progress(
                phase="lose-us-east",
                t_s=12.34,
                upcoming=("the audit", 3.6),
                availability={"us-east": {"write": None}, "eu-west": {"write": 0.0, "read": 1.0}},
                operations={"eu-west": 2, "ap-south": 40},
            ),
            "+ 12.3 s lose-us-east   us-east writes --   eu-west writes 0% reads 100%   42 operations"
            "   next: the audit in 4 s",
        ),
    ],
)
def test_the_line_says_the_phase_the_regions_and_what_comes_next(progress: Progress, words: str) -> None:
    assert line(progress).plain == words
