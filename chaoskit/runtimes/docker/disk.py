"""A machine's disk: its data volume can be filled by a file beside the data, until writes fail with ENOSPC."""

from chaoskit.errors import StackError
from chaoskit.runtimes.docker import names
from chaoskit.runtimes.docker.container import Container

FILLER = f"{names.DISK}/chaoskit.filler"
OWNER = "postgres"  # what is kept back for root is not free for a server
TIMEOUT_S = 30.0
FREE = 'df --output=avail -B1 "$1" | tail -n 1'
# The server goes on writing meanwhile: what was free may not be any more, so ask again.
FILL = f"""
for attempt in 1 2 3 4 5; do
  rm -f "$2"
  free=$({FREE})
  [ "$free" -gt "$3" ] || exit 0
  fallocate -l $((free - $3)) "$2" && exit 0
done
exit 1
"""


class Disk:
    """The data volume of a machine.

    Args:
        machine: A container that has it, and lives while its server is dead.
    """

    def __init__(self, machine: Container) -> None:
        self._machine = machine

    def fill(self, leave_bytes: int) -> None:
        """Fill it but for ``leave_bytes``, or less where the server writes meanwhile; replaces an earlier filling.

        Raises:
            StackError: It is no volume of a size of its own, or cannot be filled.
        """
        if self._size_of(names.DISK) == self._size_of("/"):
            raise StackError(
                f"the disk of {self._machine.name} is not filled",
                why="its data lies on the engine's own disk, which others use too",
                fix="use a volume with a size, like the tmpfs volume of compose/services.yaml",
            )
        self._run(FILL, names.DISK, FILLER, str(leave_bytes))

    def empty(self) -> None:
        """Remove what filled it; idempotent."""
        self._run('rm -f "$1"', FILLER)

    def free_bytes(self) -> int:
        """The room that is left for its server."""
        return int(self._run(FREE, names.DISK))

    def _size_of(self, path: str) -> str:
        return self._run('df --output=size "$1" | tail -n 1', path)

    def _run(self, script: str, *words: str) -> str:
        return self._machine.exec(["sh", "-c", script, "sh", *words], user=OWNER, timeout_s=TIMEOUT_S)
