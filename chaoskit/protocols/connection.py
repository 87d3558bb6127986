"""Where somebody connects to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect: always 127.0.0.1 and a port of the WAN, unless the docstring of its source says otherwise."""

    host: str
    port: int
    user: str
    password: str
    dbname: str = "postgres"

    def conninfo(self, **extra: str | int) -> str:
        """A libpq connection string; ``extra`` adds or overrides keywords."""
        words: dict[str, str | int] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": self.dbname,
            "sslmode": "disable",
            "gssencmode": "disable",
        }
        words |= extra
        return " ".join(f"{key}={_quoted(str(value))}" for key, value in words.items())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The two addresses a region's clients know. They never change; the router re-points what is behind them."""

    write: Target
    read: Target
