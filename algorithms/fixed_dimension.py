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


def most_values(numbers: Numbers, ratio: float, nearness: float, planes: float, shares: int) -> float:
    """At most so many values are asked on the walls of a trapping run whose longest side l falls by `ratio` or more
    from one group of cuts to the next.

    A group asks `planes` nets of at most (l/h + 2)^(d-1) points with D >= l/nearness and the slack C (1 - rho)/shares
    (l/side)^g. So (l/h)^2 <= W (L l^(1-g) + nearness fraction target l^(-g)); the first part is bounded by l <= side
    ratio^(-k) in group k, the second by l >= (1 - fraction) target/(L sqrt(d)) ratio^j in that followed by j others.
    """
    d, side, smoothness, target, slope = setting(numbers)
    fraction = numbers["method.fraction"]
    last = (1 - fraction) * target / (smoothness * math.sqrt(d))
    count = cuts(side, last, ratio)
    if d == 1:
        return count * planes
    g = (d - 1) / (d + 1)
    slack = (fraction * target - slope) * (1 - ratio**-g) / shares
    weight, total = nearness * (d - 1) * side**g / (8 * slack), 0.0
    for k in range(count):
        coarse = weight * smoothness * (side * ratio**-k) ** (1 - g)
        fine = weight * nearness * fraction * target * (last * ratio**k) ** -g
        total += planes * sum((math.sqrt(2 * part) + 2) ** (d - 1) for part in (coarse, fine))
    return total
