"""The two ways in which a run does not pass."""


class Missed(Exception):
    """An objective was missed."""


class Inconclusive(Exception):
    """Nobody can tell: the run is in doubt, or a figure that was asked for is not known."""
