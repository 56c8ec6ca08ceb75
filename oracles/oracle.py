"""The front that a method sees: it validates, charges, asks the model, tests the goal and ends the run."""

import numpy as np
from numpy.typing import ArrayLike

from oracles.arrays import Array, Mask
from oracles.errors import InputError
from oracles.models import Answer, Request
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

    def value_and_gradient(self, x: ArrayLike, out: Array | None = None) -> tuple[float, Array]:
        """f(x) and the gradient (d,) at x (d,), which goes into `out` if given. One round of one query."""
        if out is None:
            return self._one(x, True, True)
        if not isinstance(out, np.ndarray) or out.shape != (self.dimension,) or out.dtype != np.float64:
            raise InputError(f"out must be a float64 array of shape ({self.dimension},)")
        value, out[:] = self._one(x, True, True)
        return value, out

    def value(self, x: ArrayLike) -> float:
        """f(x) at x (d,). One round of one query, charged as a value query alone."""
        return self._one(x, True, False)[0]

    def gradient(self, x: ArrayLike) -> Array:
        """The gradient (d,) at x (d,). One round of one query, charged as a gradient query alone."""
        return self._one(x, False, True)[1]

    # Rounds of K queries.

    def query(self, points: ArrayLike, order: ArrayLike = 1) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) at `points` (K, d). One round of K queries.

        order: 1 (value and gradient) or 0 (value alone; NaN in place of the gradient), for all points or per point.
        """
        rows = self._points(points)
        orders = np.broadcast_to(_orders(order, len(rows)), len(rows))
        answer = self._round(rows, np.ones(len(rows), dtype=bool), orders == 1)
        answer.gradients[orders == 0] = np.nan
        return answer.values, answer.gradients

    def values(self, points: ArrayLike) -> Array:
        """Values (K,) at `points` (K, d). One round of K value queries."""
        rows = self._points(points)
        asked = np.ones(len(rows), dtype=bool)
        return self._round(rows, asked, ~asked).values

    def gradients(self, points: ArrayLike) -> Array:
        """Gradients (K, d) at `points` (K, d). One round of K gradient queries."""
        rows = self._points(points)
        asked = np.ones(len(rows), dtype=bool)
        return self._round(rows, ~asked, asked).gradients

    # Free.

    def propose(self, x: ArrayLike) -> None:
        """Say "this would be my output". Free: the observer measures the point, and reports it apart from the hits."""
        self._referee.propose(x)

    # One round.

    def _round(self, points: Array, values: Mask, gradients: Mask) -> Answer:
        referee = self._referee
        referee.admit(len(points))
        answer = referee.ask(Request(points, values, gradients, referee.ledger.rounds + 1))
        referee.account(points, answer, values, gradients)
        return answer

    def _one(self, x: ArrayLike, value: bool, gradient: bool) -> tuple[float, Array]:
        try:
            return self._referee.one(x, value, gradient)
        except InputError:
            self._referee.lose_patience()
            raise

    def _points(self, points: ArrayLike) -> Array:
        try:
            return self._referee.points(points)
        except InputError:
            self._referee.lose_patience()
            raise


def _orders(order: ArrayLike, width: int) -> Array:
    orders = np.asarray(order)
    if orders.shape not in ((), (width,)) or not np.isin(orders, (0, 1)).all():
        raise InputError(f"order must be 0 or 1, for all points or for each of the {width}")
    return orders
