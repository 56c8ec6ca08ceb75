"""Trapping in one dimension: K-ary search by values and gradients."""

import math

import numpy as np

from algorithms.one_dimension import CHEWI, only_one
from oracles import Array, Bound, Numbers, Oracle, algorithm

SOURCE = f"this project, after {CHEWI}"


def most_rounds(numbers: Numbers) -> float | None:
    """A bracket as short as target/(2L) would have |f'| <= target at its left end."""
    smoothness, target, gap = numbers["method.smoothness"], numbers["method.target"], numbers["method.gap"]
    wrong = smoothness < numbers["smoothness"] or gap < numbers["gap"]
    if numbers["dimension"] != 1 or wrong or numbers["target"] < target:
        return None
    ratio = 4 * smoothness * gap / target**2
    return 1 + max(0, math.ceil(math.log(ratio) / math.log(numbers["method.width"] + 1)))


RATE = Bound(
    side="upper",
    counted="rounds",
    statement="rounds <= 1 + ceil(log(4 L D/target^2) / log(K + 1))",
    formula=most_rounds,
    source=SOURCE,
    tag="derived",
)


def remark_bracket(
    oracle: Oracle, origin: float, direction: float, near: float, far: float, value: float, tilt: float
) -> None:
    """Tell the observer the bracket: f' < -epsilon along the way at `near`, and at `far` it rises, or f(far) - f(near)
    >= -slope |far - near|.
    """
    oracle.remark(
        bracket={
            "near": origin + direction * near,
            "far": origin + direction * far,
            "value": value,
            "slope": tilt,
        }
    )


@algorithm(source=SOURCE, bounds=(RATE,), dimensions=1)
def trap1d(oracle: Oracle, x0: Array, *, smoothness: float, target: float, gap: float, width: int = 1) -> None:
    """A bracket downhill from x0 in which f' comes up to -epsilon/2, in one dimension. With y the way downhill and f'
    along it: f'(a) < -epsilon at the near end a, and at the far end b either f' > 0 (sign), or f(b) - f(a) >=
    -epsilon/2 (b - a) (slope), which holds at b = 2 D/epsilon from the start. A round asks K equally spaced points
    inside and goes on in the first part [t_{i-1}, t_i] with f'(t_i) > 0; else the first with the slope property; else
    [t_K, b].

    smoothness: L, in the guarantee alone. target: epsilon. gap: D, at least f(x0) - inf f. width: K.

    Cost: at most 1 + log(4 L D/target^2)/log(K + 1) rounds, rounded up, of K queries.

    Use: in one dimension, where values can be had; no method needs fewer queries, up to a constant.
    """
    only_one(x0, "trap1d")
    origin, (value, slope) = float(x0[0]), oracle.value_and_gradient(x0)
    direction, tilt = (1.0 if slope[0] < 0 else -1.0), 0.5 * target
    near, far = 0.0, 2.0 * gap / target
    remark_bracket(oracle, origin, direction, near, far, value, tilt)
    while True:
        places = near + (far - near) * np.arange(1, width + 1) / (width + 1)
        values, gradients = oracle.query(origin + direction * places[:, None])
        ends, heights = np.append(near, places), np.append(value, values)
        rising = np.flatnonzero(direction * gradients[:, 0] > 0)
        shallow = np.flatnonzero(np.diff(heights) >= -tilt * np.diff(ends))
        found = int(rising[0]) if len(rising) else int(shallow[0]) if len(shallow) else width
        near, value = float(ends[found]), float(heights[found])
        far = float(places[found]) if found < width else far
        remark_bracket(oracle, origin, direction, near, far, value, tilt)
