"""The oracle inside machine code: the interface of `oracles.oracle.Oracle`, for numba.

Its ledger is a block of words. One counter and one limit serve rounds of one query, which is what a compiled method
does 10^8 times: the counter goes up, and when it would pass the limit a budget binds or the run has been closed. One
threshold tells whether an answer needs a closer look: a hit, a number that is not finite. Everything else is derived
from these, or happens on the slow path, where `settle` calls back into Python and the judging is the same code that
serves the Python engine. A model that is a point kernel is asked for one point without a request.

A closed oracle does not raise, since an exception in numba's code leaks every array alive in the frames that it
crosses: it answers NaN and says `stopped`, and the engine has made the method return after each statement that asks.
"""

import math
from typing import Any

import numpy as np
from numba import carray, types
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

from oracles.arrays import Array
from oracles.errors import Stop
from oracles.kernels import (
    GRADIENT_MASK,
    GRADIENTS,
    POINTS,
    REQUEST_WORDS,
    ROUND,
    SAMPLES,
    VALUE_MASK,
    VALUES,
    K,
    compiled,
)
from oracles.lowlevel import (
    WORD,
    address_of,
    call_door,
    call_kernel,
    load_real,
    load_word,
    reals,
    store_real,
    store_word,
)
from oracles.reductions import HUGE, band_times, finite, inner, matrix_of, projected_squares

# The ledger block. Counts of rounds of one query: COUNT of all, of which ONE_VALUES asked for the value alone and
# ONE_GRADIENTS for the gradient alone; one asked for neither, but for the Hessian, is in both. Counts of wider rounds:
# BATCH_*. LIMIT: what COUNT may reach. NOTE: what the method said of its last round, if NOTED is not 0. LOWER, UPPER:
# the sides of the domain, or 0; LOWER_FACE, UPPER_FACE: those of the box over which the gradient is projected, or 0.
(
    COUNT, LIMIT, ONE_VALUES, ONE_GRADIENTS, BATCH_ROUNDS, BATCH_QUERIES, BATCH_VALUES, BATCH_GRADIENTS, BATCH_WIDEST,
    MAX_QUERIES, MAX_ROUNDS, WIDTH, THRESHOLD, BEST, CLOSED, FAULT, FAULT_ROW, FAULT_COLUMN, FAULT_ROWS, FAULT_ENTRY,
    REFUSALS, SETTLE, PROPOSE, FINISH, FINISHED, LOWER, UPPER, DOOR, MODEL, KERNEL, PARAMETERS, HESSIAN, BANDWIDTH,
    HESSIANS, PRODUCTS, COMPONENTS, SAMPLE, VALUE, NOTE, NOTED, LOWER_FACE, UPPER_FACE, REQUEST,
) = range(43)  # fmt: skip
BLOCK_WORDS = REQUEST + REQUEST_WORDS

# Values of CLOSED and FAULT.
OPEN, BUDGET, ENDED = 0, 1, 2
(
    NO_FAULT, WRONG_SHAPE, NOT_FINITE, OUTSIDE, TOO_WIDE, NO_POINTS, WRONG_ORDER, WRONG_OUT, NO_HESSIAN, BAD_HESSIAN,
    WRONG_VECTOR, BAD_VECTOR, WRONG_SAMPLES, BAD_SAMPLE,
) = range(14)  # fmt: skip
UNLIMITED = 2**62
PATIENCE = 10_000  # refusals before Stop is raised after all, inside a helper that loops

VALUE_ALONE, BOTH, GRADIENT_ALONE = range(3)  # what one query asks for


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


@compiled
def _refuse(ledger: int) -> bool:
    """Nothing more is answered. False, for the caller to hand on."""
    store_word(ledger, LIMIT, -1)
    store_word(ledger, REFUSALS, load_word(ledger, REFUSALS) + 1)
    return False


@compiled
def _insist(ledger: int) -> None:
    """End a helper that loops and takes NaN for an answer."""
    if load_word(ledger, REFUSALS) > PATIENCE:
        raise Stop


@compiled
def _fault(ledger: int, kind: int, row: int, column: int, rows: int, entry: float) -> bool:
    """The method asked badly; the first fault is kept."""
    if load_word(ledger, CLOSED) == OPEN:
        store_word(ledger, CLOSED, ENDED)
        store_word(ledger, FAULT, kind)
        store_word(ledger, FAULT_ROW, row)
        store_word(ledger, FAULT_COLUMN, column)
        store_word(ledger, FAULT_ROWS, rows)
        store_real(ledger, FAULT_ENTRY, entry)
    return _refuse(ledger)


@compiled
def _over_budget(ledger: int) -> bool:
    """A budget binds, unless the run was closed before."""
    if load_word(ledger, CLOSED) == OPEN:
        store_word(ledger, CLOSED, BUDGET)
    return _refuse(ledger)


@compiled
def _inside(ledger: int, row: int, x: Array) -> bool:
    """Whether a point lies in the domain."""
    lower, upper = load_word(ledger, LOWER), load_word(ledger, UPPER)
    for i in range(x.size):
        if x[i] < load_real(lower, i) or x[i] > load_real(upper, i):
            return _fault(ledger, OUTSIDE, row, i, 0, x[i])
    return True


@compiled
def _admits(ledger: int, dimension: int, x: Array) -> bool:
    """Whether a round of this one point may be asked."""
    if x.size != dimension:
        return _fault(ledger, WRONG_SHAPE, 0, x.size, 0, 0.0)
    for i in range(dimension):
        if not math.isfinite(x[i]):
            return _fault(ledger, NOT_FINITE, 0, i, 1, x[i])
    if load_word(ledger, LOWER) != 0 and not _inside(ledger, 0, x):
        return False
    return load_word(ledger, COUNT) < load_word(ledger, LIMIT) or _over_budget(ledger)


@compiled
def _admits_batch(ledger: int, dimension: int, points: Array) -> bool:
    """Whether a round of these points may be asked."""
    rows = points.shape[0]
    if points.shape[1] != dimension:
        return _fault(ledger, WRONG_SHAPE, rows, points.shape[1], 2, 0.0)
    if rows == 0:
        return _fault(ledger, NO_POINTS, 0, 0, 0, 0.0)
    if rows > load_word(ledger, WIDTH):
        return _fault(ledger, TOO_WIDE, 0, 0, rows, 0.0)
    if not finite(carray(reals(address_of(points)), rows * dimension)):
        for k in range(rows):
            for i in range(dimension):
                if not math.isfinite(points[k, i]):
                    return _fault(ledger, NOT_FINITE, k, i, rows, points[k, i])
    if load_word(ledger, LOWER) != 0:
        for k in range(rows):
            if not _inside(ledger, k, points[k]):
                return False
    one = load_word(ledger, COUNT)
    queries, rounds = one + load_word(ledger, BATCH_QUERIES), one + load_word(ledger, BATCH_ROUNDS)
    over = queries + rows > load_word(ledger, MAX_QUERIES) or rounds + 1 > load_word(ledger, MAX_ROUNDS)
    return _over_budget(ledger) if over or load_word(ledger, CLOSED) != OPEN else True


@compiled
def _request(ledger: int, points: int, values: int, gradients: int, masks: int, samples: int, count: int) -> int:
    """Write the request of the next round; the masks are two rows of bytes at an address, or 0: every row wants all
    that has an address. samples: an address, or 0.
    """
    request = ledger + 8 * REQUEST
    store_word(request, K, count)
    store_word(request, POINTS, points)
    store_word(request, VALUES, values)
    store_word(request, GRADIENTS, gradients)
    store_word(request, VALUE_MASK, masks)
    store_word(request, GRADIENT_MASK, masks + count if masks != 0 else 0)
    store_word(request, SAMPLES, samples)
    store_word(request, ROUND, load_word(ledger, COUNT) + load_word(ledger, BATCH_ROUNDS) + 1)
    return request


@compiled
def _settled(ledger: int, request: int, usual: bool) -> bool:
    """A closer look at a round that is not usual; whether it may be charged."""
    return usual or call_door(load_word(ledger, SETTLE), ledger, request) == 0


@compiled
def _ask_one(ledger: int, dimension: int, x: int, size: int, gradient: int, order: int, sampled: int) -> float:
    """One round of one query at the address of a point (size,). order BOTH, VALUE_ALONE or GRADIENT_ALONE; sampled: 1
    if SAMPLE says with which sample; NaN where nothing is answered.

    The usual case is here, all else in `_ask_one_slowly`: a kernel that is asked for value and gradient at a good point
    while no budget binds.
    """
    count, kernel = load_word(ledger, COUNT), load_word(ledger, KERNEL)
    admitted = order == BOTH and sampled == 0 and kernel != 0 and count < load_word(ledger, LIMIT) and size == dimension
    if admitted and abs(x - gradient) >= 8 * size and finite(carray(reals(x), size)):
        value = call_kernel(kernel, x, gradient, dimension, load_word(ledger, PARAMETERS))
        out = carray(reals(gradient), dimension)
        squares = inner(out, out)
        if load_real(ledger, THRESHOLD) < squares < HUGE and value > -math.inf:
            if squares < load_real(ledger, BEST):
                store_real(ledger, BEST, squares)
            store_word(ledger, COUNT, count + 1)
            return value
        store_real(ledger, VALUE, value)
        if _settled(ledger, _request(ledger, x, ledger + 8 * VALUE, gradient, 0, 0, 1), False):
            _charge_one(ledger, squares)
            return value
        return _nothing(ledger, dimension, gradient)
    return _ask_one_slowly(ledger, dimension, carray(reals(x), size), gradient, order, sampled)


@compiled
def _is_sample(ledger: int, sample: int) -> bool:
    """Whether a number may name a sample."""
    return 0 <= sample < load_word(ledger, COMPONENTS) or _fault(ledger, BAD_SAMPLE, sample, 0, 0, 0.0)


@compiled
def _ask_hessian(ledger: int, dimension: int, x: Array, band: Any, products: int) -> bool:
    """One round of one query for the band of the Hessian alone, or (products: 1) for a product that needs it."""
    if not _has_band(ledger, dimension, x, band):
        return False
    request = _request(ledger, address_of(x), 0, 0, 0, 0, 1)
    if not _settled(ledger, request, load_real(ledger, THRESHOLD) < math.inf):
        return _refuse(ledger)
    for slot in (COUNT, ONE_VALUES, ONE_GRADIENTS, PRODUCTS if products != 0 else HESSIANS):
        store_word(ledger, slot, load_word(ledger, slot) + 1)
    return True


@compiled
def _has_band(ledger: int, dimension: int, x: Array, band: Any) -> bool:
    """Fill the band (b + 1, d) of the Hessian, uncounted, if a round of this point may be asked for it."""
    if load_word(ledger, HESSIAN) == 0:
        return _fault(ledger, NO_HESSIAN, 0, 0, 0, 0.0)
    if not _admits(ledger, dimension, x):
        return False
    parameters = load_word(ledger, PARAMETERS)
    call_kernel(load_word(ledger, HESSIAN), address_of(x), address_of(band), dimension, parameters)
    return finite(band.ravel()) or _fault(ledger, BAD_HESSIAN, 0, 0, 0, 0.0)


@compiled
def _empty_band(ledger: int, dimension: int) -> Any:
    return np.full((load_word(ledger, BANDWIDTH) + 1, dimension), math.nan)


@compiled
def _nothing(ledger: int, dimension: int, gradient: int) -> float:
    """No answer: NaN."""
    _refuse(ledger)
    for i in range(dimension if gradient != 0 else 0):
        store_real(gradient, i, math.nan)
    return math.nan


@compiled
def _squares(ledger: int, point: Array, gradient: Array) -> float:
    """The squared norm of a gradient (d,), projected where the goal has a box."""
    lower = load_word(ledger, LOWER_FACE)
    if lower == 0:
        return inner(gradient, gradient)
    upper, size = load_word(ledger, UPPER_FACE), point.size
    return projected_squares(point, gradient, carray(reals(lower), size), carray(reals(upper), size))


@compiled
def _charge_one(ledger: int, squares: float) -> None:
    """Charge a round of one query; `squares`: of its gradient, infinite if there is none."""
    if squares < load_real(ledger, BEST):
        store_real(ledger, BEST, squares)
    store_word(ledger, COUNT, load_word(ledger, COUNT) + 1)


@compiled
def _ask_one_slowly(ledger: int, dimension: int, x: Array, gradient: int, order: int, sampled: int) -> float:
    """One round of one query through the door of the model; the gradient may lie where the point does."""
    sample = ledger + 8 * SAMPLE if sampled != 0 else 0
    if (sampled != 0 and not _is_sample(ledger, load_word(sample, 0))) or not _admits(ledger, dimension, x):
        return _nothing(ledger, dimension, gradient)
    point = x.copy() if abs(address_of(x) - gradient) < 8 * dimension else x
    values = 0 if order == GRADIENT_ALONE else ledger + 8 * VALUE
    request = _request(ledger, address_of(point), values, gradient, 0, sample, 1)
    if call_door(load_word(ledger, DOOR), load_word(ledger, MODEL), request) == 0:
        value, squares = 0.0 if order == GRADIENT_ALONE else load_real(ledger, VALUE), math.inf
        usual = value > -math.inf
        if order != VALUE_ALONE:
            out = carray(reals(gradient), dimension)
            usual = usual and inner(out, out) < HUGE
            squares = _squares(ledger, point, out)
        if _settled(ledger, request, usual and squares > load_real(ledger, THRESHOLD)):
            _charge_one(ledger, squares)
            if order == VALUE_ALONE:
                store_word(ledger, ONE_VALUES, load_word(ledger, ONE_VALUES) + 1)
            elif order == GRADIENT_ALONE:
                store_word(ledger, ONE_GRADIENTS, load_word(ledger, ONE_GRADIENTS) + 1)
            return value if point.size == dimension else math.nan  # a use of the point keeps it alive
    return _nothing(ledger, dimension, gradient)


@intrinsic
def ask_one(typing: Any, oracle: Any, x: Any, gradient: Any, order: Any, sampled: Any) -> Any:
    """`_ask_one` at arrays, or without a gradient (None). Only addresses are handed on and nothing is raised, so that
    no array is reference-counted on the way: that would cost more than the rest.
    """
    asked = types.float64(*[types.int64] * 7)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = cgutils.create_struct_proxy(COMPILED_ORACLE)(context, builder, arguments[0])
        point = context.make_array(signature.args[1])(context, builder, arguments[1])
        slot = context.get_constant(types.int64, 0)
        if isinstance(signature.args[2], types.Array):
            slot = builder.ptrtoint(context.make_array(signature.args[2])(context, builder, arguments[2]).data, WORD)
        code = context.compile_subroutine(builder, _ask_one.py_func, asked)
        given = [words.ledger, words.dim, builder.ptrtoint(point.data, WORD), point.nitems, slot, *arguments[3:]]
        _, value = context.call_internal_no_propagate(builder, code.fndesc, asked, given)
        return value

    return types.float64(oracle, x, gradient, types.int64, types.int64), generate


@compiled
def _charge_batch(ledger: int, count: int, with_values: int, with_gradients: int) -> None:
    """Charge a round of K queries, and say how many more rounds of one fit."""
    store_word(ledger, BATCH_ROUNDS, load_word(ledger, BATCH_ROUNDS) + 1)
    store_word(ledger, BATCH_QUERIES, load_word(ledger, BATCH_QUERIES) + count)
    store_word(ledger, BATCH_VALUES, load_word(ledger, BATCH_VALUES) + with_values)
    store_word(ledger, BATCH_GRADIENTS, load_word(ledger, BATCH_GRADIENTS) + with_gradients)
    store_word(ledger, BATCH_WIDEST, max(load_word(ledger, BATCH_WIDEST), count))
    if load_word(ledger, CLOSED) == OPEN:
        queries = load_word(ledger, MAX_QUERIES) - load_word(ledger, BATCH_QUERIES)
        rounds = load_word(ledger, MAX_ROUNDS) - load_word(ledger, BATCH_ROUNDS)
        store_word(ledger, LIMIT, min(queries, rounds))


@compiled
def _ask_batch(ledger: int, dimension: int, points: Array, masks: Any, samples: Any) -> Any:
    """One round of K queries; `masks` (2, K): which rows want a value, which a gradient; `samples` (K,), or (0,): the
    model chooses. NaN where nothing is answered; the gradients have no rows where none is wanted.
    """
    count = points.shape[0]
    with_values, with_gradients = masks[0].sum(), masks[1].sum()
    values, gradients = np.empty(count), np.empty((count if with_gradients > 0 else 0, dimension))
    if _samples_fit(ledger, samples, count) and _admits_batch(ledger, dimension, points):
        request = _request(
            ledger,
            address_of(points),
            address_of(values) if with_values > 0 else 0,
            address_of(gradients) if with_gradients > 0 else 0,
            address_of(masks),
            address_of(samples) if samples.size > 0 else 0,
            count,
        )
        if call_door(load_word(ledger, DOOR), load_word(ledger, MODEL), request) == 0:
            best, usual = load_real(ledger, BEST), True
            threshold = load_real(ledger, THRESHOLD)
            for k in range(count):
                squares = math.inf
                if masks[1, k]:
                    usual = usual and inner(gradients[k], gradients[k]) < HUGE
                    squares = _squares(ledger, points[k], gradients[k])
                    if squares < best:
                        best = squares
                usual = usual and squares > threshold and (not masks[0, k] or values[k] > -math.inf)
            if _settled(ledger, request, usual):
                if usual:
                    store_real(ledger, BEST, best)
                _charge_batch(ledger, count, with_values, with_gradients)
                for k in range(gradients.shape[0]):
                    if not masks[1, k]:
                        gradients[k, :] = math.nan
                return values, gradients
        _refuse(ledger)
    _insist(ledger)
    values[:] = math.nan
    gradients[:] = math.nan
    return values, gradients


@compiled
def _samples_fit(ledger: int, samples: Any, rows: int) -> bool:
    """Whether there is no sample, or a good one for each row."""
    if samples.size != 0 and samples.size != rows:
        return _fault(ledger, WRONG_SAMPLES, samples.size, 0, rows, 0.0)
    good = True
    for k in range(samples.size):
        good = good and _is_sample(ledger, samples[k])
    return good


@compiled
def _masks(count: int, values: int, gradients: int) -> Any:
    """The masks of a round in which every row wants the same."""
    masks = np.empty((2, count), np.uint8)
    masks[0], masks[1] = values, gradients
    return masks


@compiled
def _orders(ledger: int, order: Any, rows: int) -> bool:
    """Whether there is one order of 0 or 1 for each row."""
    if order.size != rows:
        return _fault(ledger, WRONG_ORDER, 0, 0, rows, 0.0)
    for k in range(rows):
        if order[k] != 0 and order[k] != 1:
            return _fault(ledger, WRONG_ORDER, 0, 0, rows, 0.0)
    return True


@compiled
def _name_point(ledger: int, callback: int, x: Array) -> None:
    """Hand a point to Python: a proposal, or what the method returns."""
    _request(ledger, address_of(x), 0, 0, 0, 0, x.size)
    call_door(load_word(ledger, callback), ledger, ledger + 8 * REQUEST)


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


def _sample_ids(samples: Any) -> Any:
    """Sample ids as an array of whole numbers; empty for None."""


@overload(_sample_ids)
def _sample_ids_overload(samples: Any) -> Any:
    def none(samples: Any) -> Any:
        return np.empty(0, np.int64)

    def whole(samples: Any) -> Any:
        return samples.astype(np.int64)

    if _is_none(samples):
        return none
    return whole if _is_array(samples, 1) and isinstance(samples.dtype, types.Integer) else None


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
            value = ask_one(oracle, x, gradient, BOTH, _sampled(oracle._ledger, sample))
            if math.isnan(value):
                _insist(oracle._ledger)
            return value, gradient

        return allocating
    if not (_is_plain(out) and out.mutable):
        return None

    def filling(oracle: Any, x: Any, out: Any = None, sample: Any = None) -> Any:
        if out.size != oracle._dim:
            _fault(oracle._ledger, WRONG_OUT, 0, 0, 0, 0.0)
            _insist(oracle._ledger)
            return math.nan, out
        value = ask_one(oracle, x, out, BOTH, _sampled(oracle._ledger, sample))
        if math.isnan(value):
            _insist(oracle._ledger)
        return value, out

    return filling


@overload_method(CompiledOracle, "value", inline="always")
def _value(oracle: Any, x: Any, sample: Any = None) -> Any:
    if not _is_array(x, 1):
        return None

    def value(oracle: Any, x: Any, sample: Any = None) -> float:
        value = ask_one(oracle, _plain(x), None, VALUE_ALONE, _sampled(oracle._ledger, sample))
        if math.isnan(value):
            _insist(oracle._ledger)
        return value

    return value


@overload_method(CompiledOracle, "gradient", inline="always")
def _gradient(oracle: Any, x: Any, sample: Any = None) -> Any:
    if not _is_array(x, 1):
        return None

    def gradient(oracle: Any, x: Any, sample: Any = None) -> Any:
        gradient = np.empty(oracle._dim)
        if math.isnan(ask_one(oracle, _plain(x), gradient, GRADIENT_ALONE, _sampled(oracle._ledger, sample))):
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
        value = math.nan
        if _has_band(oracle._ledger, oracle._dim, point, band):
            value = ask_one(oracle, point, gradient, BOTH, 0)
        if math.isnan(value):
            _insist(oracle._ledger)
            gradient[:] = math.nan
            band[:] = math.nan
        else:
            store_word(oracle._ledger, HESSIANS, load_word(oracle._ledger, HESSIANS) + 1)
        return value, gradient, matrix_of(band)

    return value_gradient_hessian


@overload_method(CompiledOracle, "hessian_band")
def _hessian_band(oracle: Any, x: Any) -> Any:
    if not _is_array(x, 1):
        return None

    def hessian_band(oracle: Any, x: Any) -> Any:
        band = _empty_band(oracle._ledger, oracle._dim)
        if not _ask_hessian(oracle._ledger, oracle._dim, _plain(x), band, 0):
            _insist(oracle._ledger)
            band[:] = math.nan
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
        direction = _plain(vector)
        if direction.size != oracle._dim:
            _fault(oracle._ledger, WRONG_VECTOR, 0, direction.size, 0, 0.0)
        elif not finite(direction):
            for i in range(direction.size):
                if not math.isfinite(direction[i]):
                    _fault(oracle._ledger, BAD_VECTOR, 0, i, 0, direction[i])
        else:
            band = _empty_band(oracle._ledger, oracle._dim)
            if _ask_hessian(oracle._ledger, oracle._dim, _plain(x), band, 1):
                return band_times(band, direction)
        _insist(oracle._ledger)
        return np.full(oracle._dim, math.nan)

    return hessian_vector


@overload_method(CompiledOracle, "query")
def _query(oracle: Any, points: Any, order: Any = 1, samples: Any = None) -> Any:
    if not _is_array(points, 2):
        return None
    if isinstance(order, int | types.Omitted):

        def both(oracle: Any, points: Any, order: Any = 1, samples: Any = None) -> Any:
            masks = _masks(points.shape[0], 1, 1)
            return _ask_batch(oracle._ledger, oracle._dim, _plain(points), masks, _sample_ids(samples))

        return both
    if not _is_array(order, 1):
        return None

    def mixed(oracle: Any, points: Any, order: Any = 1, samples: Any = None) -> Any:
        masks = _masks(points.shape[0], 1, 0)
        if _orders(oracle._ledger, order, points.shape[0]):
            masks[1] = order
        values, gradients = _ask_batch(oracle._ledger, oracle._dim, _plain(points), masks, _sample_ids(samples))
        if gradients.shape[0] == 0:
            gradients = np.full(points.shape, math.nan)
        return values, gradients

    return mixed


@overload_method(CompiledOracle, "values")
def _values(oracle: Any, points: Any, samples: Any = None) -> Any:
    if not _is_array(points, 2):
        return None

    def values(oracle: Any, points: Any, samples: Any = None) -> Any:
        masks = _masks(points.shape[0], 1, 0)
        return _ask_batch(oracle._ledger, oracle._dim, _plain(points), masks, _sample_ids(samples))[0]

    return values


@overload_method(CompiledOracle, "gradients")
def _gradients(oracle: Any, points: Any, samples: Any = None) -> Any:
    if not _is_array(points, 2):
        return None

    def gradients(oracle: Any, points: Any, samples: Any = None) -> Any:
        masks = _masks(points.shape[0], 0, 1)
        return _ask_batch(oracle._ledger, oracle._dim, _plain(points), masks, _sample_ids(samples))[1]

    return gradients


@overload_method(CompiledOracle, "propose")
def _propose(oracle: Any, x: Any) -> Any:
    if not _is_array(x, 1):
        return None

    def propose(oracle: Any, x: Any) -> None:
        if load_word(oracle._ledger, CLOSED) != OPEN:
            _refuse(oracle._ledger)
            _insist(oracle._ledger)
        else:
            _name_point(oracle._ledger, PROPOSE, _plain(x))

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
        _name_point(oracle._ledger, FINISH, _plain(x))

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
