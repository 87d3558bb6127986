from chaoskit.model.fault import Crash, Switchover
from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.model.place import places
from chaoskit.model.scenario import Step
from chaoskit.model.schedule import windows

S = 1_000_000_000


def crash(name: str, at: Instant, *, for_ns: int | None = None, until: Instant | None = None) -> Step:
    return Step(name=name, deed=Crash(target=places("primary")), at=at, for_ns=for_ns, until=until)


def after(event: str, step: str, offset_ns: int = 0) -> Instant:
    return Instant(offset_ns=offset_ns, after=Moment(event=event, step=step))


def known(*steps: Step) -> dict[str, tuple[int | None, int | None]]:
    return {window.step.name: (window.at_ns, window.end_ns) for window in windows(steps)}


def test_instants_that_hang_on_known_steps_are_known_in_whatever_order_they_stand() -> None:
    third = crash("third", after("start", "second", S), for_ns=S)
    second = crash("second", after("end", "first", -S), until=after("end", "first", 5 * S))
    first = crash("first", since_t0(2 * S), for_ns=4 * S)

    assert known(third, second, first) == {
        "third": (6 * S, 7 * S),
        "second": (5 * S, 11 * S),
        "first": (2 * S, 6 * S),
    }


def test_what_hangs_on_an_event_of_the_run_is_not_known_before_it() -> None:
    pause = crash("pause", since_t0(S), until=Instant(offset_ns=3 * S, after=Moment(event="promoted")))
    later = crash("later", after("end", "pause"), for_ns=S)

    assert known(pause, later) == {"pause": (S, None), "later": (None, None)}


def test_a_step_that_lasts_to_the_end_is_in_force_from_its_onset_on() -> None:
    (window,) = windows([crash("last", since_t0(S))])

    assert window.open_ended
    assert not window.holds(0)
    assert window.holds(S)
    assert window.holds(10**12)


def test_an_action_is_over_when_it_begins() -> None:
    act = Step(name="act", deed=Switchover(target=places("eu-west/1")), at=since_t0(S))

    assert known(act) == {"act": (S, S)}
    assert not windows([act])[0].holds(S)


def test_steps_that_wait_for_each_other_are_never_known() -> None:
    assert known(crash("a", after("end", "b"), for_ns=S), crash("b", after("end", "a"), for_ns=S)) == {
        "a": (None, None),
        "b": (None, None),
    }
