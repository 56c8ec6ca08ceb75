"""Functions inside of functions: a kernel that asks another kernel is a kernel again, with one address.

The parameter block of a composed kernel begins with three words, the bits of int64 numbers in an array of float64:

    address of the inner kernel | address of its parameters | its dimension | numbers of the composed kernel's own

Its scratch memory is its own, from `np.empty` in each call, because several threads may call at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oracles.arrays import Array, Mask
from oracles.functions import Function, KernelFunction
from oracles.kernels import Kernel, compiled
from oracles.lowlevel import address_of, call_kernel, load_word

INNER_KERNEL, INNER_PARAMETERS, INNER_DIMENSION = range(3)
OWN = 3  # where a composed kernel's own numbers begin


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
    """

    inner: Function
    enter: Callable[[Array], Array]
    leave: Callable[[Array, Array, Array], tuple[Array, Array]]

    def evaluate(self, points: Array, values: Mask, gradients: Mask) -> tuple[Array, Array]:
        return self.leave(points, *self.inner.evaluate(self.enter(points), values, gradients))

    def evaluate_one(self, point: Array, value: bool, gradient: bool) -> tuple[float, Array]:
        values, gradients = self.evaluate(point[None], np.array([value]), np.array([gradient]))
        return float(values[0]), gradients[0]

    def band(self, point: Array) -> Array | None:
        return None


def compose(
    inner: Function,
    dimension: int,
    kernel: Kernel,
    numbers: Array,
    *,
    enter: Callable[[Array], Array],
    leave: Callable[[Array, Array, Array], tuple[Array, Array]],
) -> Function:
    """The composed kernel around an inner kernel of this dimension; around any other function `Composed`.

    numbers: the kernel's own; they follow the words of the inner function in its parameters.
    """
    if not isinstance(inner, KernelFunction):
        return Composed(inner, enter, leave)
    block = np.empty(OWN + numbers.size)
    block.view(np.int64)[:OWN] = inner.kernel.address, inner.parameters.ctypes.data, dimension
    block[OWN:] = numbers.ravel()
    return KernelFunction(kernel, block, keep=inner)
