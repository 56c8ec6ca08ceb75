"""A function that costs next to nothing, and gradient descent on it in two hands."""

import numpy as np

from oracles import Array, Instance, KernelFunction, Oracle, kernel
from oracles.instances import from_callable

STEP = 1e-7  # so small that 10^8 steps stay away from denormal numbers
TARGET = 1e-100  # never met


@kernel
def rational_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """sum_i x_i^2 / (1 + x_i^2) + x_i^4 / 4."""
    value = 0.0
    for i in range(dimension):
        square = x[i] * x[i]
        q = 1.0 / (1.0 + square)
        value += square * q + 0.25 * square * square
        gradient[i] = 2.0 * x[i] * q * q + square * x[i]
    return value


def rational_in_numpy(x: Array) -> tuple[float, Array]:
    """The same with numpy."""
    square = x * x
    q = 1.0 / (1.0 + square)
    return float((square * q + 0.25 * square * square).sum()), 2.0 * x * q * q + square * x


def rational(dimension: int) -> Instance:
    """The function as a kernel, from (1.5, .., 1.5)."""
    return Instance("rational", KernelFunction(rational_kernel, np.zeros(1)), np.full(dimension, 1.5))


def rational_from_numpy(dimension: int) -> Instance:
    """The function as a Python callable."""
    return from_callable(rational_in_numpy, start=np.full(dimension, 1.5), name="rational")


def textbook(oracle: Oracle, x0: Array, *, step: float) -> None:
    """Gradient descent as it is written in a textbook; every step makes two new vectors."""
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        x = x - step * gradient


def in_place(oracle: Oracle, x0: Array, *, step: float) -> None:
    """Gradient descent that makes no new vectors."""
    x, gradient = x0.copy(), np.empty_like(x0)
    while True:
        oracle.value_and_gradient(x, out=gradient)
        for i in range(x.size):
            x[i] -= step * gradient[i]


def one_round_of(oracle: Oracle, x0: Array, *, points: int) -> None:
    """The same round of K points again and again."""
    batch = np.empty((points, x0.size))
    for k in range(points):
        batch[k] = x0 + k / points
    while True:
        values, gradients = oracle.query(batch)
