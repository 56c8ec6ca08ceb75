"""Functions inside of functions: a kernel that asks another kernel is a kernel again, with one address.

The parameter block of a composed kernel begins with five words, the bits of int64 numbers in an array of float64:

    address of the inner kernel | address of its parameters | its dimension | address of its Hessian's kernel, or 0 |
    its bandwidth | numbers of the composed kernel's own

Its scratch memory is its own, from `np.empty` in each call, because several threads may call at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oracles.arrays import Array, Mask
from oracles.functions import Function, KernelFunction
from oracles.kernels import Kernel, compiled
from oracles.lowlevel import address_of, call_kernel, load_word

INNER_KERNEL, INNER_PARAMETERS, INNER_DIMENSION, INNER_HESSIAN, INNER_BANDWIDTH = range(5)
OWN = 5  # where a composed kernel's own numbers begin


@compiled
def ask_inner(parameters: Array, x: Array, gradient: Array) -> float:
    """The value of the inner function at x, with its gradient filled in; arrays or pointers."""
    block = address_of(parameters)
    return call_kernel(
        load_word(block, INNER_KERNEL),
        address_of(x),
        address_of(gradient),
        load_word(block, INNER_DIMENSION),
        load_word(block, INNER_PARAMETERS),
    )


@compiled
def ask_inner_band(parameters: Array, x: Array) -> Array:
    """The lower band (b + 1, d) of the Hessian of the inner function, which has one, at x; an array or a pointer."""
    block = address_of(parameters)
    dimension = load_word(block, INNER_DIMENSION)
    band = np.empty((load_word(block, INNER_BANDWIDTH) + 1, dimension))
    hessian, numbers = load_word(block, INNER_HESSIAN), load_word(block, INNER_PARAMETERS)
    call_kernel(hessian, address_of(x), address_of(band), dimension, numbers)
    return band


@compiled
def inner_dimension(parameters: Array) -> int:
    """The number of coordinates of the inner function."""
    return load_word(address_of(parameters), INNER_DIMENSION)


@compiled
def own_numbers(parameters: Array) -> int:
    """The address of a composed kernel's own numbers."""
    return address_of(parameters) + 8 * OWN


@dataclass(frozen=True)
class Composed:
    """Any function inside of a transform, in numpy: for the functions that are no kernels.

    enter: points (K, D) -> points (K, d) of the inner function.
    leave: points (K, D), inner values (K,), inner gradients (K, d) -> values (K,), gradients (K, D).
    bend: the band (b + 1, d) of the inner Hessian -> that of the Hessian; None: there are no Hessians.
    """

    inner: Function
    enter: Callable[[Array], Array]
    leave: Callable[[Array, Array, Array], tuple[Array, Array]]
    bend: Callable[[Array], Array] | None = None

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        return self.leave(points, *self.inner.evaluate(self.enter(points), values, gradients))

    def evaluate_one(self, point: Array, value: bool, gradient: bool) -> tuple[float, Array]:
        values, gradients = self.evaluate(point[None], np.array([value]), np.array([gradient]))
        return float(values[0]), gradients[0]

    def band(self, point: Array) -> Array | None:
        inside = None if self.bend is None else self.inner.band(np.ascontiguousarray(self.enter(point[None])[0]))
        return None if self.bend is None or inside is None else self.bend(inside)


def compose(
    inner: Function,
    dimension: int,
    kernel: Kernel,
    numbers: Array,
    *,
    enter: Callable[[Array], Array],
    leave: Callable[[Array, Array, Array], tuple[Array, Array]],
    hessian: Kernel | None = None,
    bandwidth: int | None = None,
    bend: Callable[[Array], Array] | None = None,
) -> Function:
    """The composed kernel around an inner kernel of this dimension; around any other function `Composed`.

    numbers: the kernel's own; they follow the words of the inner function in its parameters.
    hessian, bandwidth, bend: the kernel of the Hessian, its bandwidth (None: that of the inner one), and the same in
        numpy; there are Hessians where they are given and the inner function has them.
    """
    if not isinstance(inner, KernelFunction):
        return Composed(inner, enter, leave, bend)
    block = np.empty(OWN + numbers.size)
    second = 0 if inner.hessian is None else inner.hessian.address
    words = inner.kernel.address, inner.parameters.ctypes.data, dimension, second, inner.bandwidth
    block.view(np.int64)[:OWN] = words
    block[OWN:] = numbers.ravel()
    if inner.hessian is None:
        hessian = None
    return KernelFunction(kernel, block, hessian, inner.bandwidth if bandwidth is None else bandwidth, keep=inner)
