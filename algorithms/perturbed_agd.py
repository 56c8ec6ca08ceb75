"""Accelerated gradient descent that exploits negative curvature and perturbs where the gradient is small."""

import math

import numpy as np

from algorithms.momentum import at_least, point_of_ball
from oracles import Array, Oracle, algorithm, inner, norm, squared_distance

PERTURBED_AGD = "Jin, Netrapalli, Jordan, Accelerated gradient descent escapes saddle points faster, arXiv 1711.10456"


@algorithm(source=PERTURBED_AGD, deterministic=False)
def perturbed_agd(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    hessian_smoothness: float,
    target: float,
    rng: np.random.Generator,
    logarithm: float = 1.0,
    constant: float = 1.0,
) -> None:
    """One step is y = x + (1 - t) v, x+ = y - h grad f(y), v+ = x+ - x. If f(x) < f(y) + grad f(y).(x - y) - (g/2) |x -
    y|^2, then v+ = 0, and x+ is x if |v| >= s, else the better of x + s v/|v| and x - s v/|v|. Where |grad f(x)| <=
    target, x is first replaced by a uniform point of the ball of radius r around it, at most once in T steps.

    h = 1/(4L), q = L/sqrt(rho e), t = min(1, 1/(4 sqrt(q))), g = t^2/h, s = g/(4 rho), r = h e X^(-5) c^(-8),
    T = X c sqrt(q).

    smoothness: L. hessian_smoothness: rho. target: e = epsilon; the method is run once for each. logarithm: X, in the
    theorem max(1, log(d L D/(rho e p))) with the probability p of failure. constant: c, in the theorem a large one; 1
    is what implementations take. Rate e^(-7/4), up to the sixth power of X, in queries until a second-order point.

    Cost: two queries per iteration, y and x+, in rounds of their own, and two more where curvature is exploited.

    Use: where saddle points are to be left and L and rho are known; for first-order stationarity alone the methods
    without parameters need fewer queries.
    """
    roughness = at_least(hessian_smoothness, smoothness, target)
    step, root = 0.25 / smoothness, math.sqrt(smoothness / math.sqrt(roughness * target))
    friction = min(1.0, 0.25 / root)
    curvature = friction * friction / step
    leap, patience = 0.25 * curvature / roughness, logarithm * constant * root
    radius = step * target / (logarithm**5.0 * constant**8.0)
    x, velocity, waited = x0, 0.0 * x0, 0
    value, gradient = oracle.value_and_gradient(x)
    y, y_value, y_gradient = x, value, gradient
    while True:
        following = y - step * y_gradient
        next_velocity = following - x
        if value < y_value + inner(y_gradient, x - y) - 0.5 * curvature * squared_distance(x, y):
            speed = norm(velocity)
            following, next_velocity = x, 0.0 * x
            if 0.0 < speed < leap:
                forward, backward = x + leap / speed * velocity, x - leap / speed * velocity
                forward_value, _ = oracle.value_and_gradient(forward)
                backward_value, _ = oracle.value_and_gradient(backward)
                following = forward if forward_value <= backward_value else backward
        x, velocity, waited = following, next_velocity, waited + 1
        value, gradient = oracle.value_and_gradient(x)
        if norm(gradient) <= target and waited > patience:
            x, waited = point_of_ball(x, radius, rng.standard_normal(x.size + 2)), 0
            value, gradient = oracle.value_and_gradient(x)
        y = x + (1.0 - friction) * velocity
        y_value, y_gradient = oracle.value_and_gradient(y)
