"""Whatever is asked of the WAN, in whatever order, and healed in whatever other: the base is where it ends."""

from hypothesis import given
from hypothesis import strategies as st

from chaoskit.model.fault import Mode
from chaoskit.model.plan import Dial
from chaoskit.model.topology import Party, Role
from chaoskit.protocols import Impairment, Stream
from chaoskit.runtimes.wan.asks import Asks
from chaoskit.runtimes.wan.chain import Condition

CLIENTS = Party(region="us", role=Role.CLIENTS)
DIALS = [Dial(source=CLIENTS, target=Party(region=region, role=Role.NODE, number=1)) for region in ("us", "eu")]
STREAMS = [Stream(dial, upstream) for dial in DIALS for upstream in (True, False)]
BASE_MS = dict.fromkeys(STREAMS, 40)
KEYS = "abcd"

some = st.lists(st.sampled_from(STREAMS), min_size=1, unique=True)
impairments = st.builds(
    Impairment,
    lost=st.sampled_from([0.0, 0.01, 0.1, 0.3, 0.7]),
    bytes_per_s=st.sampled_from([None, 1e3, 1e6]),
)
asked = st.one_of(
    st.tuples(st.just("cut"), st.sampled_from(KEYS), some, st.sampled_from(Mode)),
    st.tuples(st.just("slow"), st.sampled_from(KEYS), some, st.integers(-40, 100)),
    st.tuples(st.just("impair"), st.sampled_from(KEYS), some, impairments),
    st.tuples(st.just("withdraw"), st.sampled_from(KEYS), st.none(), st.none()),
)


def ask(asks, what, key, streams, how):
    if what == "cut":
        asks.cut(key, streams, how)
    elif what == "slow":
        asks.slow(key, dict.fromkeys(streams, how))
    elif what == "impair":
        asks.impair(key, dict.fromkeys(streams, how))
    else:
        asks.withdraw(key)


@given(st.lists(asked, max_size=12), st.permutations(KEYS))
def test_any_order_of_asks_and_heals_ends_at_the_base(todo, heals):
    asks = Asks(base_ms=BASE_MS)
    for one in todo:
        ask(asks, *one)
    for key in heals:
        asks.withdraw(key)
    assert [asks.condition(stream) for stream in STREAMS] == [Condition(planned_ms=40)] * len(STREAMS)
    assert (asks.refused(), asks.impaired()) == (frozenset(), {})
    assert [asks.passage_ms(dial) for dial in DIALS] == [0, 0]


@given(st.dictionaries(st.sampled_from(KEYS), impairments, min_size=1), st.randoms())
def test_what_becomes_of_packets_does_not_depend_on_who_asked_first(wanted, random):
    orders = [list(wanted), random.sample(list(wanted), len(wanted))]
    both = [Asks(base_ms=BASE_MS) for _ in orders]
    for asks, order in zip(both, orders, strict=True):
        for key in order:
            asks.impair(key, {STREAMS[0]: wanted[key]})
    first, second = (asks.impairment(STREAMS[0]) for asks in both)
    assert first == second
    assert max(one.lost for one in wanted.values()) - 1e-9 <= first.lost < 1
    assert first.bytes_per_s == min((w.bytes_per_s for w in wanted.values() if w.bytes_per_s), default=None)
