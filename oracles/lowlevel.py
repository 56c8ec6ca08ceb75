"""The few operations below Python's level: words and reals at an address, calls through an address.

An address is an int64. A block is a run of 8-byte words at an address; a real is a word read as a double.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

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
    """The address of a contiguous array's data. The caller keeps the array alive."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
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
def call_door(typing: Any, door: Any, block: Any, request: Any) -> Any:
    """int64 door(int64 block, int64 request): how a model answers a round, and how a callback is reached."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = ir.FunctionType(WORD, [WORD, WORD])
        return builder.call(builder.inttoptr(arguments[0], code.as_pointer()), list(arguments[1:]))

    return types.int64(types.int64, types.int64, types.int64), generate
