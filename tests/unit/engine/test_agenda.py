from chaoskit.engine.agenda import Agenda, Due
from chaoskit.model.event import Event, Name
from chaoskit.model.fault import Crash, Switchover
from chaoskit.model.instant import Instant, Moment, since_t0
from chaoskit.model.place import places
from chaoskit.model.plan import PlannedStep

S = 1_000_000_000
T0 = 100 * S


AT_1S = since_t0(S)


def fault(name: str, at: Instant = AT_1S, *, for_ns: int | None = None, until: Instant | None = None) -> PlannedStep:
    return PlannedStep(name=name, deed=Crash(target=places("primary")), at=at, for_ns=for_ns, until=until)


def after(event: str, step: str | None = None, offset_ns: int = 0) -> Instant:
    return Instant(offset_ns=offset_ns, after=Moment(event=event, step=step))


def happened(name: Name, t_ns: int, step: str | None = None, **detail: object) -> Event:
    return Event(t_ns=t_ns, event=name, step=step, detail=detail)


def summary(due: Due | None) -> tuple[str, int, bool] | None:
    return None if due is None else (due.step.name, due.at_ns, due.strikes)


def test_the_earliest_is_due_first_and_a_heal_before_an_onset_at_the_same_instant() -> None:
    first, second = fault("first", for_ns=2 * S), fault("second", since_t0(3 * S), for_ns=S)
    agenda = Agenda((second, first), T0)

    assert summary(agenda.next()) == ("first", T0 + S, True)
    agenda.struck(first, T0 + S)
    assert summary(agenda.next()) == ("first", T0 + 3 * S, False)
    agenda.healed(first)
    assert summary(agenda.next()) == ("second", T0 + 3 * S, True)


def test_a_step_that_waits_for_an_event_is_due_only_once_it_happened() -> None:
    step = fault("later", after("promoted", offset_ns=10 * S), for_ns=S)
    agenda = Agenda((step,), T0)

    assert agenda.next() is None
    agenda.learn(happened(Name.PROMOTED, T0 + 7 * S))
    agenda.learn(happened(Name.PROMOTED, T0 + 9 * S))
    assert summary(agenda.next()) == ("later", T0 + 17 * S, True)


def test_an_event_before_t0_does_not_count() -> None:
    agenda = Agenda((fault("later", after("promoted")),), T0)
    agenda.learn(happened(Name.PROMOTED, T0 - S))

    assert agenda.next() is None


def test_an_event_of_a_step_is_the_first_one_after_that_step_began() -> None:
    cut, later = fault("cut", for_ns=60 * S), fault("later", after("promoted", "cut"))
    agenda = Agenda((cut, later), T0)
    agenda.learn(happened(Name.PROMOTED, T0 + S // 2))
    agenda.struck(cut, T0 + S)

    assert summary(agenda.next()) == ("cut", T0 + 61 * S, False)
    agenda.learn(happened(Name.PROMOTED, T0 + 5 * S))
    assert summary(agenda.next()) == ("later", T0 + 5 * S, True)


def test_the_end_of_a_step_is_its_own_end_and_no_other_steps() -> None:
    one, other, later = fault("one", for_ns=S), fault("other", for_ns=S), fault("later", after("end", "one", 2 * S))
    agenda = Agenda((one, other, later), T0)
    for step in (one, other):
        agenda.struck(step, T0 + S)
        agenda.healed(step)
    agenda.learn(happened(Name.END, T0 + 2 * S, step="other"))

    assert agenda.next() is None
    agenda.learn(happened(Name.END, T0 + 4 * S, step="one"))
    assert summary(agenda.next()) == ("later", T0 + 6 * S, True)


def test_a_fence_that_failed_is_not_fenced() -> None:
    agenda = Agenda((fault("later", after("fenced")),), T0)
    agenda.learn(happened(Name.FENCED, T0 + S, ok=False))
    assert agenda.next() is None

    agenda.learn(happened(Name.FENCED, T0 + 2 * S, ok=True))
    assert summary(agenda.next()) == ("later", T0 + 2 * S, True)


def test_a_fault_that_an_event_ends_is_healed_by_it() -> None:
    step = fault("pause", until=after("promoted", offset_ns=3 * S))
    agenda = Agenda((step,), T0)
    agenda.struck(step, T0 + S)
    assert agenda.next() is None

    agenda.learn(happened(Name.PROMOTED, T0 + 8 * S))
    assert summary(agenda.next()) == ("pause", T0 + 11 * S, False)


def test_a_fault_that_began_at_an_event_lasts_from_its_onset() -> None:
    step = fault("late", after("promoted"), for_ns=2 * S)
    agenda = Agenda((step,), T0)
    agenda.learn(happened(Name.PROMOTED, T0 + 5 * S))
    agenda.struck(step, T0 + 5 * S + 7)

    assert summary(agenda.next()) == ("late", T0 + 7 * S + 7, False)


def test_neither_an_action_nor_what_lasts_to_the_end_is_ever_healed() -> None:
    act = PlannedStep(name="act", deed=Switchover(target=places("eu-west/1")), at=since_t0(S))
    lasting = fault("lasting")
    agenda = Agenda((act, lasting), T0)
    agenda.struck(act, T0 + S)
    agenda.struck(lasting, T0 + S)

    assert agenda.next() is None


def test_a_skipped_step_is_not_due_any_more() -> None:
    step = fault("first", for_ns=S)
    agenda = Agenda((step,), T0)
    agenda.skipped(step)

    assert agenda.next() is None
