"""What a run leaves behind."""

import math
from dataclasses import dataclass, field
from typing import Any

from oracles import Bound, Hit, Measured, Status, Trace
from oracles.claims import Tag


@dataclass(frozen=True)
class Run:
    """The outcome of one method on one instance.

    hits: one for each target that a query met, largest target first. `charged` is what tables print.
    returned, proposed: the point that the method returned, and the last that it proposed, as the observer measured
        them; never part of the counts. found: the query that met the smallest target that was met.
    model: who answered; answers: what is known of the answers, by name, such as "noise", and answer_tags how far
        to trust it; bounds: what is asserted of the counts with these answers; report: what the model had to say
        after the run (a certificate, what it spent).
    width: the widest round. dimension: of the space that the method saw. observed: the observer's own evaluations.
    parts: for a method that takes `target`, the run at each target; the run itself is the one at the smallest, and
        its hits are those of the parts.
    """

    instance: str
    method: str
    model: str
    engine: str
    engine_reason: str
    status: Status
    message: str
    targets: tuple[float, ...]
    queries: int
    value_queries: int
    gradient_queries: int
    hessian_queries: int
    product_queries: int
    rounds: int
    width: int
    dimension: int
    observed: int
    best_merit: float
    hits: tuple[Hit, ...]
    returned: Measured | None
    proposed: Measured | None
    found: tuple[float, ...] | None
    numbers: dict[str, Any]
    answers: dict[str, float]
    answer_tags: dict[str, Tag]
    bounds: tuple[Bound, ...] = field(repr=False)
    report: dict[str, Any]
    seed: int
    seconds: float
    trace: Trace | None = field(default=None, repr=False)
    parts: tuple["Run", ...] = field(default=(), repr=False)

    def hit(self, target: float) -> Hit | None:
        """The hit of this target. A method that returned a point which the observer confirms has met the target at
        its return, even if no query did.
        """
        for hit in self.hits:
            if hit.target == target:
                return hit
        for run in (*self.parts, self):
            if target in run.targets and run.returned is not None and run.returned.merit <= target:
                return Hit(target, run.returned.queries, run.returned.rounds, run.returned.queries)
        return None

    @property
    def met(self) -> bool:
        """Whether the smallest target was met."""
        return self.hit(self.targets[-1]) is not None

    @property
    def verdict(self) -> str:
        """The outcome in a sentence."""
        text = self.status.sentence
        if self.status is Status.RETURNED:
            text += ", and its point meets the smallest target" if self.met else " before the smallest target was met"
        return text + (f": {self.message}" if self.message else "")

    def as_dict(self) -> dict[str, Any]:
        """Plain data with the documented names, for JSON and for the store."""
        return {
            "instance": self.instance,
            "method": self.method,
            "model": self.model,
            "engine": self.engine,
            "engine_reason": self.engine_reason,
            "status": str(self.status),
            "message": self.message,
            "verdict": self.verdict,
            "met": self.met,
            "targets": list(self.targets),
            "queries": self.queries,
            "value_queries": self.value_queries,
            "gradient_queries": self.gradient_queries,
            "hessian_queries": self.hessian_queries,
            "product_queries": self.product_queries,
            "rounds": self.rounds,
            "width": self.width,
            "dimension": self.dimension,
            "observed": self.observed,
            "best_merit": self.best_merit if math.isfinite(self.best_merit) else None,
            "hits": [hit_as_dict(hit) for hit in self.hits],
            "returned": measured_as_dict(self.returned),
            "proposed": measured_as_dict(self.proposed),
            "found": None if self.found is None else list(self.found),
            "numbers": {key: value for key, value in self.numbers.items() if isinstance(value, int | float | str)},
            "report": self.report,
            "seed": self.seed,
            "seconds": self.seconds,
        }


def hit_as_dict(hit: Hit) -> dict[str, Any]:
    """`{target, query, round, charged}`."""
    return {"target": hit.target, "query": hit.query, "round": hit.round, "charged": hit.charged}


def measured_as_dict(measured: Measured | None) -> dict[str, Any] | None:
    """`{point, value, merit, queries, rounds}`, or None."""
    if measured is None:
        return None
    return {
        "point": measured.point.tolist(),
        "value": measured.value,
        "merit": measured.merit,
        "queries": measured.queries,
        "rounds": measured.rounds,
    }
