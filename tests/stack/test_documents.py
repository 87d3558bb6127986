"""What the documents show of runs is what a reader gets: each page that says so is followed, on real servers."""

from pathlib import Path

import pytest
from book import PAGES, Clone, blocks, named, says

from chaoskit.errors import Exit

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(900)]

MINUTE = "takes a minute"
MOST_RUNS = 2
FOLLOWED = [page for page in PAGES if any(block.mark == MINUTE for block in blocks(page))]


def test_few_commands_of_the_documents_take_a_minute() -> None:
    commands = [line for page in FOLLOWED for block in blocks(page) if block.mark == MINUTE for line in block.commands]
    assert 0 < len(commands) <= MOST_RUNS


@pytest.mark.parametrize("page", FOLLOWED, ids=named)
def test_a_run_ends_as_the_page_shows(page: Path, tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    for block in blocks(page):
        if block.file:
            clone.write(block.file, block.text)
        if block.mark == MINUTE:
            for command, shown in block.commands:
                said = clone.type(command)
                if "? INCONCLUSIVE" in said.printed:  # make has exit codes of its own
                    pytest.skip(f"{command}: this machine was too busy to measure:\n{said.printed}")
                assert said.code == Exit.PASS, f"{block}: {command}\n{said.printed}"
                assert says(shown, said.printed), f"{block}: {command}\n{said.printed}"
    assert [*(tmp_path / ".state" / "chaoskit" / "runs").glob("*.json")] == []
