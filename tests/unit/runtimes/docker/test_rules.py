"""What the kernel is told about packets: only what changed, and in the end nothing."""

import pytest

from chaoskit.protocols import Impairment, PacketCount
from chaoskit.runtimes.docker import iptables, tc
from chaoskit.runtimes.docker.iptables import Flow

UP, DOWN = Flow(5001, upstream=True), Flow(5001, upstream=False)
CUT, LOSS, LIMIT = Impairment(lost=1), Impairment(lost=0.25), Impairment(bytes_per_s=125_000)


def commands(script: str) -> list[str]:
    return [line for line in script.splitlines() if line.startswith(("-", ":"))]


def test_a_stream_that_stays_as_it_was_is_not_touched() -> None:
    told = commands(iptables.change({UP: LOSS}, {UP: LOSS, DOWN: CUT}))
    assert told == ["-A CHAOSKIT-OUT -p tcp --sport 5001 -j DROP"]


def test_what_was_added_is_what_is_removed() -> None:
    added = iptables.rules(UP, LOSS)
    removed = commands(iptables.change({UP: LOSS, DOWN: CUT}, {UP: CUT, DOWN: CUT}))
    assert removed == [*(f"-D {rule}" for rule in added), "-A CHAOSKIT-IN -p tcp --dport 5001 -j DROP"]


def test_the_first_change_makes_the_chains_and_the_last_one_removes_them() -> None:
    assert commands(iptables.change({}, {UP: CUT}))[:2] == [":CHAOSKIT-IN - [0:0]", "-I INPUT -j CHAOSKIT-IN"]
    last = commands(iptables.change({UP: CUT}, {}))
    assert last == [
        "-D CHAOSKIT-IN -p tcp --dport 5001 -j DROP",
        "-D INPUT -j CHAOSKIT-IN",
        "-D CHAOSKIT-IN -i lo -p tcp --tcp-flags SYN SYN -j ACCEPT",
        "-X CHAOSKIT-IN",
        "-D OUTPUT -j CHAOSKIT-OUT",
        "-D CHAOSKIT-OUT -o lo -p tcp --tcp-flags SYN SYN -j ACCEPT",
        "-X CHAOSKIT-OUT",
    ]


@pytest.mark.parametrize("impairment", [CUT, LOSS, LIMIT])
def test_every_impaired_stream_is_counted(impairment: Impairment) -> None:
    saved = "\n".join(f"[3:500] -A {rule}" for rule in iptables.rules(UP, impairment))
    seen = iptables.counts(f"*filter\n[0:0] -A INPUT -j CHAOSKIT-IN\n{saved}\nCOMMIT\n")[UP]
    lost = 3 if impairment.lost else 0
    passed = 3 if impairment.lost < 1 else 0
    assert seen == PacketCount(passed=passed, lost=lost, passed_bytes=500 if passed else 0)


def test_rules_of_others_are_not_counted() -> None:
    assert iptables.counts("[9:9] -A INPUT -p tcp -m tcp --dport 5001 -j DROP") == {}


def test_each_way_of_a_stream_has_a_class_of_its_own() -> None:
    script = tc.limit({UP: 125_000, DOWN: 250_000})
    assert "class add dev chaoskit-up parent 1: classid 1:2 htb rate 125000bps" in script
    assert "class add dev chaoskit-down parent 1: classid 1:1 htb rate 250000bps" in script
    assert "dport 5001 0xffff action mirred egress redirect dev chaoskit-up" in script
    assert "sport 5001 0xffff action mirred egress redirect dev chaoskit-down" in script
