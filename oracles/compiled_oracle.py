"""The oracle inside machine code: the interface of `oracles.oracle.Oracle`, for numba.

It is two words: the address of its ledger's block (`oracles/ledger_block.py`) and the dimension. What it does is in
`oracles/services.py`, reached through addresses in the block; here is what a call in a method's source becomes: room
for the answer, and the call of a service.

A closed oracle does not raise, since an exception in numba's code leaks every array alive in the frames that it
crosses: it answers NaN and says `stopped`, and the engine has made the method return after each statement that asks.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import (
    intrinsic,
    make_attribute_wrapper,
    models,
    overload,
    overload_attribute,
    overload_method,
    register_model,
)

from oracles.arrays import Ids
from oracles.errors import Stop
from oracles.kernels import compiled
from oracles.ledger_block import (
    ASK_BAND,
    ASK_BATCH,
    ASK_HESSIAN,
    ASK_ONE,
    ASK_PRODUCT,
    BANDWIDTH,
    BOTH,
    FINISH,
    FINISHED,
    GRADIENT_ALONE,
    MIXED,
    NAME_POINT,
    NOTE,
    NOTED,
    PATIENCE,
    PROPOSE,
    REFUSALS,
    SAMPLE,
    VALUE_ALONE,
)
from oracles.lowlevel import DOUBLE, WORD, load_word, store_real, store_word
from oracles.reductions import matrix_of


class CompiledOracle(types.Type):
    """The oracle's type in compiled code: two words, no arrays, so that nothing is reference-counted."""

    def __init__(self) -> None:
        super().__init__("CompiledOracle")


COMPILED_ORACLE = CompiledOracle()


@register_model(CompiledOracle)
class _Words(models.StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [(name, types.int64) for name in ("ledger", "dim")])


for _name in ("ledger", "dim"):
    make_attribute_wrapper(CompiledOracle, _name, f"_{_name}")


@intrinsic
def make_oracle(typing: Any, ledger: Any, dimension: Any) -> Any:
    """The oracle over a ledger block, in a dimension."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = cgutils.create_struct_proxy(COMPILED_ORACLE)(context, builder)
        words.ledger, words.dim = arguments
        return words._getvalue()

    return COMPILED_ORACLE(types.int64, types.int64), generate


def _service(slot: int, result: Any, *kinds: Any) -> Any:
    """The intrinsic that calls the service at a slot of the ledger with the words of the oracle and of the arguments:
    an array is its address, None is 0. Arrays are only lent, so none is reference-counted on the way: that would cost
    more than the rest.
    """
    taken = [types.int64 if isinstance(kind, types.Integer) else kind for kind in kinds]

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def word(kind: Any, value: Any) -> Any:
            if isinstance(kind, types.Array):
                return builder.ptrtoint(context.make_array(kind)(context, builder, value).data, WORD)
            return value if isinstance(kind, types.Integer) else WORD(0)

        oracle = cgutils.create_struct_proxy(COMPILED_ORACLE)(context, builder, arguments[0])
        words = [word(kind, value) for kind, value in zip(signature.args[1:], arguments[1:], strict=True)]
        kept = builder.load(builder.gep(builder.inttoptr(oracle.ledger, WORD.as_pointer()), [WORD(slot)]))
        code = ir.FunctionType(DOUBLE if result == types.float64 else WORD, [WORD] * (2 + len(words)))
        return builder.call(builder.inttoptr(kept, code.as_pointer()), [oracle.ledger, oracle.dim, *words])

    return result(COMPILED_ORACLE, *taken), generate


@intrinsic
def _ask_one(typing: Any, oracle: Any, x: Any, size: Any, gradient: Any, room: Any, order: Any, sampled: Any) -> Any:
    return _service(ASK_ONE, types.float64, x, size, gradient, room, order, sampled)


@intrinsic
def _ask_batch(
    typing: Any,
    oracle: Any,
    points: Any,
    rows: Any,
    columns: Any,
    values: Any,
    gradients: Any,
    order: Any,
    orders: Any,
    given: Any,
    samples: Any,
    sampled: Any,
) -> Any:
    kinds = (points, rows, columns, values, gradients, order, orders, given, samples, sampled)
    return _service(ASK_BATCH, types.int64, *kinds)


@intrinsic
def _ask_band(typing: Any, oracle: Any, x: Any, size: Any, band: Any) -> Any:
    return _service(ASK_BAND, types.int64, x, size, band)


@intrinsic
def _ask_hessian(typing: Any, oracle: Any, x: Any, size: Any, gradient: Any, band: Any) -> Any:
    return _service(ASK_HESSIAN, types.float64, x, size, gradient, band)


@intrinsic
def _ask_product(typing: Any, oracle: Any, x: Any, size: Any, vector: Any, length: Any, product: Any) -> Any:
    return _service(ASK_PRODUCT, types.int64, x, size, vector, length, product)


@intrinsic
def _name_point(typing: Any, oracle: Any, x: Any, size: Any, callback: Any) -> Any:
    return _service(NAME_POINT, types.int64, x, size, callback)


@compiled
def _insist(ledger: int) -> None:
    """End a helper that loops and takes NaN for an answer."""
    if load_word(ledger, REFUSALS) > PATIENCE:
        raise Stop


@compiled
def _empty_band(ledger: int, dimension: int) -> Any:
    return np.empty((load_word(ledger, BANDWIDTH) + 1, dimension))


@compiled
def _orders(order: Any) -> Ids:
    """Orders as words, 0 or 1; -1 for what is none."""
    words = np.empty(order.size, np.int64)
    for k in range(order.size):
        words[k] = 1 if order[k] == 1 else 0 if order[k] == 0 else -1
    return words


def _plain(array: Any) -> Any:
    """The array as C-contiguous float64: itself if it is."""


@overload(_plain)
def _plain_overload(array: Any) -> Any:
    def itself(array: Any) -> Any:
        return array

    def copy(array: Any) -> Any:
        return np.ascontiguousarray(array.astype(np.float64))

    return itself if array.dtype == types.float64 and array.layout == "C" else copy


def _is_plain(kind: Any) -> bool:
    return _is_array(kind, 1) and kind.dtype == types.float64 and kind.layout == "C"


def _is_array(kind: Any, dimensions: int) -> bool:
    return isinstance(kind, types.Array) and kind.ndim == dimensions and isinstance(kind.dtype, types.Number)


def _is_none(kind: Any) -> bool:
    return kind is None or isinstance(kind, types.NoneType | types.Omitted)


def _sampled(ledger: int, sample: Any) -> Any:
    """Note the sample of the next round of one query; 1 if there is one."""


@overload(_sampled, inline="always")
def _sampled_overload(ledger: int, sample: Any) -> Any:
    def nothing(ledger: int, sample: Any) -> Any:
        return 0

    def noted(ledger: int, sample: Any) -> Any:
        store_word(ledger, SAMPLE, sample)
        return 1

    if _is_none(sample):
        return nothing
    return noted if isinstance(sample, types.Integer) else None


@overload_method(CompiledOracle, "value_and_gradient", inline="always")
def _value_and_gradient(oracle: Any, x: Any, out: Any = None, sample: Any = None) -> Any:
    if not _is_array(x, 1):
        return None
    if not _is_plain(x):

        def of_a_copy(oracle: Any, x: Any, out: Any = None, sample: Any = None) -> Any:
            return oracle.value_and_gradient(_plain(x), out, sample)

        return of_a_copy
    if _is_none(out):

        def allocating(oracle: Any, x: Any, out: Any = None, sample: Any = None) -> Any:
            gradient = np.empty(oracle._dim)
            value = _ask_one(oracle, x, x.size, gradient, gradient.size, BOTH, _sampled(oracle._ledger, sample))
            if math.isnan(value):
                _insist(oracle._ledger)
            return value, gradient

        return allocating
    if not (_is_plain(out) and out.mutable):
        return None

    def filling(oracle: Any, x: Any, out: Any = None, sample: Any = None) -> Any:
        value = _ask_one(oracle, x, x.size, out, out.size, BOTH, _sampled(oracle._ledger, sample))
        if math.isnan(value):
            _insist(oracle._ledger)
        return value, out

    return filling


@overload_method(CompiledOracle, "value", inline="always")
def _value(oracle: Any, x: Any, sample: Any = None) -> Any:
    if not _is_array(x, 1):
        return None

    def value(oracle: Any, x: Any, sample: Any = None) -> float:
        point = _plain(x)
        value = _ask_one(oracle, point, point.size, None, 0, VALUE_ALONE, _sampled(oracle._ledger, sample))
        if math.isnan(value):
            _insist(oracle._ledger)
        return value

    return value


@overload_method(CompiledOracle, "gradient", inline="always")
def _gradient(oracle: Any, x: Any, sample: Any = None) -> Any:
    if not _is_array(x, 1):
        return None

    def gradient(oracle: Any, x: Any, sample: Any = None) -> Any:
        point, gradient = _plain(x), np.empty(oracle._dim)
        order, sampled = GRADIENT_ALONE, _sampled(oracle._ledger, sample)
        if math.isnan(_ask_one(oracle, point, point.size, gradient, gradient.size, order, sampled)):
            _insist(oracle._ledger)
        return gradient

    return gradient


@overload_method(CompiledOracle, "value_gradient_hessian")
def _value_gradient_hessian(oracle: Any, x: Any) -> Any:
    if not _is_array(x, 1):
        return None

    def value_gradient_hessian(oracle: Any, x: Any) -> Any:
        point, gradient = _plain(x), np.empty(oracle._dim)
        band = _empty_band(oracle._ledger, oracle._dim)
        value = _ask_hessian(oracle, point, point.size, gradient, band)
        if math.isnan(value):
            _insist(oracle._ledger)
        return value, gradient, matrix_of(band)

    return value_gradient_hessian


@overload_method(CompiledOracle, "hessian_band")
def _hessian_band(oracle: Any, x: Any) -> Any:
    if not _is_array(x, 1):
        return None

    def hessian_band(oracle: Any, x: Any) -> Any:
        point, band = _plain(x), _empty_band(oracle._ledger, oracle._dim)
        if _ask_band(oracle, point, point.size, band) == 0:
            _insist(oracle._ledger)
        return band

    return hessian_band


@overload_method(CompiledOracle, "hessian")
def _hessian(oracle: Any, x: Any) -> Any:
    if not _is_array(x, 1):
        return None

    def hessian(oracle: Any, x: Any) -> Any:
        return matrix_of(oracle.hessian_band(x))

    return hessian


@overload_method(CompiledOracle, "hessian_vector")
def _hessian_vector(oracle: Any, x: Any, vector: Any) -> Any:
    if not (_is_array(x, 1) and _is_array(vector, 1)):
        return None

    def hessian_vector(oracle: Any, x: Any, vector: Any) -> Any:
        point, direction, product = _plain(x), _plain(vector), np.empty(oracle._dim)
        if _ask_product(oracle, point, point.size, direction, direction.size, product) == 0:
            _insist(oracle._ledger)
        return product

    return hessian_vector


def _batch(oracle: Any, points: Any, values: Any, gradients: Any, order: Any, orders: Any, samples: Any) -> Any:
    """One round of K queries at points (K, d); values (K,) and gradients (K, d): room, or None. order: one for all
    rows, or MIXED with `orders` (K,). samples (K,): whole numbers, or None.
    """


@overload(_batch)
def _batch_overload(
    oracle: Any, points: Any, values: Any, gradients: Any, order: Any, orders: Any, samples: Any
) -> Any:
    def chosen(oracle: Any, points: Any, values: Any, gradients: Any, order: Any, orders: Any, samples: Any) -> None:
        ids = samples.astype(np.int64)
        rows, columns, given = points.shape[0], points.shape[1], 0 if orders is None else orders.size
        if _ask_batch(oracle, points, rows, columns, values, gradients, order, orders, given, ids, ids.size) == 0:
            _insist(oracle._ledger)

    def any_sample(
        oracle: Any, points: Any, values: Any, gradients: Any, order: Any, orders: Any, samples: Any
    ) -> None:
        rows, columns, given = points.shape[0], points.shape[1], 0 if orders is None else orders.size
        if _ask_batch(oracle, points, rows, columns, values, gradients, order, orders, given, None, 0) == 0:
            _insist(oracle._ledger)

    if _is_none(samples):
        return any_sample
    return chosen if _is_array(samples, 1) and isinstance(samples.dtype, types.Integer) else None


@overload_method(CompiledOracle, "query")
def _query(oracle: Any, points: Any, order: Any = 1, samples: Any = None) -> Any:
    if not _is_array(points, 2):
        return None
    if isinstance(order, int | types.Omitted):

        def both(oracle: Any, points: Any, order: Any = 1, samples: Any = None) -> Any:
            values, gradients = np.empty(points.shape[0]), np.empty((points.shape[0], oracle._dim))
            _batch(oracle, _plain(points), values, gradients, BOTH, None, samples)
            return values, gradients

        return both
    if not _is_array(order, 1):
        return None

    def mixed(oracle: Any, points: Any, order: Any = 1, samples: Any = None) -> Any:
        values, gradients = np.empty(points.shape[0]), np.empty((points.shape[0], oracle._dim))
        _batch(oracle, _plain(points), values, gradients, MIXED, _orders(order), samples)
        return values, gradients

    return mixed


@overload_method(CompiledOracle, "values")
def _values(oracle: Any, points: Any, samples: Any = None) -> Any:
    if not _is_array(points, 2):
        return None

    def values(oracle: Any, points: Any, samples: Any = None) -> Any:
        values = np.empty(points.shape[0])
        _batch(oracle, _plain(points), values, None, VALUE_ALONE, None, samples)
        return values

    return values


@overload_method(CompiledOracle, "gradients")
def _gradients(oracle: Any, points: Any, samples: Any = None) -> Any:
    if not _is_array(points, 2):
        return None

    def gradients(oracle: Any, points: Any, samples: Any = None) -> Any:
        gradients = np.empty((points.shape[0], oracle._dim))
        _batch(oracle, _plain(points), None, gradients, GRADIENT_ALONE, None, samples)
        return gradients

    return gradients


@overload_method(CompiledOracle, "propose")
def _propose(oracle: Any, x: Any) -> Any:
    if not _is_array(x, 1):
        return None

    def propose(oracle: Any, x: Any) -> None:
        point = _plain(x)
        if _name_point(oracle, point, point.size, PROPOSE) == 0:
            _insist(oracle._ledger)

    return propose


@overload_method(CompiledOracle, "note")
def _note(oracle: Any, number: Any) -> Any:
    if not isinstance(number, types.Number):
        return None

    def note(oracle: Any, number: Any) -> None:
        store_real(oracle._ledger, NOTE, number)
        store_word(oracle._ledger, NOTED, 1)

    return note


@overload_method(CompiledOracle, "returns")
def _returns(oracle: Any, x: Any) -> Any:
    """What the engine makes of a method's `return x`."""
    if _is_none(x):

        def returns_nothing(oracle: Any, x: Any) -> None:
            store_word(oracle._ledger, FINISHED, 1)

        return returns_nothing
    if not _is_array(x, 1):
        return None

    def returns(oracle: Any, x: Any) -> None:
        store_word(oracle._ledger, FINISHED, 1)
        point = _plain(x)
        _name_point(oracle, point, point.size, FINISH)

    return returns


@overload_attribute(CompiledOracle, "stopped")
def _stopped(oracle: Any) -> Any:
    """Whether a call was refused: what the engine asks after each statement that asks."""

    def stopped(oracle: Any) -> bool:
        return load_word(oracle._ledger, REFUSALS) != 0

    return stopped


@overload_attribute(CompiledOracle, "dimension")
def _dimension(oracle: Any) -> Any:
    def dimension(oracle: Any) -> int:
        return oracle._dim

    return dimension
