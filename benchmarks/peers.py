"""Other libraries: what they take to count a query, and how fast automatic differentiation goes along the chain.

What counting costs is a counted call less a bare call of the same function, which is as cheap as functions are. The
libraries check and record different things; each is asked for what it counts, and so are we: values with gradients, or
values alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np

from benchmarks.chain import ours, published_chain, sample_points
from benchmarks.comparison import Build, Row, Unavailable, Yardstick, contest, measured
from benchmarks.differentiation import jax_chain, torch_chain
from benchmarks.effort import Effort
from benchmarks.goals import Faster, Ratio
from benchmarks.queries import half_square, open_oracle
from benchmarks.timing import Steady
from benchmarks.yardsticks import peer
from oracles import Array, Instance, from_callable

Call = Callable[[Array], object]
DIMENSIONS = (2, 1000)
_ONE = np.ones(1, dtype=bool)


@dataclass(frozen=True)
class Peer:
    """A library: `make(d)` is its counted call of |x|^2 / 2.

    gradients: whether that asks for the gradient, too. own_function: it asks a function of its own, which costs next
    to nothing, so that the whole call is taken for counting.
    """

    name: str
    make: Callable[[int], Call]
    gradients: bool = True
    own_function: bool = False


def rows(effort: Effort) -> Iterator[Row]:
    """What counting costs, and the chain by automatic differentiation."""
    for dimension in DIMENSIONS:
        yield from _counting(effort, dimension)
    yield from _differentiation(effort)


def _counting(effort: Effort, dimension: int) -> Iterator[Row]:
    """Ours less the bare function, beside theirs less the bare function."""
    builds = {"ours": _counted(dimension), "bare": lambda: _steady(half_square, dimension)}
    builds |= {"ours, values": _counted(dimension, False), "bare, values": lambda: _steady(value, dimension)}
    builds |= {one.name: _theirs(one, dimension) for one in PEERS}
    samples, notes = measured(effort.clock, builds)
    for one in PEERS:
        asked = "" if one.gradients else ", values"
        what = f"counting a query{' of the value' if asked else ''}, d = {dimension}"
        bare, ours = (samples[f"{side}{asked}"] for side in ("bare", "ours"))
        raw = {"ours": ours.turns, "bare": bare.turns}
        cost, theirs = ours.seconds - bare.seconds, samples.get(one.name)
        if theirs is None:
            yield Row(what, Ratio(), cost, one.name, note=notes[one.name], raw=raw)
        else:
            their_cost = theirs.seconds - (0.0 if one.own_function else bare.seconds)
            yield Row(what, Ratio(), cost, one.name, their_cost, raw=raw | {one.name: theirs.turns})


def _counted(dimension: int, gradients: bool = True) -> Build:
    def build() -> Steady:
        if gradients:
            oracle = open_oracle(from_callable(half_square, start=np.ones(dimension)))
            return _steady(oracle.value_and_gradient, dimension)
        oracle = open_oracle(from_callable(value, lambda x: x, start=np.ones(dimension)))
        return _steady(oracle.value, dimension)

    return build


def _theirs(one: Peer, dimension: int) -> Build:
    """Their call, tried once: what another library raises is no reason to stop."""

    def build() -> Steady:
        try:
            counted = one.make(dimension)
            counted(np.ones(dimension))
        except Unavailable:
            raise
        except Exception as error:
            raise Unavailable(f"{type(error).__name__}: {' '.join(str(error).split())[:60]}") from None
        return _steady(counted, dimension)

    return build


def _steady(call: Call, dimension: int) -> Steady:
    """The call at two points in turns, so that nobody remembers the last one."""
    points = cycle([np.full(dimension, 1.0), np.full(dimension, 1.5)])
    return Steady(lambda: call(next(points)))


def value(x: Array) -> float:
    """|x|^2 / 2 alone."""
    return 0.5 * float(x @ x)


def _differentiation(effort: Effort) -> Iterator[Row]:
    """Value and gradient of the chain, against JAX and PyTorch; wall time, as they keep threads."""
    for length in effort.pick((100, 1000, 10_000), (1000,)):
        chain, points = published_chain(length), sample_points(length)
        yardsticks = [
            Yardstick("jax, jit", Faster(), automatic(jax_chain, chain, points[0])),
            Yardstick("torch, one thread", Faster(), automatic(torch_chain, chain, points[0])),
        ]
        yield from contest(effort.clock.wall(), f"chain, T = {length:,}", ours(chain, points), yardsticks)


def automatic(make: Callable[[Array], Callable[[], Any]], chain: Instance, x: Array) -> Build:
    """Another library's value and gradient, if they are those of the chain."""

    def build() -> Steady:
        call = make(x)
        value, gradient = (np.asarray(one) for one in call())
        own_value, own_gradient = (one[0] for one in chain.function.evaluate(x[None], _ONE, _ONE))
        if not (np.isclose(value, own_value, rtol=1e-10) and np.allclose(gradient, own_gradient, rtol=0, atol=1e-10)):
            raise Unavailable("computes something else")
        return Steady(call)

    return build


# The libraries.


def _scipy(dimension: int) -> Call:
    """What the methods of `scipy.optimize.minimize` ask; with a joint function, `jac=True`, it takes longer."""
    from scipy.optimize._differentiable_functions import ScalarFunction

    start, sides = np.zeros(dimension), (-np.inf, np.inf)
    counting = ScalarFunction(value, start, (), lambda x: x, "2-point", None, sides)
    return counting.fun_and_grad


def _pygmo(dimension: int) -> Call:
    """A problem with fitness and gradient."""

    class Half:
        def fitness(self, x: Array) -> list[float]:
            return [value(x)]

        def gradient(self, x: Array) -> Array:
            return x

        def get_bounds(self) -> tuple[list[float], list[float]]:
            return [-10.0] * dimension, [10.0] * dimension

    problem = peer("pygmo").problem(Half())
    return lambda x: (problem.fitness(x), problem.gradient(x))


def _ioh(dimension: int) -> Call:
    ioh = peer("ioh")
    return ioh.wrap_problem(value, name=f"half_square_{dimension}", dimension=dimension, lb=-10, ub=10)


def _optimagic(dimension: int) -> Call:
    """What a method of one's own is handed."""
    om = peer("optimagic")
    algorithm, scalar = peer("optimagic.optimization.algorithm"), peer("optimagic.typing").AggregationLevel.SCALAR
    handed: list[Any] = []

    @om.mark.minimizer(
        name="catcher",
        solver_type=scalar,
        is_available=True,
        is_global=False,
        needs_jac=True,
        needs_hess=False,
        needs_bounds=False,
        supports_parallelism=False,
        supports_bounds=False,
        supports_infinite_bounds=False,
        supports_linear_constraints=False,
        supports_nonlinear_constraints=False,
        disable_history=False,
    )
    @dataclass(frozen=True)
    class Catcher(algorithm.Algorithm):  # type: ignore[misc, name-defined]
        def _solve_internal_problem(self, problem: Any, x0: Array) -> Any:
            handed.append(problem)
            return algorithm.InternalOptimizeResult(x=x0, fun=value(x0))

    om.minimize(value, np.ones(dimension), algorithm=Catcher, jac=lambda x: x, fun_and_jac=half_square)
    return handed[0].fun_and_jac


def _nevergrad(dimension: int) -> Call:
    """Its cheapest method: ask, evaluate, tell; it chooses the points itself."""
    optimizer = peer("nevergrad").optimizers.RandomSearch(parametrization=dimension, budget=10**9)

    def counted(x: Array) -> None:
        candidate = optimizer.ask()
        optimizer.tell(candidate, value(candidate.value))

    return counted


def _optiprofiler(dimension: int) -> Call:
    library = peer("optiprofiler")
    problem = library.Problem(value, np.ones(dimension))
    return library.FeaturedProblem(problem, library.Feature("plain"), 10**9, 0).fun


def _coco(dimension: int) -> Call:
    """Its own sphere, in C; it asks no function of ours. The largest dimension is 640."""
    name, dimension = ("bbob", dimension) if dimension <= 40 else ("bbob-largescale", 640)
    suite = peer("cocoex").Suite(name, "", f"dimensions:{dimension} function_indices:1 instance_indices:1")
    problem = suite[0]
    points = {True: np.full(dimension, 1.0), False: np.full(dimension, 1.5)}
    return lambda x: problem(points[bool(x[0] == 1.0)])


PEERS = (
    Peer("scipy.optimize", _scipy),
    Peer("pygmo", _pygmo),
    Peer("optimagic", _optimagic),
    Peer("ioh", _ioh, gradients=False),
    Peer("nevergrad", _nevergrad, gradients=False),
    Peer("optiprofiler", _optiprofiler, gradients=False),
    Peer("COCO, its own sphere", _coco, gradients=False, own_function=True),
)
