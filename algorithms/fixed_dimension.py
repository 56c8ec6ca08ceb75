"""What the guarantees of the methods for few dimensions have in common."""

import math
from typing import NamedTuple

from oracles import Numbers

TRAPPING = "this project, after Bubeck and Mikulincer, COLT 2020, arXiv 2001.02968"


class Setting(NamedTuple):
    """What a method was run with, where its guarantee applies: a cube and the slope of its faces at the start."""

    dimension: int
    side: float
    smoothness: float
    target: float
    slope: float


def setting(numbers: Numbers) -> Setting:
    """The domain if it is a cube; without a domain the cube of side 4 D/target. Raises where nothing is claimed: for
    wrong constants, for targets below the method's own, and for boxes that are no cubes.
    """
    smoothness, target = numbers["method.smoothness"], numbers["method.target"]
    if smoothness < numbers["smoothness"] or numbers["target"] < target:
        raise ValueError
    dimension = int(numbers["dimension"])
    if numbers.get("boxed", 0.0):
        return Setting(dimension, numbers["side"], smoothness, target, 0.0)
    gap = numbers["method.gap"]
    if gap < numbers["gap"]:
        raise ValueError
    return Setting(dimension, 4 * gap / target, smoothness, target, 0.5 * target)


def boxed(numbers: Numbers) -> Setting:
    """The setting, for methods that work on a domain alone."""
    if not numbers.get("boxed", 0.0):
        raise ValueError
    return setting(numbers)


def one_round(numbers: Numbers) -> bool:
    """Whether the method may ask any number of queries per round."""
    return numbers["method.width"] == 0


def cuts(diameter: float, end: float, factor: float) -> int:
    """How many times a diameter is divided by `factor` until it is at most `end`."""
    return max(0, math.ceil(math.log(diameter / end) / math.log(factor)))
