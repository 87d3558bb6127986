"""A container does what it is told or says why not, and nothing waits for ever."""

from collections.abc import Iterator
from threading import Thread

import pytest

from chaoskit.clock import NS
from chaoskit.engine.server_log import telling
from chaoskit.errors import StackError
from chaoskit.runtimes.docker.container import Container

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def container(yard) -> Container:
    return yard.container("subject", "net")


@pytest.fixture(autouse=True)
def alive(container: Container) -> Iterator[None]:
    yield
    container.unpause()
    container.start()


def test_what_a_command_is_told_and_says_arrives_whole(container: Container) -> None:
    text = "a line\n" * 50_000
    assert container.exec(["cat"], stdin=text, timeout_s=10) == text


def test_a_command_finds_what_was_put_into_its_environment(container: Container) -> None:
    assert container.exec(["sh", "-c", 'echo "$SECRET"'], env={"SECRET": "two words"}, timeout_s=5) == "two words\n"


@pytest.mark.parametrize(
    ("argv", "why"),
    [(["sh", "-c", "echo no >&2; exit 3"], "no"), (["nosuch"], "No such file"), (["sleep", "60"], "within 1 s")],
)
def test_a_command_that_fails_or_hangs_is_an_error_with_its_reason(
    container: Container, argv: list[str], why: str
) -> None:
    with pytest.raises(StackError) as error:
        container.exec(argv, timeout_s=1)
    assert why in error.value.why


def test_a_command_that_hangs_is_ended_in_the_container_too(container: Container) -> None:
    with pytest.raises(StackError):
        container.exec(["sleep", "4321"], timeout_s=1)
    assert "4321" not in container.exec(["sh", "-c", "cat /proc/[0-9]*/cmdline"], timeout_s=5)


def test_a_command_in_a_container_that_is_paused_meanwhile_has_a_deadline(yard, container: Container) -> None:
    failed = []

    def hang() -> None:
        try:
            container.exec(["sh", "-c", "echo begun > /tmp/begun; sleep 60"], timeout_s=1)
        except StackError as error:
            failed.append(error.why)

    thread = Thread(target=hang)
    thread.start()
    yard.until(lambda: "begun" in container.exec(["sh", "-c", "cat /tmp/begun || true"], timeout_s=5), "it has begun")
    container.pause()
    thread.join(20)
    assert failed


def test_states_are_reached_however_often_they_are_asked_for(container: Container) -> None:
    for call in (container.start, container.pause, container.unpause, container.kill):
        call()
        call()
    assert not container.state().running
    assert container.state().exit_code == 137


def test_a_paused_container_can_be_killed(yard, container: Container) -> None:
    container.pause()
    container.kill()
    yard.until(lambda: not container.state().running, "it is dead")


def test_files_are_written_and_read_whether_it_runs_or_not(container: Container) -> None:
    container.write("/etc/running", "one\n", mode=0o600, uid=999)
    assert container.exec(["stat", "-c", "%a %u", "/etc/running"], timeout_s=5) == "600 999\n"
    container.kill()
    container.write("/etc/dead", "two\n")
    assert container.read("/etc/dead") + container.read("/etc/running") == "two\none\n"


def test_what_a_server_with_a_wrong_clock_writes_is_told_at_the_engine_s_time(yard) -> None:
    line = "2001-01-01 00:00:00.000 GMT [1] startup 00000 LOG:  received promote request"
    began_ns = yard.clock.epoch_wall_ns() + yard.clock.now_ns()
    talker = yard.container("talker", "net", entrypoint=["echo", line])
    yard.until(talker.logs, "it has said something")
    (told,) = telling(talker.logs(stamped=True), began_ns, began_ns + 60 * NS)
    assert told.text == "startup: received promote request"


def test_an_engine_that_refuses_is_quoted(yard, container: Container) -> None:
    with pytest.raises(StackError) as error:
        container.address("nowhere")
    assert "not connected" in error.value.why
    with pytest.raises(StackError) as error:
        Container(yard.api, "chaoskit-nobody", clock=yard.clock).state()
    assert "No such container" in error.value.why
