"""Nobody is killed for having a pid that an engine on another machine has named."""

import psutil
import pytest

from chaoskit.runtimes.docker.doom import doom


class Elsewhere:
    """A container of another machine."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def inspect(self):
        return {"Id": "4bc52423d41a7ab66ee0ed218d20c77bc6a4daa4a063af29fbd2847f0e5773ad", "State": {"Pid": self._pid}}


def test_a_process_of_this_machine_that_is_not_the_containers_lives_on() -> None:
    bystander = psutil.Popen(["sleep", "60"])
    try:
        assert doom(Elsewhere(bystander.pid)) is False
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait(10)


@pytest.mark.parametrize("pid", [0, 2**22 + 1])  # the kernel counts no further than 2**22
def test_a_container_without_processes_here_is_left_alone(pid: int) -> None:
    assert doom(Elsewhere(pid)) is False
