"""A server's share of a core, kept by the kernel: it runs for that share of every period and stands still for the rest.

A server that needs less than its share notices nothing.
"""

from chaoskit.runtimes.docker.container import Container

PERIOD_US = 100_000
UNLIMITED = -1
WITHOUT_QUOTA = ("max", str(UNLIMITED), "0")  # the kernel's words, and the engine's for what nobody has limited
TIMEOUT_S = 10.0
# As the kernel has it: cgroup v2 in one file, v1 in two. Both say the quota, then the period.
READ = "cd /sys/fs/cgroup && cat cpu.max 2>/dev/null || cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us"


class Cpu:
    """How much of one core all processes of a server get together."""

    def __init__(self, server: Container) -> None:
        self._server = server

    def throttle(self, leave: float | None) -> None:
        """Give it ``leave`` of one core; None: as much as there is. Idempotent, and it holds over restarts.

        The kernel refuses less than 1%.
        """
        quota_us = UNLIMITED if leave is None else round(leave * PERIOD_US)
        self._server.update(cpu_period=PERIOD_US, cpu_quota=quota_us)

    def share(self) -> float | None:
        """What it gets of one core, by the kernel, or by the engine where it does not run; None: all there is."""
        if self._server.state().running:
            quota, period = self._server.exec(["sh", "-c", READ], timeout_s=TIMEOUT_S).split()
        else:
            limits = self._server.inspect()["HostConfig"]
            quota, period = str(limits["CpuQuota"]), str(limits["CpuPeriod"])
        return None if quota in WITHOUT_QUOTA else int(quota) / int(period)

    def throttled(self) -> int:
        """Periods in which it had to stand still, since it was started; 0 where it does not run."""
        return int(self._server.stats()["cpu_stats"]["throttling_data"].get("throttled_periods", 0))
