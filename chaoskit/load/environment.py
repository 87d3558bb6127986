"""Locust's environment for the users of one process, or for the master who spreads them over several."""

import locust  # isort: skip  # noqa: F401  # first: it patches what every later import binds

import os
import random
from argparse import Namespace
from typing import assert_never

from locust.env import Environment

from chaoskit.load.locustfile import load_classes
from chaoskit.load.orders import Orders
from chaoskit.load.register_user import register_user
from chaoskit.load.user import PostgresUser
from chaoskit.model.scenario import Locustfile, Register, Workload


def environment(orders: Orders) -> Environment:
    """Locust's environment, which neither its own configuration files nor its variables change."""
    assert orders.users is not None
    for name in [name for name in os.environ if name.startswith("LOCUST_")]:
        del os.environ[name]
    workload = orders.users.workload
    # Locust draws a user's next task from this; which user draws next is a matter of timing.
    random.seed(f"{orders.users.seed}/{orders.client}")
    tags = list(workload.tags) if isinstance(workload, Locustfile) and workload.tags else None
    return Environment(
        user_classes=list(_classes(workload)),
        tags=tags,
        parsed_options=Namespace(headless=False, web_base_path="", enable_rebalancing=False),
    )


def _classes(workload: Workload) -> list[type[PostgresUser]]:
    match workload:
        case Register():
            return [register_user(workload)]
        case Locustfile():
            return load_classes(workload)
        case _:
            assert_never(workload)
