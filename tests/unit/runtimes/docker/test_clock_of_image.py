"""Whether an image's clock can be set is known before anything is asked of it."""

import pytest

from chaoskit.errors import StackError
from chaoskit.runtimes.docker import clock


class Image:
    """A container of an image that has these directories."""

    def __init__(self, *directories):
        self.directories = directories

    def exec(self, argv, *, timeout_s):
        if argv[:2] != ["test", "-d"] or argv[2] not in self.directories:
            raise StackError(f"{argv[0]} failed with code 1")
        return ""


def test_an_image_without_libfaketime_is_refused_and_the_way_out_named():
    with pytest.raises(StackError) as error:
        clock.require(Image("/run"))
    assert "/run/chaoskit" in error.value.why
    assert "Dockerfile.registry" in error.value.fix


def test_an_image_whose_clock_can_be_set_is_taken():
    clock.require(Image("/run/chaoskit"))
