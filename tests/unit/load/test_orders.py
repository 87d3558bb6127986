"""What is said is what is understood."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import chaoskit
from chaoskit.load.orders import Lane, Lines, Orders, ProbeOrders, UserOrders, encode
from chaoskit.model.scenario import Locustfile, Register, Retry
from chaoskit.protocols import Target

TARGET = Target(host="127.0.0.1", port=5432, user="postgres", password="it's secret")
USERS = UserOrders(count=3, pace_hz=20.0, seed=1, workload=Register(read_after_ns=0))
OWN = UserOrders(
    count=9, pace_hz=5.0, seed=2, workload=Locustfile(path="/a/shop.py", classes=("A", "B"), tags=("t",)),
    retry=Retry.BACKOFF, spawn_rate_hz=2.5, workers=3, bind="10.0.0.1",
)  # fmt: skip
PROBES = ProbeOrders(lanes=(Lane(operation="read", connection="fresh", interval_ns=5, phase_ns=1),), pool=2, keys=3)


@pytest.mark.parametrize("work", [{"users": USERS}, {"users": OWN}, {"probes": PROBES}])
def test_orders_survive_the_pipe(work):
    orders = Orders(
        client="us-east.users", region="us-east", epoch_monotonic_ns=7, stream="/run/a.arrow", timeout_ns=9,
        write=TARGET, read=TARGET, **work,
    )  # fmt: skip
    assert Orders.from_json(json.loads(json.dumps(orders.as_json()))) == orders


def test_lines_may_arrive_in_pieces():
    lines, said = Lines(), encode("begin", at_ns=5) + encode("stop")
    heard = [message for byte in said for message in lines.feed(bytes([byte]))]
    assert heard == [{"word": "begin", "at_ns": 5}, {"word": "stop"}]


@pytest.mark.parametrize("module", ["driver", "streams", "register", "probes", "schema", "customer"])
def test_only_the_users_process_imports_locust(module):
    program = f"import chaoskit.load.{module}, sys; print({{'locust', 'gevent'}} & set(sys.modules))"
    root = Path(chaoskit.__file__).parents[1]
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert found.stdout.strip() == "set()"
