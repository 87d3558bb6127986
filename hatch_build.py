"""Build hook: copies uPlot's script and style sheet out of the ``uplot-python`` wheel into the package.

At run time that distribution would bring IPython along, so chaoskit depends on it only while it is being built.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = ("uPlot.iife.js", "uPlot.min.css")
DESTINATION = Path("chaoskit", "report", "assets", "uplot")


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before the wheel (editable or not) and the source distribution are put together."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Copy uPlot's files; a source distribution that already carries them needs no ``uplot-python``."""
        destination = Path(self.root, DESTINATION)
        source = _installed()
        if source is None:
            if all((destination / name).is_file() for name in FILES):
                return
            raise RuntimeError("uplot-python is not installed and its files are not here: pip install uplot-python")
        destination.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(source / name, destination / name)


def _installed() -> Path | None:
    """The folder of uPlot's files, found without importing the package."""
    spec = find_spec("uplot")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0], "static") if folders else None
