"""The audit: every count of the ledger, recounted by a wrapper that knows nothing of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiments.results import Run
from experiments.runner import run
from hardinstances import carmon_chain, chained_rosenbrock, quadratic
from oracles import Algorithm, Array, Instance, from_callable

BUDGETS = (1, 2, 7, 60)
WIDTH = 5


@dataclass
class Recount:
    """Plain callables around a function, vectorised, that count what reaches them and note the gradient norms."""

    instance: Instance
    rounds: int = 0
    values: int = 0
    gradients: int = 0
    norms: list[Array] = field(default_factory=list)

    def _evaluate(self, points: Array) -> tuple[Array, Array]:
        everywhere = np.ones(len(points), dtype=bool)
        return self.instance.function.evaluate(np.ascontiguousarray(points), everywhere, everywhere)

    def joint(self, points: Array) -> tuple[Array, Array]:
        """Value and gradient: one call is one round."""
        self.rounds += 1
        self.values += len(points)
        values, gradients = self._evaluate(points)
        self.norms.append(np.linalg.norm(gradients, axis=1))
        return values, gradients

    def value(self, points: Array) -> Array:
        """Values alone."""
        self.values += len(points)
        return self._evaluate(points)[0]

    def gradient(self, points: Array) -> Array:
        """Gradients alone."""
        self.gradients += len(points)
        gradients = self._evaluate(points)[1]
        self.norms.append(np.linalg.norm(gradients, axis=1))
        return gradients


@dataclass(frozen=True)
class Finding:
    """One method on one instance with one budget: what the ledger says beside the recount; agree if all are equal."""

    method: str
    instance: str
    budget: int
    ledger: dict[str, int]
    recount: dict[str, int]

    @property
    def agrees(self) -> bool:
        """Whether every count is the same and the budget was kept."""
        return self.ledger == self.recount and self.ledger["queries"] <= self.budget


def audit(methods: Iterable[Algorithm]) -> Iterator[Finding]:
    """Recount `methods` on small instances under several budgets."""
    instances = (
        (carmon_chain(length=4, first_link=1.0), 1.0),
        (chained_rosenbrock(dimension=4), 0.1),
        (quadratic(dimension=3), 1e-3),
    )
    for method in methods:
        for instance, target in instances:
            for budget in BUDGETS:
                yield _recounted(method, instance, target, budget)


def _recounted(method: Algorithm, instance: Instance, target: float, budget: int) -> Finding:
    """The same run twice: asked jointly, for rounds, queries and the first hit; and asked apart, for orders."""
    together, apart = Recount(instance), Recount(instance)
    joint = _run(method, instance, target, budget, together.joint, None)
    split = _run(method, instance, target, budget, apart.value, apart.gradient)
    ledger = {
        "queries": joint.queries,
        "rounds": joint.rounds,
        "value_queries": split.value_queries,
        "gradient_queries": split.gradient_queries,
        "hit": joint.hits[0].query if joint.hits else 0,
    }
    recount = {
        "queries": together.values - joint.observed,
        "rounds": together.rounds - joint.observed,
        "value_queries": apart.values - split.observed,
        "gradient_queries": apart.gradients - split.observed,
        "hit": _first_hit(joint, together, split, apart, target),
    }
    return Finding(method.name, instance.name, budget, ledger, recount)


def _first_hit(joint: Run, together: Recount, split: Run, apart: Recount, target: float) -> int:
    """The first query whose gradient the method saw and whose norm meets the target; 0 if there is none."""
    seen = np.concatenate([np.zeros(0), *together.norms])[: joint.queries]  # a first round may not fit the budget
    if joint.gradient_queries == joint.queries:
        hits = np.flatnonzero(seen <= target)
        return int(hits[0]) + 1 if len(hits) else 0
    gradients = np.concatenate([*apart.norms, np.zeros(0)])[: split.gradient_queries]
    hits = np.flatnonzero(gradients <= target)
    return split.queries if len(hits) and hits[0] == len(gradients) - 1 else -1 if len(hits) else 0


def _run(method: Algorithm, instance: Instance, target: float, budget: int, fun: Any, jac: Any) -> Run:
    plain = from_callable(
        fun,
        jac,
        start=instance.start,
        vectorised=True,
        name=instance.name,
        smoothness=instance.claims.for_methods()["smoothness"],
        gap=instance.claims.value("gap"),
    )
    return run(method, plain, target=target, width=WIDTH, max_queries=budget)
