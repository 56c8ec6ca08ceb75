"""The front that a method sees: it validates, charges, asks the model, judges the answer and ends the run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from oracles.arrays import Array, Mask, check_finite, real_array
from oracles.errors import AnswerError, Exhausted, InputError, Refused, Stop
from oracles.functions import short
from oracles.goals import STATIONARITY, Goal
from oracles.instances import Progress
from oracles.ledger import Ledger, Status
from oracles.models import Answer, Model, Request
from oracles.trace import Step, Trace

PATIENCE = 1000  # refusals before a closed oracle raises what `except Exception` does not catch


@dataclass(frozen=True)
class Measured:
    """A point that the observer looked at, outside of every count: a returned or a proposed one.

    queries, rounds: what had been charged when the method named it.
    """

    point: Array
    value: float
    merit: float
    queries: int
    rounds: int


class Oracle:
    """Answers queries about one function and counts them; one per run.

    Every call that asks is one round; a batch of K points is one round of K queries. A round that does not fit into
    the budget is refused whole and closes the oracle. The query that meets the smallest target is answered; the next
    call raises `Stop`, and so does every later one.

    Errors: `InputError` for points that are NaN, of the wrong shape, outside the domain, or too many for one round
    (nothing is counted, the oracle stays open); `AnswerError` when the function fails (nothing is counted, the oracle
    closes).
    """

    def __init__(
        self,
        model: Model,
        ledger: Ledger,
        *,
        goal: Goal = STATIONARITY,
        trace: Trace | None = None,
        progress: Progress | None = None,
        on_refusal: Callable[[], None] | None = None,
    ) -> None:
        self._model, self._ledger, self._goal = model, ledger, goal
        self._trace, self._progress, self._furthest = trace, progress, -1
        self._on_refusal = on_refusal
        self._proposed: list[Measured] = []

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return self._model.dimension

    @property
    def width(self) -> int | None:
        """The most queries that one round may hold; None: any number."""
        return self._model.width

    @property
    def goal(self) -> Goal:
        """What ends the run well."""
        return self._goal

    @property
    def traced(self) -> bool:
        """Whether the course of the run is kept."""
        return self._trace is not None

    # Rounds of one query.

    def value_and_gradient(self, x: ArrayLike, out: Array | None = None) -> tuple[float, Array]:
        """f(x) and the gradient (d,) at x (d,), which goes into `out` if given. One round of one query."""
        point = self._point(x)
        if out is None:
            answer = self._round(point, _YES, _YES)
            return float(answer.values[0]), answer.gradients[0]
        if not isinstance(out, np.ndarray) or out.shape != (self.dimension,) or out.dtype != np.float64:
            raise InputError(f"out must be a float64 array of shape ({self.dimension},)")
        answer = self._round(point, _YES, _YES)
        out[:] = answer.gradients[0]
        return float(answer.values[0]), out

    def value(self, x: ArrayLike) -> float:
        """f(x) at x (d,). One round of one query, charged as a value query alone."""
        return float(self._round(self._point(x), _YES, _NO).values[0])

    def gradient(self, x: ArrayLike) -> Array:
        """The gradient (d,) at x (d,). One round of one query, charged as a gradient query alone."""
        gradient: Array = self._round(self._point(x), _NO, _YES).gradients[0]
        return gradient

    # Rounds of K queries.

    def query(self, points: ArrayLike, order: ArrayLike = 1) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) at `points` (K, d). One round of K queries.

        order: 1 (value and gradient) or 0 (value alone; NaN in place of the gradient), for all points or per point.
        """
        rows = self._points(points)
        orders = np.broadcast_to(_orders(order, len(rows)), len(rows))
        answer = self._round(rows, np.ones(len(rows), dtype=bool), orders == 1)
        gradients = answer.gradients
        gradients[orders == 0] = np.nan
        return answer.values, gradients

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
        if self._ledger.closed:
            self._refuse()
        self._proposed.append(self.observe(x))

    # The observer's side; methods have no business here.

    @property
    def proposed(self) -> tuple[Measured, ...]:
        """What the method proposed, in order."""
        return tuple(self._proposed)

    def observe(self, x: ArrayLike) -> Measured:
        """Measure a point on the true function, outside of every count but the observer's own."""
        points = self._point(x)
        self._ledger.observed += 1
        truth = self._model.truth(points)
        self._check(points, truth, _YES, _YES)
        merit = float(self._goal.merits(points, truth.values, truth.gradients)[0])
        return Measured(points[0], float(truth.values[0]), merit, self._ledger.queries, self._ledger.rounds)

    # One round.

    def _round(self, points: Array, values: Mask, gradients: Mask) -> Answer:
        ledger = self._ledger
        if ledger.closed:
            self._refuse()
        if not ledger.fits(len(points)):
            ledger.close(Status.BUDGET)
            self._refuse()
        answer = self.ask(Request(points, values, gradients, ledger.rounds + 1))
        self.account(points, answer, values, gradients)
        return answer

    def ask(self, request: Request) -> Answer:
        """The model's answer, uncounted. Where there is none, the ledger is closed and the reason raised."""
        try:
            return self._model.answer(request)
        except Exhausted as error:
            self._ledger.close(Status.EXHAUSTED, str(error))
            raise Stop from None
        except AnswerError as error:
            self._ledger.close(Status.FAILED, str(error))
            raise

    def account(self, points: Array, answer: Answer, values: Mask, gradients: Mask) -> None:
        """Check, charge, judge and trace an answered round. An unusable answer closes the ledger, uncharged."""
        try:
            self._check(points, answer, values, gradients)
            judged = (values | (not self._goal.needs_value)) & (gradients | (not self._goal.needs_gradient))
            merits = self._merits(points, answer, judged)
        except AnswerError as error:
            self._ledger.close(Status.FAILED, str(error))
            raise
        self._ledger.charge(values, gradients)
        self._ledger.record(points, merits, judged)
        if self._trace is not None:
            self._note(points, gradients)

    def _merits(self, points: Array, answer: Answer, judged: Mask) -> Array:
        merits = np.full(len(points), np.nan)
        if judged.any():
            merits[judged] = self._goal.merits(points[judged], answer.values[judged], answer.gradients[judged])
            if np.isnan(merits[judged]).any():
                bad = points[judged][np.isnan(merits[judged])][0]
                raise AnswerError(f"the merit of the goal {self._goal.name} is nan at x = {short(bad)}")
        return merits

    def _note(self, points: Array, gradients: Mask) -> None:
        ledger = self._ledger
        if self._progress is not None:
            self._furthest = max(self._furthest, int(self._progress(points).max()))
        order = int(gradients.any())
        step = Step(ledger.rounds, ledger.queries, order, len(points), ledger.best_merit, self._furthest)
        self._trace.add(step)  # type: ignore[union-attr]

    def _refuse(self) -> NoReturn:
        ledger = self._ledger
        ledger.refusals += 1
        if ledger.refusals <= PATIENCE:
            raise Stop
        if self._on_refusal is not None:
            self._on_refusal()
        raise Refused("the method keeps asking a closed oracle")

    # What comes in and what goes out.

    def _point(self, x: ArrayLike) -> Array:
        point = real_array(x, "the point")
        if point.shape != (self.dimension,):
            raise InputError(f"the point has the shape {point.shape}, expected ({self.dimension},)")
        return self._admitted(point[None])

    def _points(self, points: ArrayLike) -> Array:
        rows = real_array(points, "the batch")
        if rows.ndim != 2 or rows.shape[1] != self.dimension:
            raise InputError(f"the batch has the shape {rows.shape}, expected (K, {self.dimension})")
        if len(rows) == 0:
            raise InputError("a round needs at least one point, K = 0")
        if self.width is not None and len(rows) > self.width:
            raise InputError(f"a round of {len(rows)} points is wider than the width {self.width}")
        return self._admitted(rows)

    def _admitted(self, points: Array) -> Array:
        if not np.isfinite(points).all():
            check_finite(points[0] if len(points) == 1 else points, "the point" if len(points) == 1 else "the batch")
        if self._model.domain is not None:
            self._model.domain.check(points)
        return points

    def _check(self, points: Array, answer: Answer, values: Mask, gradients: Mask) -> None:
        """Refuse an answer that cannot be used: a NaN or -inf value (+inf is legitimate), a non-finite gradient."""
        bad_values = values & ~(answer.values > -np.inf)
        if bad_values.any():
            k = int(bad_values.argmax())
            raise AnswerError(f"the value is {answer.values[k]} at x = {short(points[k])}")
        bad_gradients = gradients & ~np.isfinite(answer.gradients).all(axis=1)
        if bad_gradients.any():
            k = int(bad_gradients.argmax())
            i = int(np.argmin(np.isfinite(answer.gradients[k])))
            raise AnswerError(f"entry {i} of the gradient is {answer.gradients[k, i]} at x = {short(points[k])}")


_YES, _NO = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)


def _orders(order: ArrayLike, width: int) -> Array:
    orders = np.asarray(order)
    if orders.shape not in ((), (width,)) or not np.isin(orders, (0, 1)).all():
        raise InputError(f"order must be 0 or 1, for all points or for each of the {width}")
    return orders
