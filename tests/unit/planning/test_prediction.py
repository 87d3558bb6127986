"""What the runbook's settings say a failover takes; spans in ms, by hand."""

import pytest

MS = 1_000_000
RUNBOOK = "failover: {runbook: {failback: none%}}"
LOSS = "loss: {at: 5s, fault: region_loss, target: us-east, until: end}"


def cut(link: str = "us-east <-> rest", mode: str = "stall", lasting: str = "until: end") -> str:
    return f"cut: {{at: 5s, fault: partition, link: {link}, mode: {mode}, {lasting}}}"


@pytest.fixture
def predicted(planned):
    """Predictions as {step: {part: (lo_ms, hi_ms)}} for runbook options and steps."""

    def predict(options: str, *steps: str) -> dict[str, dict[str, tuple[int, int]]]:
        plan = planned("duration: 60s", RUNBOOK.replace("%", options), *steps)
        return {
            step: {part: (low // MS, high // MS) for part, (low, high) in prediction.parts.items()}
            for step, prediction in plan.predictions.items()
        }

    return predict


def test_a_region_loss_is_detected_decided_promoted_routed_and_reconnected(predicted):
    assert predicted("", LOSS) == {
        "loss": {
            # 5 x 500 + 1000 - 4 x 80 (a check in flight at the onset) to 6 x 500 + 1000.
            "detect": (3180, 4000),
            "decide": (1000, 1000),
            # Fence 1000, then 5 x 130 (ap-south) + 0 (promote at home); to 1000 + (5 + 1 + 1 + 1) x 130 + 500.
            "promote": (1650, 2540),
            "route": (0, 4 * 130 + 200),
            # One fresh probe 5 times a second, with a deadline of 1400.
            "reconnect": (0, 1600),
        }
    }


def test_detection_follows_the_settings_and_the_distance_of_the_operator(predicted):
    settings = ", detect: {every: 200ms, failures: 3, timeout: 900ms}, decide: 250ms, from: ap-south"
    parts = predicted(settings, LOSS)["loss"]
    assert parts["detect"] == (2 * 200 + 900 - 4 * 200, 3 * 200 + 900)
    assert parts["decide"] == (250, 250)


def test_a_detection_is_never_predicted_before_the_onset(predicted):
    settings = ", detect: {every: 1ms, failures: 1, timeout: 800ms}, from: ap-south"
    assert predicted(settings, LOSS)["loss"]["detect"] == (0, 801)


def test_a_primary_that_cannot_be_stopped_costs_no_fence_attempt(predicted):
    assert predicted(", fence: denied", LOSS)["loss"]["promote"] == (650, 1540)


def test_refused_connections_fail_at_once(predicted):
    parts = predicted("", cut(mode="refuse"))["cut"]
    assert parts["detect"] == (2500, 3000)
    assert parts["promote"] == (650, 1540)


def test_a_replica_that_is_cut_off_too_costs_its_timeouts(predicted):
    parts = predicted("", cut("eu-west <-> rest"))["cut"]
    # Only the operator's own region is left, without any distance; ap-south keeps silent when told to stop.
    assert parts["promote"] == (1000, 1000 + 1000 + 500)
    assert parts["route"] == (0, 200)


def test_a_cut_in_one_direction_is_enough_to_fail_over(predicted):
    assert set(predicted("", cut("us-east -> eu-west"))) == {"cut"}


def test_a_cut_by_packets_and_a_pulled_cable_are_predicted_like_a_stall(predicted):
    pulled = "cut: {at: 5s, fault: disconnect, target: us-east/1, until: end}"
    stalled = predicted("", cut())["cut"]
    assert predicted("", cut(mode="packets"))["cut"] == stalled
    assert predicted("", pulled)["cut"]["detect"] == stalled["detect"]


HINDERING = [
    "bandwidth, link: us-east <-> rest, rate: 10kB/s",
    "packet_loss, link: us-east <-> rest, share: 90%",
    "cpu, target: us-east/1, leave: 1%",
    "disk_full, target: us-east/1, leave: 0B",
    "clock_skew, target: us-east/1, by: -1h",
]


@pytest.mark.parametrize("fault", HINDERING)
def test_what_only_hinders_predicts_no_failover(predicted, fault):
    assert predicted("", f"s: {{at: 5s, fault: {fault}, until: end}}") == {}


def test_only_the_first_step_that_takes_the_primary_away_is_predicted(predicted):
    slow = "slow: {at: 1s, fault: latency, link: us-east <-> rest, add: 1ms, for: 1s}"
    assert set(predicted("", slow, cut(), LOSS.replace("5s", "30s"))) == {"cut"}


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ("", ()),
        # Over before it can be detected.
        ("", (cut(lasting="for: 3180ms"),)),
        # The primary stays in reach of the operator.
        ("", (cut("us-east <-> ap-south"),)),
        # Nobody but the primary is left to the operator.
        (", from: us-east", (LOSS,)),
        # The fence it must set is out of reach.
        (", fence: required", (LOSS,)),
    ],
)
def test_nothing_is_predicted_where_nobody_fails_over(predicted, options, steps):
    assert predicted(options, *steps) == {}


def test_nothing_is_predicted_without_a_runbook(planned):
    assert planned("duration: 60s", "failover: none", LOSS).predictions == {}
