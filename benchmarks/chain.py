"""The value and gradient of the hard chain: against C, numpy and 40 digits."""

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.special import ndtr

from benchmarks.comparison import Build, Row, Unavailable, Yardstick, contest
from benchmarks.drivers import kernel_calls, kernel_of
from benchmarks.effort import Effort
from benchmarks.goals import AtMost, Faster, Ratio
from benchmarks.timing import Steady
from benchmarks.yardsticks import address, library, peer
from hardinstances import carmon_chain
from oracles import Array, Instance, foreign_kernel
from oracles.kernels import answer_points

AGAINST_C = {10: 1.6, 100: 1.3, 1000: 1.15, 10_000: 1.15, 1_000_000: 1.15}
AGAINST_NUMPY = {10: 120.0, 100: 30.0, 1000: 8.0, 10_000: 8.0, 1_000_000: 8.0}
DIGITS, ERROR = 40, 1e-14


def rows(effort: Effort) -> Iterator[Row]:
    """Value and gradient of the chain, points uniform in (-2, 2)^T; and the error of the gradient."""
    for length in effort.pick((10, 100, 1000, 10_000, 1_000_000), (10, 1000)):
        points = sample_points(length)
        chain = published_chain(length)
        yardsticks = [
            Yardstick("C", Ratio(AGAINST_C[length]), in_c("chain.c", "chain", chain, points)),
            Yardstick("naive C", Ratio(), in_c("chain_naive.c", "chain_naive", chain, points)),
            Yardstick("numpy, scipy", Faster(AGAINST_NUMPY[length]), in_numpy(points[0])),
        ]
        clock = effort.clock if length < 1_000_000 else effort.clock.fewer(7)
        yield from contest(clock, f"chain, T = {length:,}", ours(chain, points), yardsticks)
    yield error_row(effort.pick(16, 2))


def published_chain(length: int) -> Instance:
    """The chain as published, in its own units."""
    return carmon_chain(length=length, first_link=1.0)


def sample_points(length: int, values: int = 2048) -> Array:
    """Points (M, T) uniform in (-2, 2), several of them where T is small, so that no branch can be learnt by heart."""
    return np.random.default_rng(0).uniform(-2, 2, (max(1, values // length), length))


def ours(chain: Instance, points: Array) -> Build:
    """Our kernel, called from machine code."""
    return lambda: kernel_calls(*kernel_of(chain), points)


def in_numpy(x: Array) -> Build:
    """One call from Python."""
    return lambda: Steady(lambda: chain_in_numpy(x))


def in_c(source: str, name: str, chain: Instance, points: Array) -> Build:
    """A kernel in C, called from the same machine code, if it computes the same."""

    def build() -> Steady:
        at = address(c_kernel(source, name))
        check_agreement(at, chain, points[:1])
        return kernel_calls(at, kernel_of(chain)[1], points)

    return build


def c_kernel(source: str, name: str) -> Any:
    """A function of a C file with the signature of a kernel."""
    function = getattr(library(source), name)
    function.restype = ctypes.c_double
    return function


def check_agreement(kernel: int, chain: Instance, points: Array) -> None:
    """A yardstick that computes something else is none."""
    own, parameters = kernel_of(chain)
    value, gradient = answer_points(foreign_kernel(kernel), points, parameters)
    own_value, own_gradient = answer_points(foreign_kernel(own), points, parameters)
    if not (np.allclose(value, own_value, rtol=1e-12) and np.allclose(gradient, own_gradient, rtol=0, atol=1e-12)):
        raise Unavailable("computes something else")


def chain_in_numpy(x: Array) -> tuple[float, Array]:
    """The published chain in its own units, with numpy and SciPy alone."""
    size, sign = np.abs(x), np.where(x < 0, -1.0, 1.0)
    active = size > 0.5184
    p = np.where(active, 2 * size - 1, 1.0)
    psi = np.where(active, np.exp(1 - 1 / p**2), 0.0)
    slope = 4 * psi / p**3
    density = np.exp(0.5 - 0.5 * x**2)
    signs, weights = np.concatenate([[1.0], sign[:-1]]), np.concatenate([[1.0], psi[:-1]])
    phi = np.sqrt(2 * np.pi * np.e) * ndtr(signs * x)
    gradient = -weights * density
    gradient[:-1] -= slope[:-1] * phi[1:]
    return float(-(signs * weights * phi).sum()), gradient


def error_row(count: int, length: int = 100) -> Row:
    """The largest error of an entry of the gradient, at uniform and at wide normal points."""
    what, goal = f"error of the chain's gradient, {count * length} entries", AtMost(ERROR, pure=True)
    rng = np.random.default_rng(1)
    points = np.concatenate([rng.uniform(-2, 2, (count // 2, length)), 4 * rng.standard_normal((count // 2, length))])
    kernel, parameters = kernel_of(published_chain(length))
    _, gradients = answer_points(foreign_kernel(kernel), points, parameters)
    try:
        mpmath = peer("mpmath")
    except Unavailable as missing:
        return Row(what, goal, yardstick="mpmath", note=str(missing))
    with mpmath.workdps(DIGITS):
        pairs = zip(points, gradients, strict=True)
        errors = [abs(mpmath.mpf(float(g)) - e) for x, row in pairs for g, e in zip(row, exact(mpmath, x), strict=True)]
        return Row(what, goal, float(max(errors)), f"mpmath, {DIGITS} digits")


def exact(mpmath: Any, x: Array) -> list[Any]:
    """The gradient of the published chain in as many digits as mpmath is set to, term by term as in the paper."""
    root = mpmath.sqrt(mpmath.e)

    def psi(t: Any) -> tuple[Any, Any]:
        if t <= 0.5:
            return mpmath.mpf(0), mpmath.mpf(0)
        p = 2 * t - 1
        value = mpmath.exp(1 - 1 / p**2)
        return value, 4 * value / p**3

    def phi(t: Any) -> tuple[Any, Any]:
        return root * mpmath.sqrt(mpmath.pi / 2) * mpmath.erfc(-t / mpmath.sqrt(2)), root * mpmath.exp(-t * t / 2)

    t = [mpmath.mpf(float(entry)) for entry in x]
    gradient = [-phi(t[0])[1]] + [mpmath.mpf(0)] * (len(t) - 1)
    for i in range(1, len(t)):
        for sign in (-1, 1):
            weight, slope = psi(sign * t[i - 1])
            link, density = phi(sign * t[i])
            gradient[i - 1] -= slope * link
            gradient[i] -= weight * density
    return gradient
