"""What is removed before a server is copied anew."""

import shutil
import subprocess

import pytest

from chaoskit.errors import StackError
from chaoskit.protocols import Target
from chaoskit.runtimes.local.node import PostgresNode
from chaoskit.runtimes.postgres.rebuild import reclone

pytestmark = pytest.mark.skipif(shutil.which("ipcmk") is None, reason="no ipcmk")


class Refusing:
    """Starts no tool."""

    def run(self, *_args, **_words):
        raise StackError("the source is gone")


@pytest.fixture
def segment():
    """A System V segment, as a killed server leaves it."""
    said = subprocess.run(["ipcmk", "-M", "64"], check=True, capture_output=True, text=True).stdout
    number = said.split()[-1]
    yield number
    subprocess.run(["ipcrm", "-m", number], check=False, capture_output=True)


def test_a_copy_that_takes_the_place_of_killed_data_takes_its_segment_too(tmp_path, segment):
    data = tmp_path / "data"
    data.mkdir()
    (data / "postmaster.pid").write_text("1\n" * 6 + f"  1 {segment}\n")
    source = Target(host="127.0.0.1", port=1, user="u", password="p")
    server = PostgresNode(
        "us/1", home=tmp_path, programs=tmp_path, user=None, target=source, launcher=Refusing(), clock=None
    )
    with pytest.raises(StackError, match="the source is gone"):
        reclone(server, source)
    listed = subprocess.run(["ipcs", "-m"], check=True, capture_output=True, text=True).stdout
    assert segment not in [line.split()[1] for line in listed.splitlines() if len(line.split()) > 2]
