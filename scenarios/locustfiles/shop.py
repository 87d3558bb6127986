"""A small shop: customers who fill carts and order, and others who only look around.

The carts are keys of chaoskit's register, so every write and read of a cart is checked: lost, stale, applied twice.
The orders are a table of the shop's own: their statements are timed and counted, and nobody judges what they left.
"""

import uuid

from locust import between, tag, task

from chaoskit.load.user import PostgresUser

CARTS = 200


class Customer(PostgresUser):
    """Fills carts and orders what is in them."""

    weight = 3
    wait_time = between(0.05, 0.15)
    setup_sql = (
        "CREATE TABLE orders (id uuid PRIMARY KEY, cart text NOT NULL, content text NOT NULL)",
        "CREATE INDEX ON orders (cart)",
    )

    def on_start(self) -> None:
        """Take a cart."""
        self.cart = f"cart/{self.draw.randrange(CARTS)}"

    @tag("cart")
    @task(5)
    def change_the_cart(self) -> None:
        """Put something in, and look whether it is there."""
        if self.write(self.cart).ok:
            self.read(self.cart)

    @tag("order")
    @task(1)
    def order(self) -> None:
        """Order what is in the cart. The id is ours: an order that is sent twice is made once."""
        cart = self.read(self.cart)
        if cart.ok and cart.value is not None:
            self.execute(
                "INSERT INTO orders (id, cart, content) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
                (str(uuid.uuid4()), self.cart, cart.value),
                write=True,
                name="order",
            )


class Visitor(PostgresUser):
    """Looks around and buys nothing."""

    weight = 1
    wait_time = between(0.1, 0.3)

    @tag("cart")
    @task
    def look(self) -> None:
        """Look into somebody's cart, and at what was ordered from it."""
        cart = f"cart/{self.draw.randrange(CARTS)}"
        self.read(cart)
        self.execute("SELECT count(*) FROM orders WHERE cart = $1", (cart,), write=False, name="orders of a cart")
