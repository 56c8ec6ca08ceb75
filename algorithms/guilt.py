"""Accelerated gradient descent on a function that is taken for strongly convex, until it is proven guilty."""

import math

import numpy as np

from algorithms.guesses import with_room
from oracles import Array, Oracle, asking, compiled, inner, regularised, squared_distance


@asking
def agd_until_guilty(
    oracle: Oracle, start: Array, value: float, gradient: Array, smoothness: float, weight: float, accuracy: float
) -> tuple[bool, Array, float, Array, Array, Array, Array, Array]:
    """Nesterov's method for L-smooth, weight-strongly convex functions, on F(x) = f(x) + weight |x - start|^2.

    value, gradient: of f, and F, at the start. It ends where |grad F(y)| <= accuracy, or guilty, where what strong
    convexity promises does not hold: F(y) <= F(start), and |grad F(y)|^2 <= 2 L e^(-t/sqrt(q)) psi(z) after t steps, q
    = L / weight, with psi(z) = F(start) - F(z) + (weight/2) |z - start|^2 and z = y - grad F(y)/L.

    Returns: whether guilty; w and F(w), w the point that shows it, the last y if innocent; all y (t + 1, d) and F
    (t + 1,) there; the points x (t, d) of the gradient steps, F (t,) and grad F (t, d) there. Cost: three queries per
    step, y, z and x.
    """
    root = math.sqrt(smoothness / weight)
    momentum = (root - 1.0) / (root + 1.0)
    ys, xs, slopes = np.zeros((8, start.size)), np.zeros((8, start.size)), np.zeros((8, start.size))
    y_values, x_values = np.zeros((8, 1)), np.zeros((8, 1))
    x, x_value, slope = start, value, gradient
    w, w_value, guilty, t = start, value, False, 0
    ys[0], y_values[0, 0] = start, value
    while True:
        xs[t], x_values[t, 0], slopes[t] = x, x_value, slope
        t += 1
        if t == xs.shape[0]:
            ys, y_values = with_room(ys), with_room(y_values)
            xs, x_values, slopes = with_room(xs), with_room(x_values), with_room(slopes)
        y = x - slope / smoothness
        y_value, y_slope = regularised(oracle, y, start, weight)
        ys[t], y_values[t, 0] = y, y_value
        if y_value > value:
            w, w_value, guilty = start, value, True
            break
        z = y - y_slope / smoothness
        z_value, _ = regularised(oracle, z, start, weight)
        psi = value - z_value + 0.5 * weight * squared_distance(z, start)
        squares = inner(y_slope, y_slope)
        if squares > 2.0 * smoothness * psi * math.exp(-t / root):
            w, w_value, guilty = z, z_value, True
            break
        if squares <= accuracy * accuracy:
            w, w_value = y, y_value
            break
        x = y + momentum * (y - ys[t - 1])
        x_value, slope = regularised(oracle, x, start, weight)
    return guilty, w, w_value, ys[: t + 1], y_values[: t + 1, 0], xs[:t], x_values[:t, 0], slopes[:t]


@compiled
def witness(
    w: Array, w_value: float, ys: Array, y_values: Array, xs: Array, x_values: Array, slopes: Array, modulus: float
) -> tuple[int, Array]:
    """The first pair with F(u) < F(x_j) + grad F(x_j).(u - x_j) + (modulus/2) |u - x_j|^2, u in {y_j, w}: j and u; -1
    and w if round-off hides all of them.
    """
    for j in range(xs.shape[0]):
        for u, value in ((ys[j], y_values[j]), (w, w_value)):
            distance = squared_distance(u, xs[j])
            if value < x_values[j] + inner(slopes[j], u - xs[j]) + 0.5 * modulus * distance and distance > 0.0:
                return j, u.copy()
    return -1, w.copy()
