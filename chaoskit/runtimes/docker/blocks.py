"""Where ``compose/services.yaml`` is: inside an installed package, or beside the package in a checkout."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import chaoskit
from chaoskit.errors import StackError

NAME = "services.yaml"


def building_blocks() -> Mapping[str, Any]:
    """Return the building blocks of every stack.

    Raises:
        StackError: They are not there.
    """
    package = Path(chaoskit.__file__).parent
    for folder in (package / "compose", package.parent / "compose"):
        if (folder / NAME).is_file():
            found: Mapping[str, Any] = YAML(typ="safe", pure=True).load(folder / NAME)
            return found
    raise StackError(f"no compose/{NAME}", why=f"not in {package} and not beside it", fix="install chaoskit again")
