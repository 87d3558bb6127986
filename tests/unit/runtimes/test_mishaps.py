"""What happened to a server of itself is told, however often it was started since, but where it was excused."""

from chaoskit.runtimes.postgres.mishaps import Mishaps

START = "2030-01-01 00:00:00.000 GMT [1] postmaster 00000 LOG:  "
CRASH = f"{START}all server processes terminated; reinitializing\n"
OTHERS = (
    f"{START}database system is ready to accept connections\n"
    f"{START}statement: SELECT 'LOG:  all server processes terminated; reinitializing'\n"
    f"{START}client backend (PID 7) was terminated by signal 9: Killed\n"
)
CRASHED = "PostgreSQL us-east/1 lost a process and ended every session"
ENDED = "PostgreSQL us-east/1 ended by itself with code 2"


def server() -> tuple[list[str], Mishaps]:
    """The lines of its log, and what is told of it."""
    written = [OTHERS]
    return written, Mishaps("us-east/1", lambda: "".join(written))


def test_a_server_to_which_nothing_happened_tells_nothing() -> None:
    _, mishaps = server()
    assert mishaps.told() == []


def test_every_end_and_the_number_of_crashes_are_told() -> None:
    written, mishaps = server()
    written.append(CRASH)
    assert mishaps.told() == mishaps.told() == [CRASHED]
    written += [OTHERS, CRASH]
    for code in (2, -9, 2):
        mishaps.ended(f"with code {code}")
    assert mishaps.told() == [ENDED, ENDED.replace("2", "-9"), f"{CRASHED}, 2 times"]


def test_what_was_excused_is_not_told_and_what_came_before_and_after_is() -> None:
    written, mishaps = server()
    written.append(CRASH)
    for _ in range(2):
        mishaps.excuse(True)
        written.append(CRASH)
        mishaps.ended("with code 2")
        assert mishaps.told() == [CRASHED]
    for _ in range(2):
        mishaps.excuse(False)
        assert mishaps.told() == [CRASHED]
    written.append(CRASH)
    mishaps.ended("with code 2")
    assert mishaps.told() == [ENDED, f"{CRASHED}, 2 times"]
