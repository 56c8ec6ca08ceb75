"""Eight doubles at a time, at an address: LLVM's own vectors, which become the vector unit of whatever processor it is.

Plain loops over strided data reach half of this speed, because LLVM cannot know that two places do not overlap.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from oracles.lowlevel import DOUBLE, WORD

LANES = 8
VECTOR = ir.VectorType(DOUBLE, LANES)


def _load(builder: Any, address: Any) -> Any:
    vector = builder.load(builder.inttoptr(address, VECTOR.as_pointer()))
    vector.align = 8
    return vector


def _store(builder: Any, vector: Any, address: Any) -> None:
    builder.store(vector, builder.inttoptr(address, VECTOR.as_pointer())).align = 8


def _across(builder: Any, vectors: list[Any]) -> list[Any]:
    """The Hadamard transform over a list of vectors, lane by lane."""
    half = 1
    while half < len(vectors):
        for i in range(len(vectors)):
            if not i & half:
                a, b = vectors[i], vectors[i + half]
                vectors[i], vectors[i + half] = builder.fadd(a, b), builder.fsub(a, b)
        half *= 2
    return vectors


def _within(builder: Any, vector: Any) -> Any:
    """The Hadamard transform over the lanes of a vector."""
    half = 1
    while half < LANES:
        partner = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane ^ half for lane in range(LANES)])
        sign = ir.Constant(VECTOR, [-1.0 if lane & half else 1.0 for lane in range(LANES)])
        swapped = builder.shuffle_vector(vector, vector, partner)
        vector = builder.fadd(swapped, builder.fmul(vector, sign))
        half *= 2
    return vector


def _butterfly(builder: Any, address: Any, stride: Any, radix: int, *, lanes: bool = False) -> None:
    """The Hadamard transform over `radix` vectors that lie `stride` doubles apart, in place."""
    step = builder.mul(stride, ir.Constant(WORD, 8))
    places = [address]
    for _ in range(radix - 1):
        places.append(builder.add(places[-1], step))
    vectors = [_load(builder, place) for place in places]
    if lanes:
        vectors = [_within(builder, vector) for vector in vectors]
    for vector, place in zip(_across(builder, vectors), places, strict=True):
        _store(builder, vector, place)


@intrinsic(prefer_literal=True)
def butterfly(typing: Any, address: Any, stride: Any, radix: Any) -> Any:
    """H_radix in place over `radix` (a constant: 2, 4, 8) vectors that lie `stride` doubles apart."""
    if not isinstance(radix, types.IntegerLiteral):
        return None
    order = radix.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _butterfly(builder, arguments[0], arguments[1], order)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, radix), generate


@intrinsic
def butterfly64(typing: Any, address: Any) -> Any:
    """H_64 in place on 64 doubles in a row."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _butterfly(builder, arguments[0], ir.Constant(WORD, LANES), 8, lanes=True)
        return context.get_dummy_value()

    return types.void(types.int64), generate


@intrinsic
def copy_vector(typing: Any, source: Any, target: Any) -> Any:
    """Copy eight doubles."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _store(builder, _load(builder, arguments[0]), arguments[1])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def multiply_vectors(typing: Any, a: Any, b: Any, target: Any) -> Any:
    """Target = a * b, eight doubles each."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        product = builder.fmul(_load(builder, arguments[0]), _load(builder, arguments[1]))
        _store(builder, product, arguments[2])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate
