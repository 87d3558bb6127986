"""The proof, from inside every node, that it reaches no other region but through its own dials."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.protocols import Clock
from chaoskit.runtimes.docker.container import Container

ATTEMPT_S = 0.2  # what a node must reach is tried at the same time: a machine that is too slow for it proves nothing
TIMEOUT_S = 10.0
REACH_TIMEOUT_S = 20.0
WHY = "its networks are not isolated: the engine runs with --iptables=false, or its rules are gone"
FIX = "let the engine manage iptables, restart it, and see docs/docker.md"
# Prints every address that accepted a connection; all are tried at once.
SCRIPT = """
for a in "$@"; do
  (timeout {attempt} bash -c ": < /dev/tcp/${{a%:*}}/${{a#*:}}" 2>/dev/null && echo "$a") &
done
wait
"""


def reached(container: Container, addresses: Sequence[str]) -> set[str]:
    """Which of the ``host:port`` accept a connection from inside the container."""
    script = SCRIPT.format(attempt=ATTEMPT_S)
    return set(container.exec(["bash", "-c", script, "bash", *addresses], timeout_s=TIMEOUT_S).split())


def prove(
    nodes: Mapping[str, Container],
    own: Mapping[str, Sequence[str]],
    forbidden: Mapping[str, Sequence[str]],
    *,
    clock: Clock,
) -> None:
    """Try every way out of every node.

    Args:
        nodes: A container in each node's network namespace, by the node's name.
        own: What a node must reach: an attempt at which it does not proves nothing, and is made again.
        forbidden: What it must not reach.
        clock: The run's.

    Raises:
        StackError: A node reaches what it must not, or never what it must.
    """

    def attempt(node: str) -> str | None:
        found = reached(nodes[node], [*own[node], *forbidden[node]])
        if leaked := found & set(forbidden[node]):
            raise StackError(f"{node} reaches {', '.join(sorted(leaked))} past the WAN", why=WHY, fix=FIX)
        missed = set(own[node]) - found
        return f"{', '.join(sorted(missed))} does not answer" if missed else None

    def one(node: str) -> None:
        what = f"{node} does not reach the WAN"
        wait_for(lambda: attempt(node), clock=clock, timeout_s=REACH_TIMEOUT_S, what=what, fix=FIX)

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, nodes))
