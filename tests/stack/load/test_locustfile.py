"""A user's own locustfile, from its text to rows of history."""

import textwrap

import pytest

from chaoskit.errors import UsageError
from chaoskit.load.register import SCHEMA_SQL
from chaoskit.load.schema import workload_schema
from chaoskit.model.scenario import Locustfile, Register, Retry

SHOP = """
    from locust import constant, tag, task
    from chaoskit.load.user import PostgresUser

    print("a locustfile may print what it likes")

    class Base(PostgresUser):
        abstract = True
        wait_time = constant(0.02)
        setup_sql = ("DROP TABLE IF EXISTS orders", "CREATE TABLE orders (id text, amount int)")

    class Shopper(Base):
        weight = 2

        def on_start(self):
            assert self.write("hello").ok

        @tag("buying")
        @task
        def buy(self):
            print("buying")
            written = self.write("cart/17")
            seen = self.read("cart/17")
            assert written.ok and seen.ok and seen.version >= written.version
            made = self.execute(
                "INSERT INTO orders VALUES ($1, $2) RETURNING amount", (written.value, 3), write=True, name="order"
            )
            assert made.rows == (("3",),)

        @tag("looking")
        @task
        def look(self):
            self.execute("SELECT count(*) FROM orders", write=False, name="count", key="orders")

        @tag("failing")
        @task
        def fail(self):
            refused = self.execute("SELECT * FROM nothing", write=False, name="nothing")
            assert (refused.ok, refused.error) == (False, "42P01")
            raise KeyError("a mistake in a task")

    class Watcher(Base):
        @tag("looking")
        @task
        def look(self):
            self.execute("SELECT 1", write=False, name="one")
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Write a locustfile."""

    def write(text=SHOP, **selected):
        path = tmp_path_factory.mktemp("files") / "shop.py"
        path.write_text(textwrap.dedent(text))
        return Locustfile(path=str(path), **selected)

    return write


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two workers"])
def sold(request, bench, shop):
    workload = shop()
    made = bench(us_east=6, load={"workload": workload, "workers": {"us-east": request.param}, "retry": Retry.NONE})
    made.server.ask(*workload_schema(workload)[len(SCHEMA_SQL) :])
    made.begin()
    made.until(lambda: made.kinds() >= {"write", "read", "sql_write", "sql_read"}, "every kind is there")
    made.until(lambda: made.load.operations()["us-east"] > 100, "a hundred operations")
    made.finish()
    return made


@pytest.mark.stack
class TestEndToEnd:
    def test_its_register_operations_are_the_rows_of_the_server(self, sold):
        writes = sold.writes[sold.writes["outcome"] == "ok"]
        assert set(writes["value"]) <= sold.written
        assert sold.written <= set(sold.writes["value"])
        assert {"hello", "cart/17"} <= set(writes["key"])

    def test_its_own_statements_are_recorded_as_such(self, sold):
        own = sold.users[sold.users["kind"].str.startswith("sql_")]
        assert own["value"].isna().all()
        assert set(own["key"]) == {"order", "orders", "nothing", "one"}
        made = own[own["key"] == "order"]
        ((count,),) = sold.server.rows("SELECT count(*) FROM orders")
        assert (made["outcome"] == "ok").sum() <= int(count) <= len(made)

    def test_an_operation_that_fails_is_a_row_and_a_task_that_raises_ends_nothing(self, sold):
        failed = sold.users[sold.users["key"] == "nothing"]
        assert set(failed["outcome"]) <= {"fail", "unknown"}
        assert set(failed[failed["outcome"] == "fail"]["error"]) == {"42P01"}
        session = failed.iloc[0]["session"]
        later = sold.users[
            (sold.users["session"] == session) & (sold.users["invoked_ns"] > failed.iloc[0]["invoked_ns"])
        ]
        assert len(later)
        assert sold.load.broken() == []
        assert sold.incomplete == []

    def test_classes_share_the_users_by_weight(self, sold):
        shoppers = set(sold.users[sold.users["key"] == "hello"]["session"])
        assert sold.users["session"].nunique() == 6
        assert len(shoppers) == 4

    def test_classes_and_tags_select(self, bench, shop):
        made = bench(us_east=2, load={"workload": shop(classes=("Shopper",), tags=("looking",))})
        made.server.ask(*workload_schema(shop())[len(SCHEMA_SQL) :])
        made.begin()
        made.finish()
        assert set(made.users["key"]) == {"hello", "orders"}


def test_the_register_needs_its_tables():
    assert workload_schema(Register()) == SCHEMA_SQL


def test_a_locustfiles_own_tables_come_after_the_registers(shop):
    drop, create = workload_schema(shop())[len(SCHEMA_SQL) :]
    assert drop.startswith("DROP TABLE")
    assert create.startswith("CREATE TABLE orders")


ONE_CLASS = """
    from locust import task
    from chaoskit.load.user import PostgresUser
    class Shopper(PostgresUser):
        @task
        def buy(self): ...
"""


@pytest.mark.parametrize(
    ("text", "selected", "why"),
    [
        ("import nothing_like_it", {}, "ModuleNotFoundError: No module named 'nothing_like_it' (line 1)"),
        ("x = 1\nx +", {}, "SyntaxError"),
        ("import sys; sys.exit(3)", {}, "SystemExit: 3"),
        ("x = 1", {}, "no class derived from chaoskit.load.user.PostgresUser"),
        (ONE_CLASS, {"classes": ("Shoper",)}, "did you mean Shopper?"),
        (ONE_CLASS, {"tags": ("night",)}, "Shopper has no task tagged night"),
        ("from locust import User, task\nclass A(User):\n    @task\n    def a(self): ...", {}, "A is no PostgresUser"),
        (
            ONE_CLASS
            + "\n    from locust import LoadTestShape\n    class S(LoadTestShape):\n        def tick(self): ...",
            {},
            "LoadTestShape",
        ),
    ],
)
def test_a_locustfile_that_cannot_be_used_is_refused_with_its_reason(shop, text, selected, why):
    with pytest.raises(UsageError) as refused:
        workload_schema(shop(text, **selected))
    assert why in refused.value.why
    assert "shop.py" in refused.value.what


def test_a_locustfile_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be used"):
        workload_schema(Locustfile(path=str(tmp_path / "none.py")))
