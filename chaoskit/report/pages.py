"""How pages are made: templates that escape whatever is not ours, and make it printable."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chaoskit.report.figures import printable


def environment() -> Environment:
    """Return the environment of all templates."""
    return Environment(
        loader=PackageLoader("chaoskit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: object) -> object:
    """Make every word that is not ours printable; it is escaped afterwards."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
