"""The process that removes what an engine holds of a run whose harness was killed.

    python -m chaoskit.runtimes.docker.reaper RUN ADDRESS

Its standard input is a pipe whose other end only the harness holds. At the farewell it ends; at the end of the pipe
without one it removes everything of the run, looks on until nothing more appears, and ends. It is nobody's child, in
no terminal's session, and deaf to every request to end: only SIGKILL ends it early.
"""

import os
import signal
import sys

FAREWELL = b"farewell"
DEAF_TO = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def main(run: str, address: str) -> None:
    """Wait for the end of the harness, then remove what it left."""
    _detach()
    # Imported now, not when it is needed: the environment of a harness that was killed may be gone by then. And not
    # earlier: the harness waits until we have left it.
    from chaoskit.runtimes.docker.reaping import reap

    said = b""
    while word := os.read(sys.stdin.fileno(), 64):
        said += word
    if FAREWELL not in said:
        reap(run, address)


def _detach() -> None:
    """Become nobody's child; whoever started us is told the pid."""
    for number in DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    if child := os.fork():
        os.write(sys.stdout.fileno(), b"%d\n" % child)
        os._exit(0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    main(*sys.argv[1:])
