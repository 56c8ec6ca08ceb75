"""The referee of a run: asks the model, judges its answers, and measures points outside of every count.

Both engines share it. A method never sees it; it sees the `Oracle` in front.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from oracles.arrays import Array, Ids, Mask, check_finite, real_array
from oracles.errors import AnswerError, Exhausted, InputError, Refused, Stop
from oracles.functions import short
from oracles.goals import STATIONARITY, Goal, Stationarity, judged_by_squares
from oracles.instances import Progress
from oracles.ledger import Ledger, Status
from oracles.models import Answer, Model, Request
from oracles.reductions import HUGE, TINY, band_times, finite, inner, projected_squares, usable
from oracles.trace import Step, Trace

# Which rounds the observer judges when the answers are not exact: 1, 2, 4, 8, .., or all.
Watch = Literal["powers", "all"]

PATIENCE = 1000  # refusals before a method gets what `except Exception` does not catch


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


class Referee:
    """What stands behind an oracle: its model, its ledger, its goal, and who is told when a method does not end."""

    def __init__(
        self,
        model: Model,
        ledger: Ledger,
        *,
        goal: Goal = STATIONARITY,
        trace: Trace | None = None,
        progress: Progress | None = None,
        on_refusal: Callable[[], None] | None = None,
        observe: Watch = "powers",
    ) -> None:
        self.model, self.ledger, self.goal, self.trace = model, ledger, goal, trace
        self.proposed: list[Measured] = []
        self._progress, self._furthest = progress, -1
        self._on_refusal = on_refusal
        self._observe = observe
        self._shape = (model.dimension,)
        self.box = goal.box if isinstance(goal, Stationarity) else None
        self.threshold = self._threshold()

    def _threshold(self) -> float:
        """The squared (projected) gradient norms up to which an answer needs a closer look, in either engine."""
        watched = self.trace is not None or not self.model.exact
        if not judged_by_squares(self.goal) or watched or self.ledger.closed:
            return math.inf
        return max(self.ledger.targets[len(self.ledger.hits)] ** 2 * (1 + 1e-12), TINY)

    # Points on their way in.

    def point(self, x: ArrayLike) -> Array:
        """A vector (d,) as a batch of one; `InputError` names what is wrong with it."""
        point = real_array(x, "the point")
        if point.shape != (self.model.dimension,):
            raise InputError(f"the point has the shape {point.shape}, expected ({self.model.dimension},)")
        return self._admitted(point[None])

    def points(self, points: ArrayLike) -> Array:
        """A batch (K, d) that fits into one round; `InputError` names what is wrong with it."""
        rows = real_array(points, "the batch")
        if rows.ndim != 2 or rows.shape[1] != self.model.dimension:
            raise InputError(f"the batch has the shape {rows.shape}, expected (K, {self.model.dimension})")
        if len(rows) == 0:
            raise InputError("a round needs at least one point, K = 0")
        if self.model.width is not None and len(rows) > self.model.width:
            raise InputError(f"a round of {len(rows)} points is wider than the width {self.model.width}")
        return self._admitted(rows)

    def samples(self, samples: ArrayLike | None, rows: int) -> Ids | None:
        """Sample ids (K,) as whole numbers; `InputError` names what is wrong with them."""
        if samples is None:
            return None
        ids = np.asarray(samples)
        if ids.dtype.kind not in "iu" or ids.shape != (rows,):
            raise InputError(f"samples must be {rows} whole numbers, got {ids.dtype} of shape {ids.shape}")
        if ids.size and (ids.min() < 0 or (self.model.components is not None and ids.max() >= self.model.components)):
            below = "" if self.model.components is None else f", below {self.model.components}"
            raise InputError(f"samples must be from 0 on{below}, got {ids[(ids < 0) | (ids == ids.max())][0]}")
        return ids.astype(np.int64)

    def _admitted(self, points: Array) -> Array:
        if not np.isfinite(points).all():
            check_finite(points[0] if len(points) == 1 else points, "the point" if len(points) == 1 else "the batch")
        if self.model.domain is not None:
            self.model.domain.check(points)
        return points

    # A round.

    def one(self, x: ArrayLike, value: bool, gradient: bool, sample: int | None = None) -> tuple[float, Array]:
        """A round of the one point x (d,): asked, checked, charged, judged. The usual case takes the short way, which
        a method goes 10^6 times; whatever needs a closer look goes the way of a batch.
        """
        ledger = self.ledger
        plain = type(x) is np.ndarray and x.shape == self._shape and x.dtype == np.float64
        point: Array = x.copy() if plain else self.point(x)[0]  # type: ignore[union-attr]
        if plain and (self.model.domain is not None or not finite(point)):
            self._admitted(point[None])
        self.admit(1)
        found, slope = self._answer_one(point, value, gradient, sample)
        squares = size = inner(slope, slope) if gradient else math.inf
        if self.box is not None and gradient:
            squares = projected_squares(point, slope, self.box.lower, self.box.upper)
        if self.threshold < squares and (size < HUGE or not gradient) and (found > -math.inf or not value):
            if ledger.closed:
                raise Stop
            ledger.charge_one(value, gradient, math.sqrt(squares))
        else:
            answer = Answer(np.array([found]), slope[None])
            self.account(point[None], answer, np.array([value]), np.array([gradient]))
        return found, slope

    def _answer_one(self, point: Array, value: bool, gradient: bool, sample: int | None) -> tuple[float, Array]:
        """The model's answer at one point, uncounted."""
        try:
            return self.model.answer_one(point, value, gradient, self.ledger.rounds + 1, sample)
        except (Exhausted, AnswerError) as error:
            self._end_by(error)

    def admit(self, width: int) -> None:
        """Let a round of `width` points in, or refuse it whole."""
        if self.ledger.closed:
            self.refuse()
        if not self.ledger.fits(width):
            self.ledger.close(Status.BUDGET)
            self.refuse()

    def ask(self, request: Request) -> Answer:
        """The model's answer, uncounted. Where there is none, the ledger is closed and the reason raised."""
        try:
            return self.model.answer(request)
        except (Exhausted, AnswerError) as error:
            self._end_by(error)

    def _end_by(self, error: Exhausted | AnswerError) -> NoReturn:
        """Close because the model has no answer."""
        if isinstance(error, Exhausted):
            self.ledger.close(Status.EXHAUSTED, str(error))
            raise Stop from None
        self.ledger.close(Status.FAILED, str(error))
        raise error

    def account(self, points: Array, answer: Answer, values: Mask, gradients: Mask) -> None:
        """Check, charge, judge and trace an answered round. An unusable answer closes the ledger, uncharged.

        A round that was in flight when the run was closed from outside is not charged either.
        """
        if self.ledger.closed:
            raise Stop
        try:
            check_answer(points, answer, values, gradients)
            judged = (values | (not self.goal.needs_value)) & (gradients | (not self.goal.needs_gradient))
            judged &= self._watches(self.ledger.rounds + 1)
            merits = self._merits(points, self._judged_by(points, answer, judged), judged)
        except AnswerError as error:
            self.ledger.close(Status.FAILED, str(error))
            raise
        self.ledger.charge(values, gradients)
        self.ledger.record(points, merits, judged)
        self.threshold = self._threshold()
        if self.trace is not None:
            self._note(self.trace, points, gradients)

    def _watches(self, round: int) -> bool:
        """Whether a round is judged: every one of exact answers; else those that the observer looks at."""
        return self.model.exact or self._observe == "all" or round & (round - 1) == 0

    def _judged_by(self, points: Array, answer: Answer, judged: Mask) -> Answer:
        """What the goal is judged on: the answer if it is exact, else the truth at the same points."""
        if self.model.exact or not np.count_nonzero(judged):
            return answer
        self.ledger.observed += len(points)
        truth = self.model.truth(points)
        everything = np.ones(len(points), dtype=bool)
        check_answer(points, truth, everything, everything)
        return truth

    def hessian(self, x: ArrayLike, value: bool, gradient: bool) -> tuple[float, Array, Array]:
        """A round of the one point x (d,) asked for its Hessian, and for what else is wanted. The band (b + 1, d)."""
        point, band = self._second_order(x)
        found, slope = np.nan, np.full_like(point, np.nan)
        if value or gradient:
            found, slope = self._answer_one(point, value, gradient, None)
        self.account(point[None], Answer(np.array([found]), slope[None]), np.array([value]), np.array([gradient]))
        self.ledger.hessian_queries += 1
        return found, slope, band

    def hessian_vector(self, x: ArrayLike, vector: ArrayLike) -> Array:
        """A round of one query: the product of the Hessian at x (d,) and a vector (d,)."""
        direction = real_array(vector, "the vector")
        if direction.shape != self._shape:
            raise InputError(f"the vector has the shape {direction.shape}, expected {self._shape}")
        check_finite(direction, "the vector")
        point, band = self._second_order(x)
        nothing = Answer(np.array([np.nan]), np.full((1, point.size), np.nan))
        self.account(point[None], nothing, np.zeros(1, dtype=bool), np.zeros(1, dtype=bool))
        self.ledger.product_queries += 1
        product: Array = band_times(band, direction)
        return product

    def _second_order(self, x: ArrayLike) -> tuple[Array, Array]:
        """The point and its band, uncounted."""
        point = self.point(x)[0]
        self.admit(1)
        try:
            band = self.model.band(point)
        except (Exhausted, AnswerError) as error:
            self._end_by(error)
        if not finite(band.ravel()):
            self._end_by(AnswerError(f"the Hessian is not finite at x = {short(point)}"))
        return point, band

    def refuse(self) -> NoReturn:
        """The oracle is closed: `Stop`, and for a method that does not take it, `Refused`."""
        self.lose_patience()
        raise Stop

    def lose_patience(self) -> None:
        """Count a refusal, or a point that cannot be asked; after many, close the run and insist."""
        self.ledger.refusals += 1
        if self.ledger.refusals > PATIENCE:
            self.ledger.close(Status.FAILED, f"the method asked badly {PATIENCE} times")
            if self._on_refusal is not None:
                self._on_refusal()
            raise Refused("the method keeps asking")

    def _merits(self, points: Array, answer: Answer, judged: Mask) -> Array:
        merits, count = np.full(len(points), np.nan), np.count_nonzero(judged)
        if not count:
            return merits
        given = points, answer.values, answer.gradients
        if not (judged_by_squares(self.goal) and count == len(points)):  # a wide round is not copied for nothing
            given = points[judged], answer.values[judged], answer.gradients[judged]
        try:
            found = self.goal.merits(*given)
        except Exception as error:
            text = " ".join(str(error).split())
            raise AnswerError(
                f"the merit of the goal {self.goal.name} raised {type(error).__name__}: {text}"
            ) from error
        merits[judged] = found
        if np.isnan(found).any():
            bad = given[0][np.isnan(found)][0]
            raise AnswerError(f"the merit of the goal {self.goal.name} is nan at x = {short(bad)}")
        return merits

    def _note(self, trace: Trace, points: Array, gradients: Mask) -> None:
        ledger = self.ledger
        if self._progress is not None:
            self._furthest = max(self._furthest, int(self._progress(points).max()))
        order = int(gradients.any())
        trace.add(Step(ledger.rounds, ledger.queries, order, len(points), ledger.best_merit, self._furthest))

    # Outside of every count.

    def observe(self, x: ArrayLike) -> Measured:
        """Measure a point on the true function, outside of every count but the observer's own."""
        points = self.point(x)
        self.ledger.observed += 1
        truth = self.model.truth(points)
        everything = np.ones(1, dtype=bool)
        check_answer(points, truth, everything, everything)
        merit = float(self.goal.merits(points, truth.values, truth.gradients)[0])
        return Measured(points[0], float(truth.values[0]), merit, self.ledger.queries, self.ledger.rounds)

    def propose(self, x: ArrayLike) -> None:
        """Measure and keep what the method would return."""
        if self.ledger.closed:
            self.refuse()
        try:
            self.proposed.append(self.observe(x))
        except Exhausted as error:
            self._end_by(error)

    def note(self, number: float) -> None:
        """Keep a number of the last round, where there is a trace."""
        if self.trace is not None:
            self.trace.note(self.ledger.rounds, number)

    def remark(self, data: dict[str, Any]) -> None:
        """Keep plain data of the last round, where there is a trace."""
        if self.ledger.closed:
            self.refuse()
        if self.trace is not None:
            self.trace.remark(self.ledger.rounds, self.ledger.queries, data)


def check_answer(points: Array, answer: Answer, values: Mask, gradients: Mask) -> None:
    """Refuse an answer that cannot be used: a NaN or -inf value (+inf is legitimate), a non-finite gradient."""
    if usable(answer.values, answer.gradients, values, gradients):
        return
    bad_values = values & ~(answer.values > -np.inf)
    if bad_values.any():
        k = int(bad_values.argmax())
        raise AnswerError(f"the value is {answer.values[k]} at x = {short(points[k])}")
    bad_gradients = gradients & ~np.isfinite(answer.gradients).all(axis=1)
    if bad_gradients.any():
        k = int(bad_gradients.argmax())
        i = int(np.argmin(np.isfinite(answer.gradients[k])))
        raise AnswerError(f"entry {i} of the gradient is {answer.gradients[k, i]} at x = {short(points[k])}")
