"""A line search for the strong Wolfe conditions."""

import math

from oracles import Array, Oracle, asking, compiled, on_line

TRIALS = 20  # per search; a bracket shrinks by a tenth at least, and by much more on smooth functions


@compiled
def cubic_minimiser(
    a: float, a_value: float, a_slope: float, b: float, b_value: float, b_slope: float, least: float, most: float
) -> float:
    """The minimiser of the cubic with these values and slopes at a and b, moved into [least, most]; the middle of it
    where the cubic has none.
    """
    mean = a_slope + b_slope - 3.0 * (a_value - b_value) / (a - b)
    square = mean * mean - a_slope * b_slope
    found = math.nan
    if square >= 0.0:
        root = math.copysign(math.sqrt(square), b - a)
        found = b - (b - a) * (b_slope + root - mean) / (b_slope - a_slope + 2.0 * root)
    if not math.isfinite(found):
        found = 0.5 * (least + most)
    return min(max(found, least), most)


@asking
def strong_wolfe(
    oracle: Oracle,
    x: Array,
    direction: Array,
    value: float,
    slope: float,
    gradient: Array,
    step: float,
    decrease: float,
    flatness: float,
) -> tuple[float, float, Array, Array]:
    """A step a with f(x + a d) <= f(x) + decrease a f'(0) and |f'(a)| <= flatness |f'(0)|, f'(a) the slope along d.

    value, slope, gradient: at x. step: the first trial. Returns a, and the value, point and gradient there. Where
    TRIALS do not find one: the best step that has the first property, perhaps a = 0.

    Cost: one query per trial. Source: Nocedal, Wright, Numerical optimization (2006), algorithms 3.5 and 3.6.
    """
    low, low_value, low_slope, point, low_gradient = 0.0, value, slope, x, gradient
    high, high_value, high_slope = math.inf, 0.0, 0.0
    for _ in range(TRIALS):
        now, now_slope, trial, trial_gradient = on_line(oracle, x, direction, step)
        if now > value + decrease * step * slope or (low > 0.0 and now >= low_value):
            high, high_value, high_slope = step, now, now_slope
        else:
            before, before_value, before_slope = low, low_value, low_slope
            low, low_value, low_slope, point, low_gradient = step, now, now_slope, trial, trial_gradient
            if abs(now_slope) <= -flatness * slope:
                break
            if now_slope * (high - before) >= 0.0:
                high, high_value, high_slope = before, before_value, before_slope
            elif high == math.inf:  # nothing brackets a minimum yet
                least, most = step + 1.1 * (step - before), step + 4.0 * (step - before)
                step = cubic_minimiser(before, before_value, before_slope, low, low_value, low_slope, least, most)
                continue
        margin = 0.1 * abs(high - low)
        least, most = min(low, high) + margin, max(low, high) - margin
        step = cubic_minimiser(low, low_value, low_slope, high, high_value, high_slope, least, most)
    return low, low_value, point, low_gradient
