"""What ``chaoskit trend`` finds on simulated nights, and what it cries wolf at; the tables of docs/trend.md.

Five trials a night of an RTO of 18 s, with noise of several kinds. Every method sees one night after the other, and
never what comes later:

- found: of so many simulations in which the RTO is longer from night 45 on, an alarm in the first five such nights;
- early: an alarm before that night;
- false: of as many simulations of 90 nights in which nothing changes, any alarm at all.

Beside it, on the same nights: apache-otava, at its own p and at a tenth of it, on the night's mean, which suits it more
than the median, where ``--otava PYTHON`` names an interpreter that has it (python -m venv there; pip install
apache-otava); and a threshold: tonight's median more than 10 % above the median of the seven nights before.

Run: python tests/bench/bench_trend.py [--simulations 60] [--calibrate 2000] [--otava PYTHON]
"""

import argparse
import json
import math
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from chaoskit.analysis.trends.changes import FALSE_ALARMS, LOOKS, PERIOD, changes, least_p
from chaoskit.analysis.trends.difference import FEWEST, difference
from chaoskit.archive.nights import figures
from chaoskit.archive.shelf import read_shelf
from chaoskit.model.series import Figure, Key, Night, Series, Worse

Trials = NDArray[np.float64]
"""Nights by trials."""
Noise = Callable[[np.random.Generator, int], Trials]
Method = Callable[[Trials], Sequence[int]]
"""The nights of its alarms."""

MEAN_S, TRIALS, CHANGED, SOON = 18.0, 5, 45, 5
REAL = (("crash-restart", "write-rto"), ("client-ack-loss", "eu-west-rto"), ("cut-43s", "write-rto"))
KEPT = Path(__file__).parents[1] / "data" / "kept"


def measured(rng: np.random.Generator, nights: int) -> Trials:
    """As real trials of three scenarios spread around their medians, smoothed."""
    spread = np.array([share for name, objective in REAL for share in _around_median(name, objective)])
    drawn = rng.choice(spread, (nights, TRIALS)) + rng.normal(0, spread.std() / 2, (nights, TRIALS))
    return MEAN_S * drawn


def _around_median(name: str, objective: str) -> Sequence[float]:
    seen = [figure.value for figure in figures(read_shelf(KEPT / name).runs, objective)]
    return [value / median(seen) for value in seen]


def normal(rng: np.random.Generator, nights: int) -> Trials:
    """15 %."""
    return rng.normal(MEAN_S, 0.15 * MEAN_S, (nights, TRIALS))


def phase(rng: np.random.Generator, nights: int) -> Trials:
    """The phase of a manager that looks every ten seconds: anything between 13 and 23 s."""
    return MEAN_S + rng.uniform(-5, 5, (nights, TRIALS))


def skewed(rng: np.random.Generator, nights: int) -> Trials:
    """Log-normal, and every twentieth trial waits for something else, 10 s on average."""
    outlier = rng.random((nights, TRIALS)) < 0.05
    return MEAN_S * np.exp(rng.normal(0, 0.12, (nights, TRIALS))) + outlier * rng.exponential(10, (nights, TRIALS))


def nightly(rng: np.random.Generator, nights: int) -> Trials:
    """Trials of 2 s and nights of 1 s: some nights the machine is slow for all of them."""
    return MEAN_S + rng.normal(0, 2, (nights, TRIALS)) + rng.normal(0, 1, (nights, 1))


def wandering(rng: np.random.Generator, nights: int) -> Trials:
    """The same, but a slow night is likely to follow a slow one: what no method here can tell from many changes."""
    shift = np.zeros(nights)
    for night in range(1, nights):
        shift[night] = 0.6 * shift[night - 1] + rng.normal(0, 0.7 * math.sqrt(1 - 0.36))
    return MEAN_S + rng.normal(0, 2, (nights, TRIALS)) + shift[:, None]


def unrecovered(rng: np.random.Generator, nights: int) -> Trials:
    """15 %, and every fiftieth trial does not recover: infinity here."""
    return np.where(rng.random((nights, TRIALS)) < 0.02, np.inf, normal(rng, nights))


NOISES: Sequence[Noise] = (measured, normal, phase, skewed, nightly, wandering, unrecovered)


def series(trials: Trials) -> Series:
    nights = tuple(
        Night(name=f"{number:03d}", figures=tuple(_figure(float(value)) for value in row))
        for number, row in enumerate(trials)
    )
    key = Key(scenario="simulated", variant="", runtime="local", objective="rto")
    return Series(key=key, measure="rto", unit="s", worse=Worse.HIGHER, nights=nights)


def _figure(value: float) -> Figure:
    return Figure(value=value) if math.isfinite(value) else Figure(value=60.0, censored=True)


def ours(trials: Trials) -> Sequence[int]:
    of = series(trials)
    return [int(change.told) for change in changes([of])[of.key]]


def threshold(trials: Trials) -> Sequence[int]:
    medians = np.median(trials, axis=1)
    return [n for n in range(7, len(medians)) if medians[n] > 1.1 * np.median(medians[n - 7 : n])]


OTAVA = """
import json, sys
from otava.analysis import compute_change_points
for line in sys.stdin:
    values = json.loads(line)
    known, told = [], []
    for seen in range(8, len(values) + 1):
        found = [point.index for point in compute_change_points(values[:seen], max_pvalue=float(sys.argv[1]))[0]]
        if any(all(abs(index - other) > 3 for other in known) for index in found):
            told.append(seen - 1)
        known += found
    print(json.dumps(told), flush=True)
"""


class Otava:
    """apache-otava, in a process and an environment of its own; all but its p are its defaults.

    A change point within three nights of one that it has told before is the same.
    """

    def __init__(self, python: str, most_p: float) -> None:
        self._process = subprocess.Popen(  # noqa: TID251 - a peer of a benchmark, not a part of a run
            [python, "-c", OTAVA, str(most_p)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, trials: Trials) -> Sequence[int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        finite = np.where(np.isfinite(trials), trials, 60.0)  # it has no word for a failure: as long as was waited
        self._process.stdin.write(json.dumps(finite.mean(axis=1).tolist()) + "\n")
        self._process.stdin.flush()
        return list(json.loads(self._process.stdout.readline()))


def judge(method: Method, noise: Noise, simulations: int, shift_s: float) -> tuple[float, float]:
    """Found soon, and early, as shares; with no shift the second is any alarm at all."""
    soon = early = 0
    for simulation in range(simulations):
        rng = np.random.default_rng([simulation, NOISES.index(noise)])
        trials = noise(rng, CHANGED + SOON if shift_s else PERIOD)
        trials[CHANGED:] += shift_s
        told = method(trials)
        early += any(night < CHANGED or not shift_s for night in told)
        soon += any(night >= CHANGED for night in told)
    return soon / simulations, early / simulations


def calibrate(simulations: int) -> None:
    """How many independent looks the looks of a period come to."""
    least = []
    for simulation in range(simulations):
        rng = np.random.default_rng(simulation)
        nights = series(rng.normal(size=(PERIOD, 1))).nights
        least.append(min(least_p(nights[:seen]) for seen in range(8, PERIOD + 1)))
    print(f"looks: {FALSE_ALARMS / float(np.quantile(least, FALSE_ALARMS)):.0f} (in use: {LOOKS})", flush=True)


def coverage(simulations: int) -> None:
    """How often the interval of ``compare`` holds the truth where both sides are alike."""
    for noise in (normal, phase, skewed):
        for trials in (5, 10, 20):
            rng = np.random.default_rng(trials)
            held = 0
            for _ in range(simulations):
                values = noise(rng, 2 * trials)[:, 0]
                sides = [[Figure(value=float(value)) for value in half] for half in np.split(values, 2)]
                interval = difference(*sides, rng=rng).interval
                held += interval is not None and interval[0] <= 0 <= interval[1]
            print(f"interval of {trials} and {trials} trials, {noise.__name__}: {held / simulations:.1%}", flush=True)
    assert FEWEST == 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=60)
    parser.add_argument("--calibrate", type=int, default=0)
    parser.add_argument("--otava", default="")
    asked = parser.parse_args()
    if asked.calibrate:
        calibrate(asked.calibrate)
        coverage(asked.calibrate // 4)
    methods: dict[str, Method] = {"chaoskit trend": ours, "7-night threshold": threshold}
    if asked.otava:
        methods["apache-otava, p 0.001"] = Otava(asked.otava, 0.001)
        methods["apache-otava, p 0.0001"] = Otava(asked.otava, 0.0001)
    print("| noise | method | +4.0 s: found | early | +3.6 s: found | early | no change: false |")
    print("|---|---|---|---|---|---|---|")
    for noise in NOISES:
        for name, method in methods.items():
            shares = [share for shift_s in (4.0, 3.6) for share in judge(method, noise, asked.simulations, shift_s)]
            _, false = judge(method, noise, asked.simulations, 0.0)
            cells = [f"{share:.0%}".replace("%", " %") for share in (*shares, false)]
            print(f"| {noise.__name__} | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
