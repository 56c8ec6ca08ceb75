"""Point kernels: functions with an address that answer one query at machine speed.

A kernel has the C signature

    double kernel(const double *x, double *gradient, int64 dimension, const double *parameters)

It fills `gradient` and returns the value; it must not raise. A numba function becomes one with the decorator
`kernel`; it indexes its arguments like C pointers, so that the same source also runs uncompiled on arrays.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from llvmlite import ir
from numba import cfunc, njit, types
from numba.extending import intrinsic

from oracles.arrays import Array
from oracles.codecache import code_cache

POINTER = types.CPointer(types.float64)
SIGNATURE = types.float64(POINTER, POINTER, types.int64, POINTER)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a helper function with numba: cached on disk, IEEE division, without the interpreter lock."""
    with code_cache() as cached:
        return njit(function, cache=cached, error_model="numpy", nogil=True)


class Kernel:
    """A point kernel. `address` is its machine code, compiled (or loaded from the cache) on first use."""

    def __init__(self, function: Callable[..., float]) -> None:
        self.python = function
        self.name = function.__name__
        self.__doc__ = function.__doc__

    @cached_property
    def _machine_code(self) -> Any:
        with code_cache() as cached:
            return cfunc(SIGNATURE, cache=cached, error_model="numpy")(self.python)

    @property
    def address(self) -> int:
        """The address of the machine code."""
        return int(self._machine_code.address)


def kernel(function: Callable[..., float]) -> Kernel:
    """Make `function(x, gradient, dimension, parameters) -> value` a point kernel."""
    return Kernel(function)


@intrinsic
def _call(typing: Any, address: Any, x: Any, gradient: Any, parameters: Any) -> Any:
    """Call the kernel at `address` on contiguous arrays."""
    signature = types.float64(types.int64, x, gradient, parameters)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        double = ir.DoubleType()
        pointer = double.as_pointer()
        integer = ir.IntType(64)
        arrays = [
            context.make_array(kind)(context, builder, argument)
            for kind, argument in zip(signature.args[1:], arguments[1:], strict=True)
        ]
        code = ir.FunctionType(double, [pointer, pointer, integer, pointer])
        function = builder.inttoptr(arguments[0], code.as_pointer())
        dimension = builder.extract_value(arrays[0].shape, 0)
        return builder.call(function, [arrays[0].data, arrays[1].data, dimension, arrays[2].data])

    return signature, generate


@compiled
def _each(address: int, points: Array, values: Array, gradients: Array, parameters: Array) -> None:
    """Answer every row of `points` by the kernel at `address`."""
    for k in range(points.shape[0]):
        values[k] = _call(address, points[k], gradients[k], parameters)  # type: ignore[call-arg]


def answer_points(kernel: Kernel, points: Array, parameters: Array) -> tuple[Array, Array]:
    """Values (K,) and gradients (K, d) of a kernel at C-contiguous `points` (K, d). A row's answer does not depend
    on the other rows, to the last bit.
    """
    values, gradients = np.empty(len(points)), np.empty_like(points)
    _each(kernel.address, points, values, gradients, parameters)
    return values, gradients
