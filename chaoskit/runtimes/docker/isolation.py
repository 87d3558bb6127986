"""The proof, from inside every node, that it reaches no other region but through its own dials."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import Container

ATTEMPT_S = 0.5
TIMEOUT_S = 10.0
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
    nodes: Mapping[str, Container], own: Mapping[str, Sequence[str]], forbidden: Mapping[str, Sequence[str]]
) -> None:
    """Try every way out of every node.

    Args:
        nodes: A container in each node's network namespace, by the node's name.
        own: What a node must reach: else the attempt itself proves nothing.
        forbidden: What it must not reach.

    Raises:
        StackError: A node reaches what it must not, or not what it must.
    """

    def one(node: str) -> tuple[set[str], set[str]]:
        found = reached(nodes[node], [*own[node], *forbidden[node]])
        return set(own[node]) - found, found & set(forbidden[node])

    with ThreadPoolExecutor() as pool:
        results = dict(zip(nodes, pool.map(one, nodes), strict=True))
    for node, (missed, leaked) in results.items():
        if leaked:
            raise StackError(
                f"{node} reaches {', '.join(sorted(leaked))} past the WAN",
                why="its networks are not isolated: the engine runs with --iptables=false, or its rules are gone",
                fix="let the engine manage iptables, restart it, and see docs/docker.md",
            )
        if missed:
            raise StackError(f"{node} does not reach the WAN at {', '.join(sorted(missed))}")
