"""What ``clean`` tells people, and the code it ends with."""

import json

from chaoskit.cli.machine import clean_machine
from chaoskit.errors import Exit

DEAD = {"pid": 2**22 + 1, "started": 0.0}  # beyond the largest pid


def test_an_engine_that_does_not_answer_is_an_error_of_the_environment_and_the_run_stays_listed(tmp_path, capsys):
    entry = tmp_path / "chaoskit" / "runs" / "abc.json"
    entry.parent.mkdir(parents=True)
    address = f"unix://{tmp_path}/engine.sock"
    entry.write_text(json.dumps({"run": "abc", "journal": str(tmp_path / "gone"), "engines": [address], **DEAD}))
    assert clean_machine({"XDG_STATE_HOME": str(tmp_path)}) is Exit.ENVIRONMENT
    assert entry.exists()
    said = capsys.readouterr().err
    assert f"run abc: could not remove what the Docker engine at {address} holds" in said
    assert "No such file" in said


def test_nothing_to_clean_is_no_error(tmp_path, capsys):
    assert clean_machine({"XDG_STATE_HOME": str(tmp_path)}) is Exit.PASS
    assert capsys.readouterr().err == "nothing to clean\n"
