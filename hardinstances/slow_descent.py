"""Steepest descent as slow as 1/epsilon^(2 - tau): a spline through the iterates that it is to visit."""

import math

import numpy as np

from hardinstances.fixed_step import descent_bound
from hardinstances.hermite import Spline
from oracles import Array, Claim, Claims, InputError, Instance, family

CARTIS_GOULD_TOINT = (
    "Cartis, Gould, Toint, On the complexity of steepest descent, Newton's and regularized Newton's methods for "
    "nonconvex unconstrained optimization, SIAM J. Optim. 20 (2010)"
)
HERE = "this project, after the idea of Cartis, Gould, Toint (2010)"


def falling_slopes(steps: int, power: float) -> Array:
    """a_k = (k + 1)^-power, k = 0 .. N."""
    return np.arange(1.0, steps + 2.0) ** -power


def falling_values(drops: Array) -> Array:
    """The values whose successive differences are the drops and whose last one is 0."""
    return np.append(np.cumsum(drops[::-1])[::-1], 0.0)


def queries_down_to(power: float, steps: int, target: float) -> float:
    """K + 1 with the first k such that (k + 1)^-power <= target; N + 2 where no k <= N is such."""
    return min(max(1.0, math.ceil(target ** (-1 / power))), steps + 2.0)


@family(example={"steps": 20}, source=CARTIS_GOULD_TOINT)
def slow_descent(*, steps: int, step: float = 1.0, excess: float = 0.01) -> Instance:
    """A function of one variable on which x - t f'(x) sees f'(x_k) = -a_k, a_k = (k + 1)^-(1/2 + eta), k = 0 .. N.

    x_0 = 0, x_{k+1} = x_k + t a_k, f(x_{k+1}) = f(x_k) - t (1 - t/2) a_k^2, f''(x_k) = 1, quintic in between, the
    parabola beyond the ends. So a target epsilon takes ceil(epsilon^(-2/(1 + 2 eta))) queries, while neither the
    gap, at most t (1 - t/2) zeta(1 + 2 eta) + 1/2, nor sup |f''| grows with N; the latter is about 2.95 unless t is
    small. f''' does not stay bounded. Each step satisfies Armijo's condition for c <= 1 - t/2, so that a line search
    that tries t first goes the same way; t = 1 is Newton's step as well. Between the iterates |f'| is smaller, down to
    0.055 a_k for t = 1: other steps than t are not slowed down.

    steps: N. step: t in (0, 1], absolute: the method gets it as smoothness=1, step=t. t = 1/3 is below 1/L.
    excess: eta in (0, 1]. Cost: O(log N) per query.
    """
    if not 1 <= steps <= 10**6 or not (0 < step <= 1 and 0 < excess <= 1):
        raise InputError(
            f"slow_descent needs steps in 1 .. 10^6, step and excess in (0, 1], got {steps}, {step:g}, {excess:g}"
        )
    power = 0.5 + excess
    slopes = falling_slopes(steps, power)
    drops = step * (1 - step / 2) * slopes[:-1] ** 2
    spline = Spline(
        nodes=np.append(0.0, np.cumsum(step * slopes[:-1])),
        values=falling_values(drops) + slopes[-1] ** 2 / 2,
        slopes=-slopes,
        rest=np.zeros(steps),
        curvature=1.0,
    )
    second, third = spline.largest()
    return Instance(
        name="slow_descent",
        function=spline.function(),
        start=np.zeros(1),
        claims=Claims(
            Claim("smoothness", second, "derived", f"{HERE}: the largest |f''| of the pieces"),
            Claim("hessian_smoothness", third, "derived", f"{HERE}: the largest |f'''| of the pieces"),
            Claim("gap", float(spline.values[0]), "derived", f"{HERE}: f falls to the end of the last parabola"),
            Claim("floor", float(slopes[-1]), "derived", f"{HERE}: at the iterates of gradient descent with this step"),
        ),
        bounds=(
            descent_bound(
                step,
                lambda target: queries_down_to(power, steps, target),
                statement=f"queries >= min(target^(-{1 / power:.4g}), N + 2 = {steps + 2}) of gradient descent with "
                f"t = {step:.6g}",
                source=HERE,
                exponent=1 / power,
            ),
        ),
        target=float(slopes[-1]),
    )
