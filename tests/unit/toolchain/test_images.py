import re

from chaoskit.runtimes.docker.blocks import building_blocks
from chaoskit.toolchain.images import OFFICIAL, images


def test_doctor_looks_for_the_images_that_the_building_blocks_name() -> None:
    named = [re.fullmatch(r"\$\{(\w+):-(.+)\}", block["image"]) for block in building_blocks()["services"].values()]
    assert {match[1]: match[2] for match in named if match} == OFFICIAL


def test_an_empty_variable_names_no_image() -> None:
    assert images({"CHAOSKIT_NET_IMAGE": "", "CHAOSKIT_POSTGRES_IMAGE": "mine"}) == [
        "mine",
        *list(OFFICIAL.values())[1:],
    ]
