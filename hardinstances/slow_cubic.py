"""Cubic regularisation as slow as 1/epsilon^(3/2 - tau): a spline through the iterates that it is to visit."""

import numpy as np

from hardinstances.fixed_step import MARGIN
from hardinstances.hermite import Spline
from hardinstances.slow_descent import CARTIS_GOULD_TOINT, HERE, falling_slopes, falling_values, queries_down_to
from oracles import Array, Bound, Claim, Claims, InputError, Instance, Numbers, Scope, family

ROUNDING = 4e-16  # theta_k / ((k + 1) x_{k+1}): after k + 1 rounding errors an iterate is where f'' = 0


def with_flats(nodes: Array, slopes: Array, drops: Array) -> Spline:
    """The spline with f'(x_k) = -a_k and f'' = 0 on [x_k - theta_k, x_k + theta_k], k = 0 .. N, and f'(x_{N+1}) = 0.

    nodes (N + 2,): x_k. slopes (N + 1,): a_k. drops (N + 1,): f(x_k) - f(x_{k+1}).
    """
    theta = ROUNDING * np.arange(1.0, len(slopes) + 1.0) * nodes[1:]
    half = slopes * theta
    flat, between = 2 * half, drops - half - np.append(half[1:], 0.0)
    left, right = nodes[:-1] - theta, nodes[:-1] + theta
    left[0], flat[0] = nodes[0], half[0]
    ends = np.append(np.stack([left, right], axis=1).ravel(), nodes[-1])
    rest = np.diff(ends)[1::2] * slopes - between
    return Spline(
        nodes=ends,
        values=falling_values(np.stack([flat, between], axis=1).ravel()),
        slopes=np.append(np.repeat(-slopes, 2), 0.0),
        rest=np.stack([np.zeros_like(rest), rest], axis=1).ravel(),
        curvature=0.0,
    )


def cubic_bound(power: float, steps: int) -> Bound:
    """Cubic regularisation with M = 2, from the start of the instance, visits the nodes one by one."""

    def queries(numbers: Numbers) -> float | None:
        if numbers["method.regularisation"] * numbers["method.hessian_smoothness"] != 2.0:
            return None
        return queries_down_to(power, steps, numbers["target"] * (1 + MARGIN))

    return Bound(
        side="lower",
        counted="queries",
        statement=f"queries >= min(target^(-{1 / power:.4g}), N + 2 = {steps + 2}) of cubic Newton with M = "
        "regularisation hessian_smoothness = 2",
        formula=queries,
        source=HERE,
        tag="derived",
        exponent=1 / power,
        scope=Scope(width=1, method="cubic_newton"),
    )


@family(example={"steps": 20}, source=CARTIS_GOULD_TOINT)
def slow_cubic(*, steps: int, excess: float = 0.01) -> Instance:
    """A function of one variable on which cubic regularisation sees f'(x_k) = -a_k, a_k = (k + 1)^-(2/3 + eta).

    x_0 = 0, x_{k+1} = x_k + sqrt(a_k), f(x_{k+1}) = f(x_k) - (2/3) a_k^(3/2), f''(x_k) = 0, k = 0 .. N, quintic in
    between; after x_N down to slope 0 over the length sqrt(a_N), then constant. The step that minimises the model
    f'(x) s + f''(x) s^2/2 + (M/6) |s|^3 with M = 2 goes from x_k to x_{k+1}, and the decrease is the model's, so that
    a method that adapts M would accept it. `cubic_newton` gets M as hessian_smoothness=1, regularisation=2. A target
    epsilon takes ceil(epsilon^(-3/(2 + 3 eta))) queries of value, slope and curvature, while neither sup |f'''|, about
    20, nor the gap, at most (2/3) zeta(1 + 3 eta/2), grows with N.

    With f'' = 0 at the nodes alone a rounding error would grow by a factor of about -9 at each step. So f'' = 0 on
    [x_k - theta_k, x_k + theta_k], theta_k = 4e-16 (k + 1) x_{k+1}.

    steps: N. excess: eta in (0, 1]. Cost: O(log N) per query.
    """
    if not 1 <= steps <= 10**5 or not 0 < excess <= 1:
        raise InputError(f"slow_cubic needs steps in 1 .. 10^5 and excess in (0, 1], got {steps} and {excess:g}")
    power = 2 / 3 + excess
    slopes = falling_slopes(steps, power)
    lengths = np.sqrt(slopes)
    drops = lengths * slopes * np.append(np.full(steps, 2 / 3), 1 / 2)
    spline = with_flats(np.append(0.0, np.cumsum(lengths)), slopes, drops)
    second, third = spline.largest()
    return Instance(
        name="slow_cubic",
        function=spline.function(),
        start=np.zeros(1),
        claims=Claims(
            Claim("smoothness", second, "derived", f"{HERE}: the largest |f''| of the pieces"),
            Claim("hessian_smoothness", third, "derived", f"{HERE}: the largest |f'''| of the pieces"),
            Claim("gap", float(spline.values[0]), "derived", f"{HERE}: f falls to its constant end"),
            Claim("floor", float(slopes[-1]), "derived", f"{HERE}: at the iterates of cubic regularisation"),
        ),
        bounds=(cubic_bound(power, steps),),
        target=float(slopes[-1]),
    )
