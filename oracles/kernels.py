"""Point kernels: functions with an address that answer one query at machine speed.

A kernel has the C signature

    double kernel(const double *x, double *gradient, int64 dimension, const double *parameters)

It fills `gradient` and returns the value; it must not raise. A numba function becomes one with the decorator
`kernel`; it indexes its arguments like C pointers, so that the same source also runs uncompiled on arrays. A function
of a C library becomes one with `foreign_kernel`.
"""

import ctypes
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numba import carray, cfunc, types
from numba.core.registry import CPUDispatcher

import oracles.startup  # noqa: F401
from oracles.arrays import Array, Ids
from oracles.codecache import code_cache, settings
from oracles.errors import InputError
from oracles.lowlevel import address_of, call_door, call_kernel, load_word, reals
from oracles.threads import WIDE, spread

POINTER = types.CPointer(types.float64)
KERNEL_SIGNATURE = types.float64(POINTER, POINTER, types.int64, POINTER)
DOOR_SIGNATURE = types.int64(types.int64, types.int64)


class Helper(CPUDispatcher):
    """A function for compiled callers; numba alone would compile it anew for each constant that one hands it."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        wide = {name: types.unliteral(kind) for name, kind in kws.items()}
        return super().get_call_template(tuple(types.unliteral(kind) for kind in args), wide)


def compiled(function: Callable[..., Any], *, inline: bool = False) -> Any:
    """Compile a helper function with numba: cached on disk, IEEE division, without the interpreter lock."""
    # numba hands its options on to what it compiles on the way, so each is given, and code does not depend on the way
    options = {"nopython": True, "boundscheck": None, "error_model": "numpy", "nogil": True, "forceinline": inline}
    if settings.DISABLE_JIT:
        return function
    helper = Helper(function, targetoptions=options)
    with code_cache(function.__code__.co_filename, function.__module__) as cached:
        if cached:
            helper.enable_caching()
    return helper


def inlined(function: Callable[..., Any]) -> Any:
    """Compile a helper function that is always inlined into its callers, so that their loops can become vector code."""
    return compiled(function, inline=True)


class Native:
    """A function with an address: machine code compiled (or loaded from the cache) on first use."""

    def __init__(self, function: Callable[..., Any], signature: Any) -> None:
        self.python, self._signature = function, signature
        self.name, self.__doc__ = function.__name__, function.__doc__

    @cached_property
    def _machine_code(self) -> Any:
        with code_cache(self.python.__code__.co_filename, self.python.__module__) as cached:
            return cfunc(self._signature, cache=cached, error_model="numpy", forceinline=True)(self.python)

    @cached_property
    def address(self) -> int:
        """The address of the machine code."""
        return int(self._machine_code.address)


class Kernel(Native):
    """A point kernel in numba's subset of Python; `python` is its source, which runs on arrays too."""

    def __init__(self, function: Callable[..., float]) -> None:
        super().__init__(function, KERNEL_SIGNATURE)


class ForeignKernel:
    """A point kernel of another language, by its address; `keep` is kept alive with it."""

    def __init__(self, name: str, address: int, keep: object = None) -> None:
        if address == 0:
            raise InputError(f"the kernel {name} has the address 0")
        self.name, self.address, self._keep = name, address, keep


def kernel(function: Callable[..., float]) -> Kernel:
    """Make `function(x, gradient, dimension, parameters) -> value` a point kernel."""
    return Kernel(function)


def foreign_kernel(function: Any, *, name: str | None = None) -> ForeignKernel:
    """A function of a C library (loaded with `ctypes`), or an address, as a point kernel.

    It is called from several threads at once for wide rounds, and must bear that.
    """
    if isinstance(function, int):
        return ForeignKernel(name or "kernel", function)
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ForeignKernel(name or str(getattr(function, "__name__", "kernel")), address, function)


# The request of a round, as words at an address. The masks (K bytes each) say which rows want a value and which a
# gradient; 0 in place of an address: no row does. SAMPLES: the address of K whole numbers, or 0.
REQUEST_WORDS = 8
K, POINTS, VALUES, GRADIENTS, VALUE_MASK, GRADIENT_MASK, ROUND, SAMPLES = range(REQUEST_WORDS)

# The block of a model that answers by a kernel, as words at an address; SPREAD: the callback for wide rounds, or 0.
KERNEL, PARAMETERS, DIMENSION, SPREAD = range(4)

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)


@compiled
def _each(kernel: int, parameters: int, dimension: int, points: int, values: int, gradients: int, count: int) -> None:
    """Answer `count` points at an address one after the other, all arguments being addresses or counts."""
    out = carray(reals(values), count)
    for k in range(count):
        row = 8 * k * dimension
        out[k] = call_kernel(kernel, points + row, gradients + row, dimension, parameters)


@compiled
def _answer_one(kernel: int, parameters: Array, point: Array, gradient: Array) -> float:
    return call_kernel(kernel, address_of(point), address_of(gradient), point.size, address_of(parameters))


@compiled
def _answer_all(kernel: int, parameters: Array, points: Array, values: Array, gradients: Array) -> None:
    count, d = points.shape
    _each(kernel, address_of(parameters), d, address_of(points), address_of(values), address_of(gradients), count)


@compiled
def answer_each(kernels: Ids, parameters: Ids, points: Array, values: Array, gradients: Array) -> None:
    """Answer K points, each by a kernel of its own: the addresses (K,) of the kernels and of their parameters."""
    dimension = points.shape[1]
    for k in range(points.shape[0]):
        row = 8 * k * dimension
        x, gradient = address_of(points) + row, address_of(gradients) + row
        values[k] = call_kernel(kernels[k], x, gradient, dimension, parameters[k])


def answer_point(kernel: "Kernel | ForeignKernel", point: Array, parameters: Array) -> tuple[float, Array]:
    """Value and gradient (d,) of a kernel at a contiguous `point` (d,)."""
    gradient = np.empty(point.size)
    return _answer_one(kernel.address, parameters, point, gradient), gradient


def answer_points(kernel: "Kernel | ForeignKernel", points: Array, parameters: Array) -> tuple[Array, Array]:
    """Values (K,) and gradients (K, d) of a kernel at C-contiguous `points` (K, d). A row's answer does not depend
    on the other rows, to the last bit.
    """
    values, gradients = np.empty(len(points)), np.empty_like(points)
    if points.size < WIDE:
        _answer_all(kernel.address, parameters, points, values, gradients)
        return values, gradients
    x, v, g = points.ctypes.data, values.ctypes.data, gradients.ctypes.data
    _answer(kernel.address, parameters.ctypes.data, points.shape, x, v, g)
    return values, gradients


def answer_band(kernel: "Kernel | ForeignKernel", point: Array, parameters: Array, bandwidth: int) -> Array:
    """The lower band (b + 1, d) of the Hessian at a contiguous `point` (d,)."""
    band = np.empty((bandwidth + 1, point.size))
    _answer_one(kernel.address, parameters, point, band.ravel())
    return band


def _answer(kernel: int, parameters: int, shape: tuple[int, ...], points: int, values: int, gradients: int) -> None:
    """Answer a round of points (K, d) at an address, over threads where it is wide."""
    count, dimension = shape

    def part(first: int, last: int) -> None:
        row = 8 * first * dimension
        _each(kernel, parameters, dimension, points + row, values + 8 * first, gradients + row, last - first)

    spread(count, count * dimension, part)


def spreading(block: Array) -> Any:
    """A callback that answers the wide rounds of machine code over threads; `block` as below."""

    def answer(_: int, request: int) -> int:
        words = (ctypes.c_int64 * REQUEST_WORDS).from_address(request)
        shape = int(words[K]), int(block[DIMENSION])
        _answer(int(block[KERNEL]), int(block[PARAMETERS]), shape, words[POINTS], words[VALUES], words[GRADIENTS])
        return 0

    return CALLBACK(answer)


def _answer_by_kernel(block: int, request: int) -> int:
    """The door of a model that is a kernel. Returns 0: kernels do not fail."""
    kernel, parameters = load_word(block, KERNEL), load_word(block, PARAMETERS)
    dimension, count = load_word(block, DIMENSION), load_word(request, K)
    points, values, gradients = load_word(request, POINTS), load_word(request, VALUES), load_word(request, GRADIENTS)
    spare = np.empty((count if values == 0 else 0) + (count * dimension if gradients == 0 else 0))
    if gradients == 0:
        gradients = address_of(spare)
    if values == 0:
        values = address_of(spare) + 8 * (spare.size - count)
    spread_over = load_word(block, SPREAD)
    if spread_over != 0 and count > 1 and count * dimension >= WIDE:
        whole = np.array([count, points, values, gradients, 0, 0, 0, 0])
        failed = call_door(spread_over, block, address_of(whole))
        return failed + 0 * (spare.size + whole.size)  # a use of the buffers after the call keeps them alive until then
    _each(kernel, parameters, dimension, points, values, gradients, count)
    return 0 * spare.size


answer_by_kernel = Native(_answer_by_kernel, DOOR_SIGNATURE)
