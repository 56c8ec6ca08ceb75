"""The ledger of a run: what was charged to the method, what was met when, and how the run was closed."""

import enum
import math
from dataclasses import dataclass, field

import numpy as np

from oracles.arrays import Array, Mask
from oracles.reductions import least


class Status(enum.StrEnum):
    """How a run ended."""

    TARGET = "target"
    BUDGET = "budget"
    RETURNED = "returned"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    EXHAUSTED = "exhausted"
    FAILED = "failed"

    @property
    def sentence(self) -> str:
        """The status in words."""
        return {
            Status.TARGET: "a query met the smallest target",
            Status.BUDGET: "the next round did not fit into the budget",
            Status.RETURNED: "the method returned by itself",
            Status.TIMEOUT: "the time limit passed",
            Status.INTERRUPTED: "the run was interrupted",
            Status.EXHAUSTED: "the oracle could not answer any more",
            Status.FAILED: "the run failed",
        }[self]


@dataclass(frozen=True)
class Hit:
    """The first query that met a target: its position, its round, and the queries charged by the end of that round."""

    target: float
    query: int
    round: int
    charged: int


@dataclass
class Ledger:
    """Counts of one run. `queries` counts points; a point asked for its value and its gradient is one query, and so is
    one asked for its Hessian too, or for a product of its Hessian and a vector.

    targets: largest first. Each gets a `Hit` the first time that a query meets it.
    observed: what the observer evaluated for itself; never charged.
    """

    targets: tuple[float, ...]
    max_queries: int | None = None
    max_rounds: int | None = None
    queries: int = 0
    value_queries: int = 0
    gradient_queries: int = 0
    hessian_queries: int = 0
    product_queries: int = 0
    rounds: int = 0
    widest: int = 0
    observed: int = 0
    refusals: int = 0
    best_merit: float = math.inf
    hits: list[Hit] = field(default_factory=list)
    hit_point: Array | None = None
    closed: Status | None = None
    message: str = ""

    def fits(self, width: int) -> bool:
        """Whether a round of `width` queries stays within both budgets."""
        return (self.max_queries is None or self.queries + width <= self.max_queries) and (
            self.max_rounds is None or self.rounds < self.max_rounds
        )

    def charge(self, values: Mask, gradients: Mask) -> None:
        """Charge one answered round."""
        self.queries += len(values)
        self.value_queries += int(np.count_nonzero(values))
        self.gradient_queries += int(np.count_nonzero(gradients))
        self.rounds += 1
        self.widest = max(self.widest, len(values))

    def charge_one(self, value: bool, gradient: bool, merit: float) -> None:
        """Charge an answered round of one query that meets no new target; infinite merit if it was not judged."""
        self.queries += 1
        self.rounds += 1
        self.value_queries += value
        self.gradient_queries += gradient
        if merit < self.best_merit:
            self.best_merit = merit
        if not self.widest:
            self.widest = 1

    def record(self, points: Array, merits: Array, judged: Mask) -> None:
        """Judge the round that was charged last: `merits` (K,) where `judged` (K,) says that the answer carried
        what the goal needs. Close when the smallest target is met.
        """
        nearest = float(least(merits, judged))
        self.best_merit = min(self.best_merit, nearest)
        before = self.queries - len(points)
        for target in self.targets[len(self.hits) :]:
            if nearest > target:  # no new hit: what most rounds are
                return
            k = int((judged & (merits <= target)).argmax())
            self.hits.append(Hit(target, before + k + 1, self.rounds, self.queries))
            self.hit_point = points[k].copy()
        self.close(Status.TARGET)

    def close(self, status: Status, message: str = "") -> None:
        """Close for good; the first reason stays."""
        if self.closed is None:
            self.closed, self.message = status, message
