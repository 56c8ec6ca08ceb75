"""The few operations below Python's level: words and reals at an address, calls through an address, scratch memory,
and the two pieces of arithmetic that vector code needs and numba lacks.

An address is an int64. A block is a run of 8-byte words at an address; a real is a word read as a double.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, overload, type_callable

from oracles.arrays import Array

WORD, DOUBLE = ir.IntType(64), ir.DoubleType()


def _at(builder: Any, address: Any, index: Any, kind: Any) -> Any:
    """A pointer to the index-th 8 bytes after an address."""
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [index])


@intrinsic
def load_word(typing: Any, address: Any, index: Any) -> Any:
    """The word at address + 8 index."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_at(builder, *arguments, WORD))

    return types.int64(types.int64, types.int64), generate


@intrinsic
def store_word(typing: Any, address: Any, index: Any, value: Any) -> Any:
    """Write a word at address + 8 index."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _at(builder, *arguments[:2], WORD))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def load_real(typing: Any, address: Any, index: Any) -> Any:
    """The real at address + 8 index."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_at(builder, *arguments, DOUBLE))

    return types.float64(types.int64, types.int64), generate


@intrinsic
def store_real(typing: Any, address: Any, index: Any, value: Any) -> Any:
    """Write a real at address + 8 index."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _at(builder, *arguments[:2], DOUBLE))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float64), generate


@intrinsic
def reals(typing: Any, address: Any) -> Any:
    """The pointer to doubles at an address, for `numba.carray`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], DOUBLE.as_pointer())

    return types.CPointer(types.float64)(types.int64), generate


@intrinsic
def address_of(typing: Any, array: Any) -> Any:
    """The address of a contiguous array's data, or of what a pointer points at. The caller keeps the array alive."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if isinstance(signature.args[0], types.CPointer):
            return builder.ptrtoint(arguments[0], WORD)
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.ptrtoint(data, WORD)

    return types.int64(array), generate


@intrinsic
def _advance(typing: Any, pointer: Any, first: Any) -> Any:
    """A pointer to doubles, `first` entries further on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.int64), generate


def tail(x: Any, first: int) -> Any:
    """The entries of x from `first` on, in the same memory.

    x: what a kernel gets, a pointer; an array where the kernel runs in Python.
    """
    return x[first:]


@overload(tail, inline="always")
def _tail_overload(x: Any, first: Any) -> Any:
    def of_a_pointer(x: Any, first: Any) -> Any:
        return _advance(x, first)

    def of_an_array(x: Any, first: Any) -> Any:
        return x[first:]

    return of_a_pointer if isinstance(x, types.CPointer) else of_an_array


@intrinsic
def call_kernel(typing: Any, kernel: Any, x: Any, gradient: Any, dimension: Any, parameters: Any) -> Any:
    """Call ``double kernel(const double *x, double *gradient, int64 d, const double *parameters)`` at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = DOUBLE.as_pointer()
        code = ir.FunctionType(DOUBLE, [pointer, pointer, WORD, pointer])
        function, x, gradient, dimension, parameters = arguments
        x, gradient, parameters = (builder.inttoptr(one, pointer) for one in (x, gradient, parameters))
        return builder.call(builder.inttoptr(function, code.as_pointer()), [x, gradient, dimension, parameters])

    return types.float64(*[types.int64] * 5), generate


@intrinsic
def call_segment(
    typing: Any, segment: Any, x: Any, gradient: Any, start: Any, stop: Any, d: Any, parameters: Any
) -> Any:
    """Call ``double segment(const double *x, double *gradient, int64 start, int64 stop, int64 d, const double *p)``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = DOUBLE.as_pointer()
        code = ir.FunctionType(DOUBLE, [pointer, pointer, WORD, WORD, WORD, pointer])
        function, x, gradient, start, stop, dimension, parameters = arguments
        x, gradient, parameters = (builder.inttoptr(one, pointer) for one in (x, gradient, parameters))
        function = builder.inttoptr(function, code.as_pointer())
        return builder.call(function, [x, gradient, start, stop, dimension, parameters])

    return types.float64(*[types.int64] * 7), generate


@intrinsic
def call_door(typing: Any, door: Any, block: Any, request: Any) -> Any:
    """int64 door(int64 block, int64 request): how a model answers a round, and how a callback is reached."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = ir.FunctionType(WORD, [WORD, WORD])
        return builder.call(builder.inttoptr(arguments[0], code.as_pointer()), list(arguments[1:]))

    return types.int64(types.int64, types.int64, types.int64), generate


# What follows is written in kernels, whose source also runs uncompiled: a Python function, and how it is compiled.


def compiles_to(function: Callable[..., Any], typer: Callable[..., Any], *arguments: Any) -> Any:
    """Register the decorated `generate(context, builder, signature, arguments)` as what `function` compiles to.

    typer: the types of the arguments -> the type of the result.
    """
    type_callable(function)(lambda context: typer)
    return lower_builtin(function, *arguments)


def fma(a: float, b: float, c: float) -> float:
    """Return a b + c, rounded once."""
    try:
        return float(Fraction(a) * Fraction(b) + Fraction(c))
    except (OverflowError, ValueError):  # the result overflows, or a number is infinite or NaN
        return a * b + c


@compiles_to(fma, lambda a, b, c: types.float64, *[types.float64] * 3)
def _fma(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.fma(*arguments)


ROUNDER = 1.5 * 2.0**52  # t + ROUNDER is t rounded to a whole number, which then sits in the lowest bits


def times_power_of_two(value: float, shifted: float) -> float:
    """Value * 2^n, with n given as n + ROUNDER, where neither the value nor the result leaves the normal range."""
    return math.ldexp(value, int(shifted - ROUNDER))


@compiles_to(times_power_of_two, lambda value, shifted: types.float64, *[types.float64] * 2)
def _times_power_of_two(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    value, shifted = (builder.bitcast(one, WORD) for one in arguments)
    return builder.bitcast(builder.add(value, builder.shl(shifted, WORD(52))), DOUBLE)


SCRATCH = 272


def scratch() -> Array:
    """Room for SCRATCH doubles in the frame of the caller, which must not hand it on; what it holds is undefined."""
    return np.empty(SCRATCH)


@compiles_to(scratch, lambda: types.CPointer(types.float64))
def _scratch(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    room = cgutils.alloca_once(builder, DOUBLE, size=WORD(SCRATCH))
    room.align = 64
    return room
