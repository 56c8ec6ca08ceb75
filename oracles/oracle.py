"""The front that a method sees: it validates, charges, asks the model, tests the goal and ends the run."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from oracles.arrays import Array, Mask
from oracles.errors import InputError
from oracles.models import Answer, Request
from oracles.reductions import matrix_of
from oracles.referee import Referee


class Oracle:
    """Answers queries about one function and counts them; one per run.

    Every call that asks is one round; a batch of K points is one round of K queries. A round that does not fit into
    the budget is refused whole and closes the oracle. The query that meets the smallest target is answered; the next
    call raises `Stop`, and so does every later one.

    Errors: `InputError` for points that are NaN, of the wrong shape, outside the domain, or too many for one round
    (nothing is counted, the oracle stays open); `AnswerError` when the function fails (nothing is counted, the oracle
    closes).
    """

    def __init__(self, referee: Referee) -> None:
        self._referee = referee

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return self._referee.model.dimension

    @property
    def width(self) -> int | None:
        """The most queries that one round may hold; None: any number."""
        return self._referee.model.width

    # Rounds of one query.

    def value_and_gradient(
        self, x: ArrayLike, out: Array | None = None, sample: int | None = None
    ) -> tuple[float, Array]:
        """f(x) and the gradient (d,) at x (d,), which goes into `out` if given. One round of one query.

        sample: where the answers are random or a sum's, which sample to answer with; else it is of no account.
        """
        if out is None:
            return self._one(x, True, True, sample)
        if not isinstance(out, np.ndarray) or out.shape != (self.dimension,) or out.dtype != np.float64:
            raise InputError(f"out must be a float64 array of shape ({self.dimension},)")
        value, out[:] = self._one(x, True, True, sample)
        return value, out

    def value(self, x: ArrayLike, sample: int | None = None) -> float:
        """f(x) at x (d,). One round of one query, charged as a value query alone."""
        return self._one(x, True, False, sample)[0]

    def gradient(self, x: ArrayLike, sample: int | None = None) -> Array:
        """The gradient (d,) at x (d,). One round of one query, charged as a gradient query alone."""
        return self._one(x, False, True, sample)[1]

    # Second order, where the instance has it.

    def value_gradient_hessian(self, x: ArrayLike) -> tuple[float, Array, Array]:
        """f(x), the gradient (d,) and the Hessian (d, d) at x (d,). One round of one query."""
        value, gradient, band = self._checked(self._referee.hessian, x, True, True)
        return value, gradient, matrix_of(band)

    def hessian(self, x: ArrayLike) -> Array:
        """The Hessian (d, d) at x (d,). One round of one query."""
        matrix: Array = matrix_of(self.hessian_band(x))
        return matrix

    def hessian_band(self, x: ArrayLike) -> Array:
        """The Hessian at x (d,) by its lower band (b + 1, d): entry [k, i] is that of row i + k, column i; a chain has
        b = 1. One round of one query.
        """
        band: Array = self._checked(self._referee.hessian, x, False, False)[2]
        return band

    def hessian_vector(self, x: ArrayLike, vector: ArrayLike) -> Array:
        """The product (d,) of the Hessian at x (d,) and a vector (d,). One round of one query."""
        product: Array = self._checked(self._referee.hessian_vector, x, vector)
        return product

    # Rounds of K queries.

    def query(self, points: ArrayLike, order: ArrayLike = 1, samples: ArrayLike | None = None) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) at `points` (K, d). One round of K queries.

        order: 1 (value and gradient) or 0 (value alone; NaN in place of the gradient), for all points or per point.
        samples: (K,) whole numbers; the same number is the same sample, at whichever points and in whichever round.
        """
        rows = self._points(points)
        orders = np.broadcast_to(_orders(order, len(rows)), len(rows))
        answer = self._round(rows, np.ones(len(rows), dtype=bool), orders == 1, samples)
        answer.gradients[orders == 0] = np.nan
        return answer.values, answer.gradients

    def values(self, points: ArrayLike, samples: ArrayLike | None = None) -> Array:
        """Values (K,) at `points` (K, d). One round of K value queries."""
        rows = self._points(points)
        asked = np.ones(len(rows), dtype=bool)
        return self._round(rows, asked, ~asked, samples).values

    def gradients(self, points: ArrayLike, samples: ArrayLike | None = None) -> Array:
        """Gradients (K, d) at `points` (K, d). One round of K gradient queries."""
        rows = self._points(points)
        asked = np.ones(len(rows), dtype=bool)
        return self._round(rows, ~asked, asked, samples).gradients

    # Free.

    def propose(self, x: ArrayLike) -> None:
        """Say "this would be my output". Free: the observer measures the point, and reports it apart from the hits."""
        self._referee.propose(x)

    def note(self, number: float) -> None:
        """Say a number of the last round, such as how many steps it was worth. Free: it is kept in the trace."""
        self._referee.note(float(number))

    def remark(self, **data: Any) -> None:
        """Say plain data of the last round by name, such as a box in which a solution is. Free: it is kept beside the
        trace. Methods that use it run in Python.
        """
        self._referee.remark(data)

    # One round.

    def _round(self, points: Array, values: Mask, gradients: Mask, samples: ArrayLike | None) -> Answer:
        referee = self._referee
        ids = self._checked(referee.samples, samples, len(points))
        referee.admit(len(points))
        answer = referee.ask(Request(points, values, gradients, referee.ledger.rounds + 1, ids))
        referee.account(points, answer, values, gradients)
        return answer

    def _one(self, x: ArrayLike, value: bool, gradient: bool, sample: int | None) -> tuple[float, Array]:
        if sample is not None:
            self._checked(self._referee.samples, [sample], 1)
        try:
            return self._referee.one(x, value, gradient, sample)
        except InputError:
            self._referee.lose_patience()
            raise

    def _points(self, points: ArrayLike) -> Array:
        rows: Array = self._checked(self._referee.points, points)
        return rows

    def _checked(self, call: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except InputError:
            self._referee.lose_patience()
            raise


def _orders(order: ArrayLike, width: int) -> Array:
    orders = np.asarray(order)
    known = (order in (0, 1)) if isinstance(order, int) else bool(np.isin(orders, (0, 1)).all())
    if orders.shape not in ((), (width,)) or not known:
        raise InputError(f"order must be 0 or 1, for all points or for each of the {width}")
    return orders
