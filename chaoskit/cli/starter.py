"""``chaoskit init``: a commented scenario to start from."""

from importlib.resources import files
from pathlib import Path

from chaoskit.cli.voice import say
from chaoskit.errors import UsageError

STARTER = "starter.chaos.yaml"
SUFFIX = ".chaos.yaml"


def write_starter(path: Path) -> None:
    """Write the starter to ``path``.

    Raises:
        UsageError: Something is there already, or it cannot be written.
    """
    text = files("chaoskit.cli").joinpath(STARTER).read_text(encoding="utf-8")
    if not path.name.endswith(SUFFIX):
        raise UsageError(
            f"{path} is no name for a scenario",
            why=f"folders are searched for *{SUFFIX}",
            fix=f"chaoskit init {path.with_name(path.name.partition('.')[0] + SUFFIX)}",
        )
    try:
        with path.open("x", encoding="utf-8") as file:  # never over something that is there
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", why="nothing is overwritten", fix="name another file") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}", why=error.strerror or str(error), fix="name another file") from error
    say(f"wrote {path}\nnext: chaoskit plan {path}, then: chaoskit run {path}")
    say(f"for completion in your editor: chaoskit schema > {path.with_name('scenario.schema.json')}")
