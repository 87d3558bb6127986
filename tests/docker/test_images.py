"""The contract that a stack relies on, of whatever images the variables name: the official ones keep it, too."""

import gzip
import io
import os
import secrets
import tarfile
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import docker
import pytest

from chaoskit.clock import MonotonicClock, wait_for
from chaoskit.errors import StackError
from chaoskit.protocols import Target
from chaoskit.runtimes.docker.container import Container
from chaoskit.runtimes.docker.ownership import labels, remove
from chaoskit.sql import ask

pytestmark = pytest.mark.docker

POSTGRES = os.environ.get("CHAOSKIT_POSTGRES_IMAGE") or "chaoskit/postgres:18"
TOXIPROXY = os.environ.get("CHAOSKIT_TOXIPROXY_IMAGE") or "chaoskit/toxiproxy:2.12.0"
NET = os.environ.get("CHAOSKIT_NET_IMAGE") or "chaoskit/net:1"
SCRIPTS = "/docker-entrypoint-initdb.d"
QUICK = {"POSTGRES_INITDB_ARGS": "--no-sync"}
SECRET = 'it\'s "odd" $HOME'  # no shell may read it
UP_S, END_S, EXEC_S = 60, 60, 20

SQL = "CREATE TABLE ran (place serial, name text); INSERT INTO ran (name) VALUES ('sql')"
SOURCED = """
docker_process_sql -c "INSERT INTO ran (name) VALUES ('sourced $NEVER_SET')"
"""
EXECUTED = """#!/bin/bash
tcp=closed
(exec 3<>/dev/tcp/127.0.0.1/5432) 2>/dev/null && tcp=open
psql -U "$POSTGRES_USER" "$POSTGRES_DB" -c "INSERT INTO ran (name) VALUES ('executed, tcp $tcp')"
"""
COMPRESSED = gzip.compress(b"INSERT INTO ran (name) VALUES ('gz')")


@dataclass
class Room:
    """Makes containers of one test, which are removed with it."""

    api: docker.APIClient
    run: str = field(default_factory=lambda: secrets.token_hex(3))

    def make(self, image: str, *command: str, host: dict[str, Any] | None = None, **words: Any) -> Container:
        """A container that is not started."""
        made = self.api.create_container(
            image,
            list(command) or None,
            host_config=self.api.create_host_config(**(host or {})),
            labels=labels(self.run),
            **words,
        )
        return Container(self.api, made["Id"], clock=MonotonicClock())

    def end(self, container: Container) -> tuple[int, str]:
        """Run it to its end: its exit code, and everything it said."""
        container.start()
        code = self.api.wait(container.name, timeout=END_S)["StatusCode"]
        return code, self.api.logs(container.name).decode()


@pytest.fixture(scope="module")
def image(engine: docker.APIClient) -> Callable[[str], str]:
    """The image's name, if it is there; required where CI says so."""

    def present(name: str) -> str:
        if not engine.images(name=name) and os.environ.get("CI") != "true":
            pytest.skip(f"no image {name}: make images, or name another by the variables of docs/docker.md")
        return name

    return present


@pytest.fixture(scope="module")
def room(engine: docker.APIClient) -> Iterator[Room]:
    made = Room(engine)
    yield made
    assert remove(engine, made.run).left == ()


def accepts(container: Container, user: str) -> None:
    """Wait until the server is there that is meant to stay: the temporary one does not listen on TCP."""

    def why_not() -> str | None:
        try:
            container.exec(["psql", "-h", "127.0.0.1", "-U", user, "-c", "SELECT 1", "postgres"], timeout_s=EXEC_S)
        except StackError as error:
            return error.why
        return None

    wait_for(why_not, clock=MonotonicClock(), timeout_s=UP_S, what="the server")


def query(container: Container, statement: str, user: str = "postgres", dbname: str = "postgres") -> str:
    """The answer by the socket that psql finds by itself."""
    return container.exec(["psql", "-XAtq", "-U", user, "-c", statement, dbname], timeout_s=EXEC_S).strip()


def packed(name: str, data: bytes) -> bytes:
    """A tar of one file."""
    entry, archive = tarfile.TarInfo(name), io.BytesIO()
    entry.size, entry.mode = len(data), 0o644
    with tarfile.open(fileobj=archive, mode="w") as writer:
        writer.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


@pytest.fixture(scope="module")
def server(room: Room, image: Callable[[str], str]) -> Container:
    """One that was told everything there is to tell."""
    told = {
        "POSTGRES_PASSWORD_FILE": "/run/secret",
        "POSTGRES_USER": "harbour",
        "POSTGRES_DB": "the docks",
        "POSTGRES_INITDB_ARGS": "--no-sync --set 'cluster_name=two words'",
    }
    made = room.make(image(POSTGRES), "-c", "max_connections=37", environment=told)
    made.write("/run/secret", SECRET + "\n")
    made.write(f"{SCRIPTS}/10.sql", SQL)
    made.write(f"{SCRIPTS}/20.sh", SOURCED)
    made.write(f"{SCRIPTS}/30.sh", EXECUTED, mode=0o755)
    made.write(f"{SCRIPTS}/50.txt", "what is this")
    room.api.put_archive(made.name, SCRIPTS, packed("40.sql.gz", COMPRESSED))
    made.start()
    accepts(made, "harbour")
    return made


def test_without_a_password_nobody_gets_a_database(room: Room, image: Callable[[str], str]) -> None:
    code, said = room.end(room.make(image(POSTGRES)))
    assert code == 1
    assert "POSTGRES_PASSWORD" in said


def test_a_variable_and_its_file_are_not_both_obeyed(room: Room, image: Callable[[str], str]) -> None:
    both = {"POSTGRES_PASSWORD": "one", "POSTGRES_PASSWORD_FILE": "/etc/hostname"}
    code, said = room.end(room.make(image(POSTGRES), environment=both))
    assert code == 1
    assert "POSTGRES_PASSWORD_FILE" in said


@pytest.mark.parametrize("words", [("--version",), ("postgres", "--version"), ("postgres", "-V")])
def test_asking_for_the_version_needs_no_database(
    room: Room, image: Callable[[str], str], words: tuple[str, ...]
) -> None:
    code, said = room.end(room.make(image(POSTGRES), *words))
    assert code == 0
    assert said.startswith("postgres (PostgreSQL) 18.")


def test_any_other_command_is_only_executed(room: Room, image: Callable[[str], str]) -> None:
    assert room.end(room.make(image(POSTGRES), "echo", "as it is")) == (0, "as it is\n")


def test_scripts_run_in_the_order_of_their_names_before_anybody_can_connect(server: Container) -> None:
    ran = query(
        server, "SELECT name FROM ran WHERE name <> 'by hand' ORDER BY place", "harbour", "the docks"
    ).splitlines()
    assert ran == ["sql", "sourced ", "executed, tcp closed", "gz"]


def test_words_and_variables_reach_the_server(server: Container) -> None:
    shown = "SELECT current_setting('max_connections'), current_setting('cluster_name')"
    assert query(server, shown, "harbour") == "37|two words"


def test_the_server_does_not_run_as_root_and_its_data_is_where_it_says(server: Container) -> None:
    # The user 999 of both images owns what a stack mounts for it.
    uid = server.exec(["stat", "-c", "%u", "/proc/1"], timeout_s=EXEC_S).strip()
    assert uid == "999"
    assert query(server, "SHOW data_directory", "harbour") == "/var/lib/postgresql/18/docker"


def test_only_the_right_password_is_let_in_from_outside(server: Container) -> None:
    host = server.address("bridge")

    def asked(password: str) -> str:
        target = Target(host=host, port=5432, user="harbour", password=password, dbname="the docks")
        return ask(target, ["SELECT current_user"], clock=MonotonicClock(), timeout_s=5)[0].rows[0][0] or ""

    assert asked(SECRET) == "harbour"
    with pytest.raises(Exception, match="password authentication failed"):
        asked("wrong")


def test_a_restart_keeps_the_data_and_makes_nothing_anew(room: Room, server: Container) -> None:
    query(server, "INSERT INTO ran (name) VALUES ('by hand')", "harbour", "the docks")
    room.api.restart(server.name, timeout=30)
    accepts(server, "harbour")
    kept = query(server, "SELECT name FROM ran WHERE name IN ('sql', 'by hand') ORDER BY place", "harbour", "the docks")
    assert kept == "sql\nby hand"


def test_a_script_that_fails_ends_the_container(room: Room, image: Callable[[str], str]) -> None:
    made = room.make(image(POSTGRES), environment={"POSTGRES_HOST_AUTH_METHOD": "trust"} | QUICK)
    made.write(f"{SCRIPTS}/10.sql", "SELECT nonsense FROM nowhere")
    code, said = room.end(made)
    assert code not in {0, 137}
    assert "nowhere" in said


def test_a_server_as_a_stack_starts_it_has_a_clock_that_can_be_set_wrong(
    room: Room, image: Callable[[str], str]
) -> None:
    # As the user of the image from the start, with a configuration that says nothing of sockets.
    made = room.make(
        image(POSTGRES),
        *("postgres", "-c", "config_file=/etc/node.conf", "-c", "hba_file=/etc/hba.conf"),
        user="postgres",
        environment={"POSTGRES_PASSWORD": "secret", "CHAOSKIT_FAKETIME": "1"} | QUICK,
    )
    made.write("/etc/node.conf", "listen_addresses = '*'\n")
    made.write("/etc/hba.conf", "local all all trust\nhost all all 127.0.0.1/32 trust\n")
    made.start()
    accepts(made, "postgres")

    def wrong_by_s() -> int:
        real_s = int(made.exec(["date", "+%s"], timeout_s=EXEC_S))
        return int(query(made, "SELECT extract(epoch FROM clock_timestamp())::bigint")) - real_s

    assert abs(wrong_by_s()) < 60
    made.exec(["sh", "-c", "echo -1h > /run/chaoskit/clock"], timeout_s=EXEC_S)
    assert abs(wrong_by_s() + 3600) < 60
    made.exec(["rm", "/run/chaoskit/clock"], timeout_s=EXEC_S)
    assert abs(wrong_by_s()) < 60


def test_toxiproxy_answers_with_the_version_that_is_relied_upon(room: Room, image: Callable[[str], str]) -> None:
    made = room.make(image(TOXIPROXY))
    made.start()
    url = f"http://{made.address('bridge')}:8474/version"

    def version() -> str:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()

    def why_not() -> str | None:
        try:
            return None if version() else "it said nothing"
        except OSError as error:
            return str(error)

    wait_for(why_not, clock=MonotonicClock(), timeout_s=UP_S, what="Toxiproxy")
    assert '"2.12.0"' in version()


@pytest.fixture
def guard(room: Room, image: Callable[[str], str]) -> Container:
    made = room.make(image(NET), host={"cap_add": ["NET_ADMIN"]})
    made.start()
    return made


def test_the_guard_loses_and_limits_packets(guard: Container) -> None:
    deeds = """set -e
        iptables -A INPUT -p tcp --dport 7777 -m statistic --mode random --probability 0.5 -j DROP
        iptables-save | iptables-restore
        tc qdisc add dev eth0 root handle 1: htb default 1
        tc class add dev eth0 parent 1: classid 1:2 htb rate 1mbit
        tc filter add dev eth0 parent 1: protocol ip u32 match ip sport 7777 0xffff flowid 1:2
        iptables -S INPUT; tc class show dev eth0"""
    shown = guard.exec(["sh", "-c", deeds], timeout_s=EXEC_S)
    assert "--probability 0.5" in shown
    assert "htb 1:2" in shown


def test_the_guard_reaps_orphans_and_ends_when_it_is_told_to(room: Room, guard: Container) -> None:
    guard.exec(["sh", "-c", "(true &) ; (true &)"], timeout_s=EXEC_S)

    def zombies() -> str | None:
        states = guard.exec(["sh", "-c", "cat /proc/[0-9]*/stat"], timeout_s=EXEC_S)
        return states if ") Z " in states else None

    wait_for(zombies, clock=MonotonicClock(), timeout_s=UP_S, what="the last zombie's end")
    room.api.stop(guard.name, timeout=60)
    assert guard.state().exit_code == 128 + 15  # by the signal, not killed at the end of its patience
