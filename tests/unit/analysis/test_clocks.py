"""Which commit timestamps a wrong clock may have made."""

from chaoskit.analysis.clocks import NOTICED_NS, doubted
from chaoskit.analysis.columns import NEVER_NS
from chaoskit.analysis.faults import FaultRecord
from chaoskit.scenario_file import parse

S = 1_000_000_000
TEXT = """\
chaoskit: 1
name: s
question: q
stack: {regions: [a, b], network: {rtt: {default: 5ms}}}
timeline:
  wrong: {at: 1s, fault: clock_skew, target: a/1, by: -30s, for: 5s}
  cut: {at: 1s, fault: partition, link: a <-> b, for: 5s}
duration: 60s
"""
SCENARIO = parse(TEXT, "s.chaos.yaml")


def record(step: str, fault: str, healed_ns: int | None = 60 * S) -> FaultRecord:
    return FaultRecord(step=step, fault=fault, onset_first_ns=50 * S, onset_last_ns=51 * S, healed_ns=healed_ns)


def test_the_span_of_the_fault_is_shifted_by_what_the_clock_was_off() -> None:
    assert doubted(SCENARIO, [record("wrong", "clock_skew")]) == ((20 * S - NOTICED_NS, 30 * S + NOTICED_NS),)


def test_a_clock_that_was_never_set_right_is_doubted_to_the_end() -> None:
    ((_, last_ns),) = doubted(SCENARIO, [record("wrong", "clock_skew", None)])
    assert last_ns == NEVER_NS - 1


def test_other_faults_and_bare_histories_doubt_nothing() -> None:
    assert doubted(SCENARIO, [record("cut", "partition")]) == ()
    assert doubted(None, [record("wrong", "clock_skew")]) == ()
