"""Oracles of a finite sum f = (f_1 + .. + f_n) / n that answer for one component at a time."""

import numpy as np

from oracles.arrays import Array, Ids
from oracles.draws import Draws
from oracles.errors import InputError
from oracles.functions import KernelFunction
from oracles.instances import FiniteSum, Instance
from oracles.kernels import answer_each
from oracles.models import Answer, ExactModel, Model, Request
from oracles.registry import oracle_model


class ComponentModel(Model):
    """Values and gradients of components; judged by the observer, on f. A sample is a component, 0 .. n - 1."""

    exact = False

    def __init__(
        self, instance: Instance, finite_sum: FiniteSum, width: int | None, rng: np.random.Generator, *, fresh: bool
    ) -> None:
        self._function = ExactModel(instance, width=width)
        self.dimension, self.width, self.domain = instance.dimension, width, instance.domain
        self._terms, self._kernels = finite_sum.terms, addresses(finite_sum)
        self.components = len(finite_sum.terms)
        self.numbers, self.tags = finite_sum.claims.defaults(), finite_sum.claims.tags()
        self.bounds, self.claims = finite_sum.bounds, finite_sum.claims
        self.draws: Draws = Draws(rng, fresh=fresh)

    def answer(self, request: Request) -> Answer:
        components, count = self._components(request), len(request.points)
        values, gradients = np.full(count, np.nan), np.full(request.points.shape, np.nan)
        if self._kernels is not None:
            kernels, parameters = self._kernels[:, components]
            answer_each(kernels, parameters, request.points, values, gradients)
            return Answer(values, gradients)
        order = np.argsort(components, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(components[order])) + 1):
            term = self._terms[components[rows[0]]]
            asked = (request.points[rows], request.values[rows], request.gradients[rows])
            values[rows], gradients[rows] = term.evaluate(*asked)
        return Answer(values, gradients)

    def truth(self, points: Array) -> Answer:
        return self._function.truth(points)

    def _components(self, request: Request) -> Ids:
        """The component of each query (K,): the one that it names, or one drawn uniformly."""
        if request.samples is not None:
            return request.samples
        drawn = [self.draws.at(sample).integers(len(self._terms)) for sample in self.draws.samples(request)]
        return np.array(drawn, dtype=np.int64)


def addresses(finite_sum: FiniteSum) -> Ids | None:
    """The addresses (2, n) of the components' kernels and of their parameters, where all of them are kernels."""
    terms = [term for term in finite_sum.terms if isinstance(term, KernelFunction)]
    if len(terms) < len(finite_sum.terms):
        return None
    return np.array([[term.kernel.address for term in terms], [term.parameters.ctypes.data for term in terms]])


@oracle_model()
def components(instance: Instance, width: int | None, rng: np.random.Generator, *, fresh: bool = True) -> Model:
    """A query is answered by one component: f_i(x) and its gradient. A full gradient costs n queries, which may be one
    round: the mean of `oracle.gradients([x, .., x], samples=[0, .., n - 1])`.

    A sample is a component; a query that names none is answered for one drawn uniformly, with replacement.
    fresh: whether the queries of a round that name no component draw one each, or share one.
    numbers: `components`, n, and what is claimed of the components, such as `mean_squared_smoothness`, the constant of
        the mean of |grad f_i(x) - grad f_i(y)|^2 <= L^2 |x - y|^2. bounds: those of the finite sum.
    Errors: `InputError` for an instance that does not come in components.
    """
    if instance.finite_sum is None:
        raise InputError(f"{instance.name} does not come in components: it is no finite sum")
    return ComponentModel(instance, instance.finite_sum, width, rng, fresh=fresh)
