"""The documents and the command line know the same options."""

import re
from pathlib import Path

import pytest
import typer.main
from book import CODE_SPAN, PAGES, ROOT, blocks, named, prose

from chaoskit import pytest_plugin
from chaoskit.cli import app


class Asked:
    """Takes the place of pytest's parser and of its group, and remembers the options."""

    def __init__(self) -> None:
        self.options: set[str] = set()

    def getgroup(self, *_words: str) -> "Asked":
        return self

    def addoption(self, name: str, **_more: object) -> None:
        self.options.add(name)

    def addini(self, *_words: str, **_more: object) -> None:
        pass


def plugin() -> set[str]:
    """The options of the pytest plugin."""
    asked = Asked()
    pytest_plugin.pytest_addoption(asked)  # type: ignore[arg-type]
    return asked.options


COMMANDS = {
    name: {word for parameter in command.params for word in parameter.opts if word.startswith("-")}
    for name, command in typer.main.get_group(app).commands.items()
}
CLI = ROOT / "docs" / "cli.md"
OTHERS = {
    "pytest": {"--collect-only", "--lf", "--strict-markers"},
    "docker rmi": {"--force"},
    "dockerd": {"--iptables"},
    "postgres": {"--version"},
    "tests/bench/bench_trend.py": {"--otava", "--calibrate"},
    "everything": {"--help"},
}
"""Options of other programs that the documents name."""
LONG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def section(command: str) -> str:
    """What docs/cli.md says under the command's own heading."""
    own = rf"^## `chaoskit {command}[^\n]*`\n(.*?)(?=^## |\Z)"
    found = re.search(own, CLI.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None, f"docs/cli.md has no heading for `chaoskit {command}`"
    return found[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_in_its_section(command: str) -> None:
    told = {
        word for span in CODE_SPAN.findall(section(command)) for word in re.findall(r"(?<![\w-])-{1,2}[a-z-]+", span)
    }
    assert sorted(COMMANDS[command] - told) == []


def test_every_command_that_is_told_exists() -> None:
    told = re.findall(r"^## `chaoskit ([a-z]+)", CLI.read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_option_that_is_named_exists(page: Path) -> None:
    known = plugin().union(*COMMANDS.values(), *OTHERS.values())
    told = {word for span in CODE_SPAN.findall(prose(page)) for word in LONG.findall(span)}
    assert sorted(told - known) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_in_a_console_has_the_options_that_it_is_given(page: Path) -> None:
    typed = [line for block in blocks(page) if block.language == "console" for line, _ in block.commands]
    wrong = [
        line
        for line in typed
        for name, words in re.findall(r"\bchaoskit ([a-z]+)((?: [^|>&;]*)?)", line)
        if name not in COMMANDS or not set(LONG.findall(words)) <= COMMANDS[name]
    ]
    assert wrong == []


def test_every_option_of_the_plugin_is_in_its_page() -> None:
    told = {word for span in CODE_SPAN.findall(prose(ROOT / "docs" / "pytest.md")) for word in LONG.findall(span)}
    assert sorted(plugin() - told) == []
