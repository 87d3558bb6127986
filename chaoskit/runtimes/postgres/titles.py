"""What PostgreSQL's processes are, by the titles that they give themselves."""

POSTMASTER = "postmaster"
TITLES = {"bgwriter": "background writer"}  # where the title begins with another word than PostgreSQL's settings use


def kind_is(title: str, name: str, process: str) -> bool:
    """Whether a title like ``postgres: us-east/1: walreceiver streaming 0/3000060`` is that of ``process``."""
    return f"{kind(title, name)} ".startswith(f"{TITLES.get(process, process)} ")


def kind(title: str, name: str) -> str:
    """What the process does, in PostgreSQL's words; ``name`` is the server's ``cluster_name``."""
    return title.removeprefix("postgres: ").removeprefix(f"{name}: ").strip()
