"""A harness of a run that makes things in an engine as fast as it can, and stops for nothing but a word on its stdin.

    python harness.py RUN ADDRESS IMAGE ROOM

It says ``begun``, ``made`` after each of its containers, one of which it pauses, ``all`` at the end of them, and
``removing`` when it has been told to go.
"""

import sys
from pathlib import Path

from chaoskit.engine.journal import Journal
from chaoskit.processes import Launcher
from chaoskit.runtimes.docker.estate import estate
from chaoskit.runtimes.docker.ownership import labels

CONTAINERS = 3


def say(word: str) -> None:
    print(word, flush=True)


def main(run: str, address: str, image: str, room: Path) -> None:
    journal = Journal(room / "journal.ndjson", run=run, index=room / "index")
    launcher = Launcher(run=run, logs=room / "logs", started=journal.process)
    with estate(address, run=run, launcher=launcher, intend=journal.engine, removed=journal.removed) as api:
        say("begun")
        network = api.create_network(f"chaoskit-{run}", internal=True, labels=labels(run))["Id"]
        for number in range(CONTAINERS):
            name = f"chaoskit-{run}-{number}"
            api.create_volume(name, labels=labels(run))
            host = api.create_host_config(binds=[f"{name}:/data"], network_mode=network)
            api.create_container(image, ["/toxiproxy"], name=name, labels=labels(run, role="node"), host_config=host)
            api.start(name)
            if number == 1:
                api.pause(name)
            say("made")
        say("all")
        sys.stdin.readline()
        say("removing")
    journal.close()


if __name__ == "__main__":
    main(*sys.argv[1:4], Path(sys.argv[4]))
