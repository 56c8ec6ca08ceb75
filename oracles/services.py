"""How a round of a compiled run is admitted, asked, judged and charged: machine code that every method shares.

Each service is compiled once and reached through its address in the ledger's block, so that what is compiled with a
method is the method. It takes words alone, numbers and addresses, and never raises: an exception in numba's code leaks
every array alive in the frames that it crosses. A closed oracle answers NaN instead.

`ask_one` has a fast path for the usual case. On the slow path `settle` calls back into Python, where the judging is
the same code that serves the Python engine. A model that is a point kernel is asked for one point without a request.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import carray, types

from oracles.arrays import Array
from oracles.kernels import (
    GRADIENT_MASK,
    GRADIENTS,
    POINTS,
    ROUND,
    SAMPLES,
    VALUE_MASK,
    VALUES,
    K,
    Native,
    compiled,
    inlined,
)
from oracles.ledger_block import (
    ASK_BAND,
    ASK_BATCH,
    ASK_HESSIAN,
    ASK_ONE,
    ASK_PRODUCT,
    BAD_HESSIAN,
    BAD_SAMPLE,
    BAD_VECTOR,
    BANDWIDTH,
    BATCH_GRADIENTS,
    BATCH_QUERIES,
    BATCH_ROUNDS,
    BATCH_VALUES,
    BATCH_WIDEST,
    BEST,
    BOTH,
    BUDGET,
    CLOSED,
    COMPONENTS,
    COUNT,
    DOOR,
    ENDED,
    FAULT,
    FAULT_COLUMN,
    FAULT_ENTRY,
    FAULT_ROW,
    FAULT_ROWS,
    FINISH,
    GRADIENT_ALONE,
    HESSIAN,
    HESSIANS,
    KERNEL,
    LIMIT,
    LOWER,
    LOWER_FACE,
    MAX_QUERIES,
    MAX_ROUNDS,
    MIXED,
    MODEL,
    NAME_POINT,
    NO_HESSIAN,
    NO_POINTS,
    NOT_FINITE,
    ONE_GRADIENTS,
    ONE_VALUES,
    OPEN,
    OUTSIDE,
    PARAMETERS,
    PRODUCTS,
    REFUSALS,
    REQUEST,
    SAMPLE,
    SETTLE,
    THRESHOLD,
    TOO_WIDE,
    UPPER,
    UPPER_FACE,
    VALUE,
    VALUE_ALONE,
    WIDTH,
    WRONG_ORDER,
    WRONG_OUT,
    WRONG_SAMPLES,
    WRONG_SHAPE,
    WRONG_VECTOR,
)
from oracles.lowlevel import address_of, call_door, call_kernel, load_real, load_word, reals, store_real, store_word
from oracles.reductions import HUGE, band_times, projected_squares
from oracles.reductions import finite as _finite
from oracles.reductions import inner as _inner


def source_of(function: Any) -> Callable[..., Any]:
    """What was compiled."""
    return getattr(function, "py_func", function)


finite, inner = inlined(source_of(_finite)), inlined(source_of(_inner))  # parts of the fast path

# Refusing.


@compiled
def _refuse(ledger: int) -> bool:
    """Nothing more is answered. False, for the caller to hand on."""
    store_word(ledger, LIMIT, -1)
    store_word(ledger, REFUSALS, load_word(ledger, REFUSALS) + 1)
    return False


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
def _blank(address: int, count: int) -> None:
    """Doubles that nobody answered: NaN, if they have an address."""
    for i in range(count if address != 0 else 0):
        store_real(address, i, math.nan)


# Admitting.


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
def _is_sample(ledger: int, sample: int) -> bool:
    """Whether a number may name a sample."""
    return 0 <= sample < load_word(ledger, COMPONENTS) or _fault(ledger, BAD_SAMPLE, sample, 0, 0, 0.0)


@compiled
def _samples_fit(ledger: int, samples: int, count: int, rows: int) -> bool:
    """Whether there is no sample, or a good one for each row."""
    if samples != 0 and count != rows:
        return _fault(ledger, WRONG_SAMPLES, count, 0, rows, 0.0)
    good = True
    for k in range(rows if samples != 0 else 0):
        good = good and _is_sample(ledger, load_word(samples, k))
    return good


@compiled
def _orders_fit(ledger: int, orders: int, count: int, rows: int) -> bool:
    """Whether there is one order of 0 or 1 for each row, or the same for all."""
    good = orders == 0 or count == rows
    for k in range(rows if orders != 0 and good else 0):
        good = good and (load_word(orders, k) == 0 or load_word(orders, k) == 1)
    return good or _fault(ledger, WRONG_ORDER, 0, 0, rows, 0.0)


# Asking.


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
def _no_answer(ledger: int, dimension: int, gradient: int) -> float:
    _refuse(ledger)
    _blank(gradient, dimension)
    return math.nan


@compiled
def _ask_one_slowly(ledger: int, dimension: int, x: Array, gradient: int, order: int, sampled: int) -> float:
    """One round of one query through the door of the model; the gradient may lie where the point does."""
    sample = ledger + 8 * SAMPLE if sampled != 0 else 0
    if (sampled != 0 and not _is_sample(ledger, load_word(sample, 0))) or not _admits(ledger, dimension, x):
        return _no_answer(ledger, dimension, gradient)
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
    return _no_answer(ledger, dimension, gradient)


@compiled
def _ask_one(ledger: int, dimension: int, x: int, size: int, out: int, room: int, order: int, sampled: int) -> float:
    """One round of one query at the point (size,) at x; the gradient (room,) goes to `out`, 0 with VALUE_ALONE.

    order: BOTH, VALUE_ALONE or GRADIENT_ALONE. sampled: 1 if SAMPLE says with which sample. The value, 0 with
    GRADIENT_ALONE; NaN where nothing is answered. The usual case is here, all else in `_ask_one_slowly`: a kernel that
    is asked for value and gradient at a good point while no budget binds.
    """
    count, kernel = load_word(ledger, COUNT), load_word(ledger, KERNEL)
    admitted = order == BOTH and sampled == 0 and kernel != 0 and count < load_word(ledger, LIMIT)
    fits = size == dimension and (room == dimension or order == VALUE_ALONE)
    if admitted and fits and abs(x - out) >= 8 * size and finite(carray(reals(x), size)):
        value = call_kernel(kernel, x, out, dimension, load_word(ledger, PARAMETERS))
        gradient = carray(reals(out), dimension)
        squares = inner(gradient, gradient)
        if load_real(ledger, THRESHOLD) < squares < HUGE and value > -math.inf:
            if squares < load_real(ledger, BEST):
                store_real(ledger, BEST, squares)
            store_word(ledger, COUNT, count + 1)
            return value
        store_real(ledger, VALUE, value)
        if _settled(ledger, _request(ledger, x, ledger + 8 * VALUE, out, 0, 0, 1), False):
            _charge_one(ledger, squares)
            return value
        return _no_answer(ledger, dimension, out)
    if order != VALUE_ALONE and room != dimension:
        _fault(ledger, WRONG_OUT, 0, 0, 0, 0.0)
        return math.nan
    return _ask_one_slowly(ledger, dimension, carray(reals(x), size), out, order, sampled)


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
def _masks(rows: int, order: int, orders: int) -> Any:
    """Which rows want a value, and which a gradient: bytes (2, K)."""
    masks = np.empty((2, rows), np.uint8)
    for k in range(rows):
        masks[0, k] = order != GRADIENT_ALONE
        masks[1, k] = load_word(orders, k) if order == MIXED else order != VALUE_ALONE
    return masks


@compiled
def _answered(ledger: int, points: Array, values: Array, gradients: Array, masks: Any, samples: int) -> bool:
    """Ask a good round through the door of the model, judge it and charge it. The values and the gradients have no
    rows where none is wanted.
    """
    count, with_values, with_gradients = points.shape[0], masks[0].sum(), masks[1].sum()
    request = _request(
        ledger,
        address_of(points),
        address_of(values) if with_values > 0 else 0,
        address_of(gradients) if with_gradients > 0 else 0,
        address_of(masks),
        samples,
        count,
    )
    if call_door(load_word(ledger, DOOR), load_word(ledger, MODEL), request) != 0:
        return False
    best, usual, threshold = load_real(ledger, BEST), True, load_real(ledger, THRESHOLD)
    for k in range(count):
        squares = math.inf
        if masks[1, k] != 0:
            usual = usual and inner(gradients[k], gradients[k]) < HUGE
            squares = _squares(ledger, points[k], gradients[k])
            best = min(best, squares)
        usual = usual and squares > threshold and (masks[0, k] == 0 or values[k] > -math.inf)
    if not _settled(ledger, request, usual):
        return False
    if usual:
        store_real(ledger, BEST, best)
    _charge_batch(ledger, count, with_values, with_gradients)
    for k in range(gradients.shape[0]):
        if masks[1, k] == 0:
            _blank(address_of(gradients[k]), points.shape[1])
    return True


@compiled
def _ask_batch(
    ledger: int,
    dimension: int,
    points: int,
    rows: int,
    columns: int,
    values: int,
    gradients: int,
    order: int,
    orders: int,
    given: int,
    samples: int,
    sampled: int,
) -> int:
    """One round of K = `rows` queries at the points (K, columns); whether it is answered.

    values (K,), gradients (K, d): addresses, 0 where `order` leaves them out. order: one for all rows, or MIXED with
    `given` orders of 0 or 1. samples: `sampled` whole numbers, or 0: the model chooses. NaN where nothing is answered.
    """
    fits = _orders_fit(ledger, orders, given, rows) and _samples_fit(ledger, samples, sampled, rows)
    where = carray(reals(points), (rows, columns))
    if fits and _admits_batch(ledger, dimension, where):
        heights = carray(reals(values), rows if values != 0 else 0)
        slopes = carray(reals(gradients), (rows if gradients != 0 else 0, dimension))
        if _answered(ledger, where, heights, slopes, _masks(rows, order, orders), samples):
            return 1
        _refuse(ledger)
    _blank(values, rows)
    _blank(gradients, rows * dimension)
    return 0


# Hessians.


@compiled
def _has_band(ledger: int, dimension: int, x: int, size: int, band: int) -> bool:
    """Fill the band (b + 1, d) of the Hessian, uncounted, if a round of this point may be asked for it."""
    if load_word(ledger, HESSIAN) == 0:
        return _fault(ledger, NO_HESSIAN, 0, 0, 0, 0.0)
    if not _admits(ledger, dimension, carray(reals(x), size)):
        return False
    call_kernel(load_word(ledger, HESSIAN), x, band, dimension, load_word(ledger, PARAMETERS))
    entries = (load_word(ledger, BANDWIDTH) + 1) * dimension
    return finite(carray(reals(band), entries)) or _fault(ledger, BAD_HESSIAN, 0, 0, 0, 0.0)


@compiled
def _asks_band(ledger: int, dimension: int, x: int, size: int, band: int, counter: int) -> bool:
    """One round of one query for the band alone, charged to HESSIANS, or to PRODUCTS for a product that needs it."""
    if not _has_band(ledger, dimension, x, size, band):
        return False
    request = _request(ledger, x, 0, 0, 0, 0, 1)
    if not _settled(ledger, request, load_real(ledger, THRESHOLD) < math.inf):
        return _refuse(ledger)
    for slot in (COUNT, ONE_VALUES, ONE_GRADIENTS, counter):
        store_word(ledger, slot, load_word(ledger, slot) + 1)
    return True


@compiled
def _ask_band(ledger: int, dimension: int, x: int, size: int, band: int) -> int:
    """One round of one query for the band (b + 1, d) of the Hessian; whether it is answered."""
    if _asks_band(ledger, dimension, x, size, band, HESSIANS):
        return 1
    _blank(band, (load_word(ledger, BANDWIDTH) + 1) * dimension)
    return 0


@compiled
def _ask_hessian(ledger: int, dimension: int, x: int, size: int, gradient: int, band: int) -> float:
    """One round of one query for the value, the gradient (d,) and the band (b + 1, d) of the Hessian."""
    value = math.nan
    if _has_band(ledger, dimension, x, size, band):
        value = _ask_one(ledger, dimension, x, size, gradient, dimension, BOTH, 0)
    if math.isnan(value):
        _blank(gradient, dimension)
        _blank(band, (load_word(ledger, BANDWIDTH) + 1) * dimension)
    else:
        store_word(ledger, HESSIANS, load_word(ledger, HESSIANS) + 1)
    return value


@compiled
def _is_direction(ledger: int, dimension: int, vector: Array) -> bool:
    """Whether the Hessian may be multiplied by a vector."""
    if vector.size != dimension:
        return _fault(ledger, WRONG_VECTOR, 0, vector.size, 0, 0.0)
    for i in range(dimension):
        if not math.isfinite(vector[i]):
            return _fault(ledger, BAD_VECTOR, 0, i, 0, vector[i])
    return True


@compiled
def _ask_product(ledger: int, dimension: int, x: int, size: int, vector: int, length: int, product: int) -> int:
    """One round of one query for the Hessian times a vector (length,), into `product` (d,); whether it is answered."""
    direction = carray(reals(vector), length)
    band = np.empty((load_word(ledger, BANDWIDTH) + 1, dimension))
    good = _is_direction(ledger, dimension, direction)
    if good and _asks_band(ledger, dimension, x, size, address_of(band), PRODUCTS):
        out = band_times(band, direction)
        for i in range(dimension):
            store_real(product, i, out[i])
        return 1
    _blank(product, dimension)
    return 0


@compiled
def _name_point(ledger: int, dimension: int, x: int, size: int, callback: int) -> int:
    """Hand a point to Python: a proposal, or what the method returns; whether it was taken."""
    if callback != FINISH and load_word(ledger, CLOSED) != OPEN:
        _refuse(ledger)
        return 0
    call_door(load_word(ledger, callback), ledger, _request(ledger, x, 0, 0, 0, 0, size))
    return 1


def _service(function: Any, result: Any) -> Native:
    source = source_of(function)
    return Native(source, result(*[types.int64] * source.__code__.co_argcount))


SERVICES = {
    ASK_ONE: _service(_ask_one, types.float64),
    ASK_BATCH: _service(_ask_batch, types.int64),
    ASK_BAND: _service(_ask_band, types.int64),
    ASK_HESSIAN: _service(_ask_hessian, types.float64),
    ASK_PRODUCT: _service(_ask_product, types.int64),
    NAME_POINT: _service(_name_point, types.int64),
}
