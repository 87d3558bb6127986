"""The documents as a reader meets them: pages, code blocks, and a clone of the repository in which to try them.

A code block names its language. What stands in one is tried as it is, unless a comment right above it says what else
becomes of it: ``<!-- test: MARK -->``.

- ``console``: lines that begin with ``$ `` are commands, the lines below a command what it prints. A line ``…`` stands
  for any lines, ``…`` inside a line for any text. Below a command of which nothing is shown anything may be printed.
- ``yaml``, ``python``: a first line ``# PATH`` makes it the file of that name.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from textwrap import dedent

from chaoskit.toolchain.cache import cache_dir

ROOT = Path(__file__).parents[2]
GENERATED = frozenset({ROOT / "docs" / "scenarios.md"})
PAGES = tuple(
    sorted(
        {
            ROOT / "README.md",
            *(ROOT / room / "README.md" for room in ("reports", "scenarios")),
            *(ROOT / "docs").rglob("*.md"),
        }
        - GENERATED
    )
)
FENCED = re.compile(
    r"(?:^ *<!-- test: (?P<mark>[^\n]*?) -->\n)?^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
FILE_NAME = re.compile(r"# (?P<name>[\w./-]+\.(?:yaml|py))$")
ANY = "…"
RUN_TIMEOUT_S = 400


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block. ``mark`` is empty where it is tried as it stands."""

    page: Path
    line: int
    language: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{named(self.page)}:{self.line}"

    @property
    def file(self) -> str | None:
        """The file that it is, where its first line says so."""
        found = FILE_NAME.match(self.text.partition("\n")[0])
        return found["name"] if found else None

    @property
    def commands(self) -> tuple[tuple[str, str], ...]:
        """Of a console: each command, and what it prints ("": anything)."""
        parts = re.split(r"^\$ (.*)\n", self.text, flags=re.MULTILINE)
        assert not parts[0].strip(), f"{self}: {parts[0]!r} is shown before any command"
        return tuple(zip(parts[1::2], parts[2::2], strict=True))


def named(page: Path) -> str:
    """Its path in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> tuple[Block, ...]:
    """The code blocks of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    return tuple(
        Block(
            page=page,
            line=text.count("\n", 0, found.start("language")) + 1,
            language=found["language"],
            text=dedent(found["text"]),
            mark=found["mark"] or "",
        )
        for found in FENCED.finditer(text)
    )


def prose(page: Path) -> str:
    """The page without its code blocks and comments."""
    return re.sub(r"<!--.*?-->", "", FENCED.sub("", page.read_text(encoding="utf-8")), flags=re.DOTALL)


def says(shown: str, printed: str) -> bool:
    """Whether a command printed what the page shows."""
    lines = [".*".join(re.escape(part.rstrip()) for part in line.split(ANY)) for line in shown.strip("\n").split("\n")]
    pattern = "".join(r"(?s:.*?\n)??" if line == ".*" else rf"{line}[ ]*\n" for line in lines)
    return re.fullmatch(pattern, printed.strip("\n") + "\n") is not None


@dataclass(frozen=True, kw_only=True)
class Said:
    """A command that has ended; ``printed`` is stdout and stderr as they came."""

    code: int
    printed: str


class Clone:
    """What a reader has: the repository, the tools in ``.venv``, and two groups of runs that were made earlier."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        copytree(ROOT / "scenarios", directory / "scenarios")
        for group in ("before", "after"):
            copytree(ROOT / "tests" / "data" / "kept" / "crash-restart", directory / "reports" / group)
        for name in ("Makefile", "pyproject.toml", "hatch_build.py"):
            (directory / name).symlink_to(ROOT / name)
        tools = directory / ".venv" / "bin"
        tools.mkdir(parents=True)
        (tools / "python").symlink_to(sys.executable)
        (tools / "activate").touch()
        program = tools / "chaoskit"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m chaoskit "$@"\n')
        program.chmod(0o755)
        for stamp in (".runtime-installed", ".dev-installed"):  # in this order, for make
            (tools.parent / stamp).touch()
        outside = {name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"}
        self._env = outside | {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "CHAOSKIT_CACHE": str(cache_dir(os.environ)),
            "XDG_STATE_HOME": str(directory / ".state"),
            "COLUMNS": "120",
        }

    def write(self, name: str, text: str) -> None:
        """Write a file that a page shows."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def type(self, command: str) -> Said:
        """Do what a reader does who types the command."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.directory,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RUN_TIMEOUT_S,
            check=False,
        )
        return Said(code=done.returncode, printed=done.stdout)
