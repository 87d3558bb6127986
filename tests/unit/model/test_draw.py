from collections import Counter

from chaoskit.model.draw import below, one_of


def test_the_same_seed_draws_the_same_and_all_numbers_come_up_about_as_often() -> None:
    drawn = Counter(below(5, f"7/{tick}") for tick in range(5000))

    assert below(5, "7/3") == below(5, "7/3")
    assert set(drawn) == {0, 1, 2, 3, 4}
    assert min(drawn.values()) > 800


def test_one_item_leaves_no_choice() -> None:
    assert one_of(["eu-west"], "whatever") == "eu-west"
