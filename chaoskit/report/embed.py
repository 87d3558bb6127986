"""What the page carries inside itself: scripts, styles and data, and the policy that lets nothing else in."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from chaoskit.errors import StackError
from chaoskit.report.figures import printable

# A ``</script>`` or ``<!--`` inside the data must not end it; the two separators end a line in old JavaScript.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}

SCRIPT = ("data", "paint", "readout", "charts", "steer")  # in that order
STYLE = ("page", "tables", "lanes", "drawings", "narrow", "print")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Text of the page's own, ready to be put between tags."""

    style: Markup
    library: Markup
    script: Markup

    @property
    def policy(self) -> str:
        """The content security policy: these scripts and styles by their hash, and no request at all."""
        return (
            f"default-src 'none'; script-src {_hash(self.library)} {_hash(self.script)}; "
            f"style-src {_hash(self.style)}; base-uri 'none'; form-action 'none'"
        )


def assets() -> Assets:
    """Read the page's scripts and styles out of the package.

    Raises:
        StackError: uPlot was not copied in because the package was never built.
    """
    licence = _read("uplot.LICENSE.txt")
    library = f"/*!\n{licence}*/\n{_read('uplot', 'uPlot.iife.js')}"
    style = "\n".join([_read("uplot", "uPlot.min.css"), *(_read("style", f"{name}.css") for name in STYLE)])
    return Assets(style=_raw(style, "style"), library=_raw(library, "script"), script=_raw(_script(), "script"))


def _script() -> str:
    """The page's own script: its parts in one scope of their own."""
    parts = "\n".join(_read("script", f"{name}.js") for name in SCRIPT)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def as_json(data: object) -> Markup:
    """``data`` as JSON that is safe inside a script element, its words as printable as those of the page.

    Raises:
        ValueError: It holds a number that JSON does not have.
    """
    plain = json.dumps(_shown(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(plain.translate(_ESCAPES))  # noqa: S704


def _shown(data: object) -> object:
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, Mapping):
        return {printable(str(key)): _shown(value) for key, value in data.items()}
    return [_shown(item) for item in data] if isinstance(data, list | tuple) else data


def _read(*path: str) -> str:
    try:
        return files("chaoskit.report").joinpath("assets", *path).read_text(encoding="utf-8").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise StackError(
            f"the report's {path[-1]} is missing",
            why="this chaoskit was not built: the build copies it out of uplot-python",
            fix="pip install . (or pip install -e . in a checkout)",
        ) from error


def _raw(text: str, tag: str) -> Markup:
    if f"</{tag}" in text.lower():
        raise ValueError(f"an asset would end its {tag} element")
    return Markup(text)  # noqa: S704


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The style of a page without scripts, and the policy that lets nothing else in."""

    text: Markup
    policy: str


def style_alone(name: str) -> Style:
    """Read one of the package's style sheets, for a page of its own."""
    text = _raw(_read(name), "style")
    policy = f"default-src 'none'; style-src {_hash(text)}; base-uri 'none'; form-action 'none'"
    return Style(text=text, policy=policy)
