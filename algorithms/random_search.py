"""Random points until the sign of the derivative changes, then bisection."""

import numpy as np

from algorithms.one_dimension import CHEWI, only_one
from oracles import Array, Oracle, algorithm


def bisected(oracle: Oracle, near: float, far: float, direction: float, width: int) -> None:
    """Ask K equally spaced points between two at which f' points inwards, and go on between the two neighbours of which
    the same is true; until the run ends.
    """
    while True:
        places = near + (far - near) * np.arange(1, width + 1) / (width + 1)
        slopes = direction * oracle.gradients(places[:, None])[:, 0]
        rising = np.flatnonzero(slopes > 0)
        first = int(rising[0]) if len(rising) else width
        ends = [near, *places, far]
        near, far = ends[first], ends[first + 1]


@algorithm(source=f"this project, after {CHEWI}", deterministic=False, dimensions=1)
def random_search(
    oracle: Oracle,
    x0: Array,
    *,
    target: float,
    gap: float,
    rng: np.random.Generator,
    width: int = 1,
) -> None:
    """K uniform points of the interval of length 2 D/epsilon downhill from x0, by gradients alone, in one dimension,
    until f' has the other sign at one; then K-ary bisection of f' between x0 and there.

    The set on which f' does not point further than epsilon away from x0 has at least the length sqrt(2 D/L), so that a
    sample is in it with probability epsilon/sqrt(2 L D) or more.

    target: epsilon. gap: D, at least f(x0) - inf f. width: K.

    Cost: at most sqrt(2 L D)/target samples in the mean, in rounds of K, and log_{K+1}(L D/target^2) + 1 rounds of
    bisection.

    Use: where values cannot be had: chance alone improves the exponent from 2 to 1.
    """
    only_one(x0, "random_search")
    origin, slope = float(x0[0]), float(oracle.gradient(x0)[0])
    direction = 1.0 if slope < 0 else -1.0
    reach = direction * 2.0 * gap / target
    while True:
        places = origin + reach * rng.random(width)
        slopes = direction * oracle.gradients(places[:, None])[:, 0]
        rising = np.flatnonzero(slopes > 0)
        if len(rising):
            nearest = float(places[rising][np.argmin(np.abs(places[rising] - origin))])
            bisected(oracle, origin, nearest, direction, width)
