"""``doctor`` and ``clean``."""

from collections.abc import Mapping

from rich.table import Table

from chaoskit.cli.voice import say
from chaoskit.engine.clean import Cleaned, clean
from chaoskit.engine.journal import index_directory
from chaoskit.errors import Exit
from chaoskit.toolchain.doctor import examine


def examine_machine(env: Mapping[str, str]) -> Exit:
    """Show every check; 3 when something that is needed is missing."""
    checks = examine(env)
    table = Table(box=None, header_style="bold")
    for heading in ("", "tool", "version", "found"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        table.add_row("ok" if check.ok else "missing", check.name, check.version, check.found)
    say(table)
    for check in checks:
        if not check.ok and check.fix:
            say(f"{check.name}: {check.fix}")
    return Exit.PASS if all(check.ok for check in checks) else Exit.ENVIRONMENT


def clean_machine(env: Mapping[str, str]) -> Exit:
    """Finish unfinished runs; 3 when something would not go away."""
    from chaoskit.wiring.docker import sweep_engine  # ``doctor`` needs none of what it brings along

    finished = clean(index_directory(env), sweep_engine)
    if not finished:
        say("nothing to clean")
    for run in finished:
        say(_words(run))
    return Exit.ENVIRONMENT if any(run.left for run in finished) else Exit.PASS


def _words(run: Cleaned) -> str:
    if run.running:
        return f"run {run.run}: still running, left alone"
    if run.left:
        return f"run {run.run}: could not remove {', '.join(run.left)}"
    return f"run {run.run}: {run.killed} processes ended, removed {', '.join(run.removed) or 'no data'}"
